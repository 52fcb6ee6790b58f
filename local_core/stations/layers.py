"""From sensors at single depths to the layers of a model: Chang et al. (2022), eq. 3.

The profile is interpolated linearly between the uppermost and the deepest sensor at 1 cm, and a
layer from l1 to ln cm takes

    ((u - l1) SM_u + sum_{i=u..d} SM_i + (ln - d) SM_d) / (ln - l1 + 1)

where u and d are the uppermost and deepest centimetre of the profile inside the layer: the
uncovered ends repeat the nearest covered value. Both l1 and ln are counted, so neighbouring layers
share one centimetre; that is the paper's arithmetic and is kept.

A layer the profile does not reach has no value by eq. 3. Table II of the paper nevertheless has
0-7 cm values for QT01, QT08 and Ch06, whose uppermost sensor is at 10 cm (and none for ZNH, whose
uppermost sensor is at 10 cm as well). ``reach_cm=3`` reproduces the former: a layer takes the
profile's end value if it misses the layer by no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from local_core.stations.status import LayerStatus
from local_core.status_flags import flag_attributes


@dataclass(frozen=True)
class Layer:
    """A soil layer from ``top_cm`` to ``bottom_cm`` below the surface."""

    top_cm: int
    bottom_cm: int

    def __post_init__(self) -> None:
        """Check the order of the limits."""
        if not 0 <= self.top_cm < self.bottom_cm:
            raise ValueError(
                f"layer from {self.top_cm} to {self.bottom_cm} cm; expected whole centimetres with "
                "0 <= top < bottom"
            )

    @property
    def label(self) -> str:
        """Name of the layer as in the paper's tables: ``"0-7"``."""
        return f"{self.top_cm}-{self.bottom_cm}"


#: Soil layers of models, in cm.
LAYER_SETS: dict[str, tuple[Layer, ...]] = {
    "era5-land": (Layer(0, 7), Layer(7, 28), Layer(28, 100), Layer(100, 289)),
    "gldas": (Layer(0, 10), Layer(10, 40), Layer(40, 100), Layer(100, 200)),
    "merra2": (Layer(0, 5), Layer(0, 100)),
    "smap-l4": (Layer(0, 5), Layer(0, 100)),
}


def parse_layers(text: str) -> tuple[Layer, ...]:
    """Read layers from a name or a list.

    Parameters
    ----------
    text : str
        ``"era5-land"``, ``"gldas"``, ``"merra2"``, ``"smap-l4"``, or limits in cm such as
        ``"0-7,7-28"``.

    Returns
    -------
    tuple of Layer

    Raises
    ------
    ValueError
        If the text is neither.

    Examples
    --------
    >>> [layer.label for layer in parse_layers("0-5,5-30")]
    ['0-5', '5-30']
    """
    if text.lower() in LAYER_SETS:
        return LAYER_SETS[text.lower()]
    layers = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*-\s*(\d+)\s*", part)
        if match is None:
            raise ValueError(
                f"layers {text!r} not understood; give {', '.join(LAYER_SETS)}, or limits in whole "
                "centimetres such as '0-7,7-28'"
            )
        layers.append(Layer(int(match[1]), int(match[2])))
    return tuple(layers)


def layer_weights(
    depth_cm: ArrayLike, layers: Sequence[Layer], *, reach_cm: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weight of each sensor in each layer's mean (eq. 3).

    Eq. 3 is linear in the sensors' values, so one matrix serves every day on which the same
    sensors are there.

    Parameters
    ----------
    depth_cm : array of int, shape (n_depth,)
        Distinct sensor depths in whole centimetres, in increasing order.
    layers : sequence of Layer, length n_layer
    reach_cm : int, optional
        Distance over which the profile's end value may stand for a layer it does not reach.

    Returns
    -------
    weights : array, shape (n_layer, n_depth)
        Rows sum to 1; NaN for a layer without value.
    covered : array, shape (n_layer,)
        Share of the layer's centimetres inside the profile, 0 to 1.

    Raises
    ------
    ValueError
        If the depths are not distinct and increasing.

    Examples
    --------
    >>> weights, covered = layer_weights([5, 10], [Layer(0, 7)])
    >>> weights.round(3).tolist(), covered.tolist()
    ([[0.925, 0.075]], [0.375])
    """
    depth = np.asarray(depth_cm, dtype=float)
    if depth.size and (np.diff(depth) <= 0).any():
        raise ValueError(
            f"sensor depths {depth.tolist()} cm; expected distinct, in increasing order"
        )
    if reach_cm < 0:
        raise ValueError(f"reach_cm={reach_cm}; expected a distance of 0 cm or more")
    weights = np.full((len(layers), depth.size), np.nan)
    covered = np.zeros(len(layers))
    if depth.size == 0:
        return weights, covered
    unit = np.eye(depth.size)
    first, last = int(np.ceil(depth[0])), int(np.floor(depth[-1]))
    for row, layer in enumerate(layers):
        levels = np.arange(layer.top_cm, layer.bottom_cm + 1)
        inside = (levels >= first) & (levels <= last)
        gap = max(first - layer.bottom_cm, layer.top_cm - last)
        if not inside.any() and not 0 < gap <= reach_cm:
            continue
        # To repeat the covered ends over the uncovered part is to clamp the profile.
        clamped = np.clip(levels, first, last)
        profile = np.stack([np.interp(clamped, depth, one) for one in unit])
        weights[row] = profile.mean(axis=1)
        covered[row] = inside.mean()
    return weights, covered


def layer_means(
    value: ArrayLike, depth_cm: ArrayLike, layers: Sequence[Layer], *, reach_cm: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """Average a station's sensors over layers, day by day.

    On a day without one of the sensors the profile is interpolated between those that remain, and
    the layer is marked if that changes its value.

    Parameters
    ----------
    value : array, shape (n_depth, time)
        Daily means of the sensors; NaN where missing.
    depth_cm : array of int, shape (n_depth,)
        In increasing order.
    layers : sequence of Layer, length n_layer
    reach_cm : int, optional
        As in :func:`layer_weights`.

    Returns
    -------
    mean : array, shape (n_layer, time)
    covered : array, shape (n_layer, time)
        Share of the layer inside that day's profile.
    status : array of int8, shape (n_layer, time)
        Values of :class:`~local_core.stations.status.LayerStatus`.

    Examples
    --------
    >>> mean, covered, status = layer_means([[0.2, 0.2], [0.4, np.nan]], [5, 25], [Layer(7, 28)])
    >>> mean.round(4).tolist(), status.tolist()
    ([[0.3223, nan]], [[1, 4]])
    """
    series = np.asarray(value, dtype=float)
    depth = np.asarray(depth_cm)
    mean = np.full((len(layers), series.shape[-1]), np.nan)
    covered = np.zeros_like(mean)
    status = np.full(mean.shape, LayerStatus.NO_VALUE, dtype=np.int8)
    present = np.isfinite(series)
    ever = present.any(axis=1)
    usual_weights, _ = _weights_of(depth, ever, layers, reach_cm)
    patterns, which = np.unique(present, axis=1, return_inverse=True)
    for index in range(patterns.shape[1]):
        there = patterns[:, index]
        days = which.reshape(-1) == index
        weights, share = _weights_of(depth, there, layers, reach_cm)
        known = np.isfinite(weights).all(axis=1)
        mean[np.ix_(known, days)] = weights[known] @ np.where(there[:, None], series[:, days], 0.0)
        covered[:, days] = share[:, None]
        state = np.where(share >= 1, LayerStatus.COVERED, LayerStatus.PARTLY_COVERED)
        state[share == 0] = LayerStatus.BEYOND_PROFILE
        lacking = ~np.isclose(weights, usual_weights, equal_nan=True).all(axis=1)
        state[lacking] = LayerStatus.SENSOR_MISSING
        state[~known] = LayerStatus.NO_VALUE
        status[:, days] = state[:, None]
    return mean, covered, status


def _weights_of(
    depth: NDArray[np.int64], there: NDArray[np.bool_], layers: Sequence[Layer], reach_cm: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights over all depths when only some sensors are there; those absent weigh nothing."""
    some, covered = layer_weights(depth[there], layers, reach_cm=reach_cm)
    weights = np.zeros((len(layers), depth.size))
    weights[:, there] = some
    weights[np.isnan(some).any(axis=1) | (not there.any())] = np.nan
    return weights, covered


def to_layers(
    soil_moisture: xr.DataArray, layers: Sequence[Layer], *, reach_cm: int = 0
) -> xr.Dataset:
    """Average stations with sensors at many depths over layers (eq. 3).

    Parameters
    ----------
    soil_moisture : DataArray (station, depth, time) or (depth, time)
        Daily values with the sensor depths [m] as the coordinate ``depth``.
    layers : sequence of Layer
    reach_cm : int, optional
        As in :func:`layer_weights`.

    Returns
    -------
    Dataset (..., layer, time)
        ``soil_moisture``, ``covered_fraction`` and ``layer_status``, with the coordinates
        ``layer`` (label in cm), ``layer_top`` and ``layer_bottom`` [m].

    Examples
    --------
    >>> profile = xr.DataArray([[0.1], [0.3]], dims=("depth", "time"), coords={"depth": [0.0, 0.1]})
    >>> to_layers(profile, parse_layers("0-10")).soil_moisture.item()
    0.2
    """
    depth_cm = np.rint(soil_moisture["depth"].to_numpy() * 100).astype(int)
    mean, covered, status = xr.apply_ufunc(
        layer_means,
        soil_moisture.sortby("depth"),
        kwargs={"depth_cm": np.sort(depth_cm), "layers": tuple(layers), "reach_cm": reach_cm},
        input_core_dims=[["depth", "time"]],
        output_core_dims=[["layer", "time"]] * 3,
        vectorize=True,
    )
    result = xr.Dataset(
        {
            "soil_moisture": mean,
            "covered_fraction": covered,
            "layer_status": status.astype(np.int8),
        },
        coords={
            "layer": [layer.label for layer in layers],
            "layer_top": ("layer", [layer.top_cm / 100 for layer in layers]),
            "layer_bottom": ("layer", [layer.bottom_cm / 100 for layer in layers]),
        },
    )
    result["soil_moisture"].attrs = {
        **soil_moisture.attrs,
        "cell_methods": "time: mean layer: mean",
        "ancillary_variables": "covered_fraction layer_status",
    }
    result["covered_fraction"].attrs = {
        "long_name": "share of the layer inside the measured profile",
        "units": "1",
    }
    result["layer_status"].attrs = flag_attributes(LayerStatus, "cover of the layer by sensors")
    result["layer"].attrs = {"long_name": "soil layer, limits in cm below the surface"}
    for name in ("layer_top", "layer_bottom"):
        result[name].attrs = {"units": "m", "positive": "down"}
    return result
