"""A station Dataset on model layers instead of sensor depths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from local_core.stations.layers import Layer, to_layers
from local_core.stations.status import SoilState
from local_core.status_flags import flag_attributes


def layered_stations(
    dataset: xr.Dataset, layers: Sequence[Layer], *, reach_cm: int = 0, min_cover: float = 0.0
) -> xr.Dataset:
    """Average moisture, temperature and freeze/thaw state of stations over layers.

    Parameters
    ----------
    dataset : Dataset (station, depth, time)
        From :func:`~local_core.stations.station_dataset.station_dataset`.
    layers : sequence of Layer
        Such as :data:`~local_core.stations.layers.LAYER_SETS` ``["era5-land"]``.
    reach_cm : int, optional
        As in :func:`~local_core.stations.layers.layer_weights`.
    min_cover : float, optional
        Smallest share of a layer the sensors must cover; 0 is the paper's eq. 3, which accepts
        any cover.

    Returns
    -------
    Dataset (station, layer, time)
        ``soil_moisture``, ``covered_fraction``, ``layer_status``, ``soil_temperature`` and
        ``frozen``: a layer is frozen where more than half of it, by the weights of eq. 3, is.

    Examples
    --------
    >>> from local_core.stations.layers import parse_layers
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=1, stations_per_type=1)
    >>> layered_stations(network.stations, parse_layers("0-7,7-28")).soil_moisture.dims
    ('station', 'layer', 'time')
    """
    if not 0 <= min_cover <= 1:
        raise ValueError(f"min_cover={min_cover}; expected a share from 0 to 1")
    result = to_layers(dataset["soil_moisture"], layers, reach_cm=reach_cm)
    thin = result["covered_fraction"] < min_cover
    result["soil_moisture"] = result["soil_moisture"].where(~thin)
    temperature = to_layers(dataset["soil_temperature"], layers, reach_cm=reach_cm)
    result["soil_temperature"] = temperature["soil_moisture"].assign_attrs(
        dataset["soil_temperature"].attrs
    )
    state = dataset["frozen"].astype(float)
    state = state.where(state >= 0)
    share = to_layers(state, layers, reach_cm=reach_cm)["soil_moisture"]
    frozen = xr.where(
        share.isnull(), SoilState.UNKNOWN, xr.where(share > 0.5, SoilState.FROZEN, SoilState.THAWED)
    )
    result["frozen"] = frozen.astype(np.int8).assign_attrs(
        flag_attributes(SoilState, "freeze/thaw state of the layer")
    )
    result = result.transpose("station", "layer", "time", ...)
    result.attrs = {**dataset.attrs, "layers_cm": ", ".join(layer.label for layer in layers)}
    return result
