"""Regional correction: one fit a vegetation type, applied to a whole grid in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from sklearn.base import clone

from local_core.bias_correction.correction_run import paired
from local_core.bias_correction.corrector import BiasCorrector, ReanalysisDays
from local_core.bias_correction.time_axis import days_since


def fit_vegetation_types(
    corrector: BiasCorrector,
    reanalysis: xr.DataArray,
    in_situ: xr.DataArray,
    *,
    vegetation_type: Sequence[str] | xr.DataArray,
    leave_out: Sequence[str] = (),
    frozen_model: xr.DataArray | None = None,
) -> BiasCorrector:
    """Fit a correction for each vegetation type, pooled over its sites.

    Parameters
    ----------
    corrector : BiasCorrector
        Method and settings; it is cloned, not changed.
    reanalysis, in_situ : DataArray (station, layer, time)
        Daily soil moisture [m3 m-3] at the stations.
    vegetation_type : sequence of str or DataArray (station,)
        Type of each station; stations with "" are left out.
    leave_out : sequence of str, optional
        Stations not to use.
    frozen_model : DataArray (station, layer, time), optional
        State of the soil by the reanalysis' own temperature.

    Returns
    -------
    BiasCorrector
        Fitted, with the parameters over ``vegetation_type`` and ``layer``.

    Raises
    ------
    ValueError
        If no station has a type.
    """
    type_of = dict(
        zip(
            (str(name) for name in in_situ["station"].values),
            np.asarray(vegetation_type, dtype=str),
            strict=True,
        )
    )
    dataset = paired(reanalysis, in_situ, None)
    stations = [str(name) for name in dataset["station"].values if str(name) not in leave_out]
    types = sorted({type_of[name] for name in stations} - {""})
    if not types:
        raise ValueError("no station has a vegetation type; give them, e.g. by a table of sites")
    fits = []
    for kind in types:
        sites = [name for name in stations if type_of[name] == kind]
        fits.append(
            clone(corrector).fit(
                dataset["initial"].sel(station=sites),
                dataset["in_situ"].sel(station=sites),
                frozen=None if frozen_model is None else frozen_model.sel(station=sites),
                pool="station",
            )
        )
    result = clone(corrector)
    along = xr.DataArray(types, dims="vegetation_type", name="vegetation_type")
    for name in ("parameters_", "status_", "n_days_"):
        pieces = [getattr(fit, name) for fit in fits]
        joined = xr.concat(pieces, along, coords="minimal", compat="override")
        setattr(result, name, joined.assign_attrs(pieces[0].attrs))
    return result


def regional_correction(
    fitted: BiasCorrector,
    reanalysis: xr.DataArray,
    vegetation: xr.DataArray,
    *,
    classes: Mapping[int, str] | None = None,
    frozen: xr.DataArray | None = None,
) -> xr.DataArray:
    """Correct a grid by the fit of each pixel's vegetation type.

    Parameters
    ----------
    fitted : BiasCorrector
        From :func:`fit_vegetation_types`.
    reanalysis : DataArray (layer, time, y, x)
        Daily soil moisture [m3 m-3]; any names and order of the two horizontal dimensions, in
        memory or chunked. Chunked grids are corrected lazily, chunk by chunk.
    vegetation : DataArray (y, x)
        Type of each pixel on the same grid: names, or numbers explained by ``classes`` or by the
        CF attributes ``flag_values`` and ``flag_meanings`` (in which names have ``_`` for blanks).
    classes : mapping of int to str, optional
        Number to type.
    frozen : DataArray (layer, time, y, x), optional
        State of the soil by the reanalysis' own temperature.

    Returns
    -------
    DataArray (layer, time, y, x)
        NaN where a pixel's type was not fitted.

    Raises
    ------
    ValueError
        If grids differ, layers are not those of the fit, or the classes are not explained.

    Notes
    -----
    Chunks of any shape give the same result; a method with ``anomaly_term`` joins chunks in time,
    because the departures it scales are counted from each pixel's own annual cycle.

    Examples
    --------
    >>> from local_core.bias_correction.harmonic_corrector import HarmonicBiasCorrector
    >>> from local_core.synthetic.stations import synthetic_stations
    >>> network = synthetic_stations(seed=1, n_years=4, stations_per_type=2)
    >>> model, truth = network.reanalysis.soil_moisture, network.truth.layer_soil_moisture
    >>> fitted = fit_vegetation_types(HarmonicBiasCorrector(), model, truth,
    ...                               vegetation_type=network.stations.vegetation_type)
    >>> grid = model.isel(station=[0, 2, 4]).rename(station="x").expand_dims("y")
    >>> grid = grid.drop_vars(["x", "vegetation_type"])
    >>> kinds = xr.DataArray([sorted(fitted.parameters_.vegetation_type.values)], dims=("y", "x"))
    >>> regional_correction(fitted, grid, kinds).sizes == grid.sizes
    True
    """
    horizontal = [dim for dim in reanalysis.dims if dim not in ("layer", "time")]
    if "layer" not in reanalysis.dims or "time" not in reanalysis.dims or len(horizontal) != 2:
        raise ValueError(
            f"reanalysis has dimensions {reanalysis.dims}; expected layer, time and two of space"
        )
    if set(vegetation.dims) != set(horizontal):
        raise ValueError(
            f"the vegetation map has dimensions {vegetation.dims}; expected {tuple(horizontal)}"
        )
    layers = [str(layer) for layer in reanalysis["layer"].values]
    known = [str(layer) for layer in fitted.parameters_["layer"].values]
    if not set(layers) <= set(known):
        raise ValueError(f"the grid has layers {', '.join(layers)}; the fit has {', '.join(known)}")
    types = [str(kind) for kind in fitted.parameters_["vegetation_type"].values]
    code = _type_index(vegetation, types, classes)
    # One set of parameters a type and layer, and one more without any for unknown types.
    table = fitted.parameters_.sel(layer=layers).transpose("vegetation_type", "layer", "parameter")
    parameters = np.concatenate([table.values, np.full((1, *table.shape[1:]), np.nan)], axis=0)
    days = xr.DataArray(
        days_since(reanalysis["time"].values, fitted.time_origin),
        dims="time",
        coords={"time": reanalysis["time"]},
    )
    layer_index = xr.DataArray(np.arange(len(layers)), dims="layer", coords={"layer": layers})
    order = ("layer", "time", *horizontal)
    moisture = reanalysis.transpose(*order)
    state = xr.zeros_like(days) if frozen is None else (frozen == 1).transpose(*order)
    if fitted.uses_frozen and frozen is None:
        raise ValueError("this correction was fitted with the state of the soil; pass frozen=")
    if moisture.chunks is not None:
        if fitted.uses_whole_series:
            moisture = moisture.chunk(time=-1)
        chunks = dict(zip(moisture.dims, moisture.chunks))
        code = code.chunk({dim: chunks[dim] for dim in horizontal})
        days, layer_index = (
            days.chunk(time=chunks["time"]),
            layer_index.chunk(layer=chunks["layer"]),
        )
        state = state.chunk({dim: chunks[dim] for dim in state.dims})
    corrected = xr.apply_ufunc(
        _correct_block,
        moisture,
        code,
        days,
        layer_index,
        state,
        kwargs={"fitted": fitted, "parameters": parameters},
        dask="parallelized",
        output_dtypes=[moisture.dtype],
        join="exact",
    )
    corrected.attrs = {**reanalysis.attrs, "bias_correction": fitted.method}
    return corrected.transpose(*reanalysis.dims).rename(reanalysis.name)


def _correct_block(
    moisture: NDArray[np.floating],
    code: NDArray[np.int64],
    days: NDArray[np.float64],
    layer_index: NDArray[np.int64],
    state: NDArray[np.float64],
    *,
    fitted: BiasCorrector,
    parameters: NDArray[np.float64],
) -> NDArray[np.floating]:
    """Correct a block (layer, time, y, x); the other arrays are broadcast against it."""
    result = np.full(moisture.shape, np.nan, dtype=moisture.dtype)
    if moisture.size == 0:
        return result
    where = np.broadcast_to(code, (1, 1, *moisture.shape[2:]))[0, 0]
    layers = np.broadcast_to(layer_index, (moisture.shape[0], 1, 1, 1))[:, 0, 0, 0]
    day = np.broadcast_to(days, (1, moisture.shape[1], 1, 1))[0, :, 0, 0]
    frozen = np.broadcast_to(state, moisture.shape)
    thawed = np.zeros((1, 1))
    # Row by row, because what a method makes on the way is several times its input in float64.
    for y in range(moisture.shape[2]):
        for kind in np.unique(where[y]):
            inside = np.flatnonzero(where[y] == kind)
            for row, layer in enumerate(layers):
                one = parameters[kind, layer]
                if not np.isfinite(one).any():
                    continue
                # Time runs last inside a method, so that days broadcast by themselves.
                series = moisture[row, :, y, :][:, inside].T.astype(float)
                frost = thawed
                if fitted.uses_frozen:
                    frost = frozen[row, :, y, :][:, inside].T.astype(float)
                seen = ReanalysisDays(series, day, frost, fitted.anomaly_values(series, day))
                result[row, :, y, inside] = fitted.predict_values(seen, one)
    return result


def _type_index(
    vegetation: xr.DataArray, types: Sequence[str], classes: Mapping[int, str] | None
) -> xr.DataArray:
    """Replace types by their place in the fit; unknown ones come after the last."""
    number_of = {kind: index for index, kind in enumerate(types)}
    missing = len(types)
    if vegetation.dtype.kind in "UOS":
        names = vegetation.astype(str)
        index = np.full(vegetation.shape, missing, dtype=np.int64)
        for kind, number in number_of.items():
            index[names.values == kind] = number
        return vegetation.copy(data=index)
    if classes is None:
        classes = _flag_classes(vegetation, types)
    used = {value: number_of[kind] for value, kind in classes.items() if kind in number_of}
    if not used:
        raise ValueError(
            f"the map's classes ({', '.join(classes.values())}) have no fitted type "
            f"({', '.join(types)}); say which number is which type"
        )
    index = np.full(vegetation.shape, missing, dtype=np.int64)
    values = vegetation.values
    for value, number in used.items():
        index[values == value] = number
    return vegetation.copy(data=index)


def _flag_classes(vegetation: xr.DataArray, types: Sequence[str]) -> dict[int, str]:
    meanings = str(vegetation.attrs.get("flag_meanings", "")).split()
    values = np.atleast_1d(vegetation.attrs.get("flag_values", []))
    if not meanings or len(meanings) != values.size:
        raise ValueError(
            "the vegetation map holds numbers without flag_values and flag_meanings; say which "
            f"number is which type, e.g. 1={types[0]}"
        )
    spelled = {kind.replace(" ", "_"): kind for kind in types}
    return {int(value): spelled.get(name, name) for value, name in zip(values, meanings)}
