"""One day of SMAP L3 as NSIDC distributes it: HDF5 with a group per overpass and no coordinates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import xarray as xr

from local_core.gridded.coordinates import SPATIAL_REF
from local_core.gridded.products import LocalProductError

GROUPS = {"am": "Soil_Moisture_Retrieval_Data_AM", "pm": "Soil_Moisture_Retrieval_Data_PM"}

EASE2_GLOBAL = 6933
"""EPSG code of the global EASE-Grid 2.0."""

EASE2_HALF_WIDTH_M = 17367530.445161516
"""Distance from its middle to its western edge, m."""

_SHAPES = {(1624, 3856): "9 km", (406, 964): "36 km"}
_FILL = -9999.0
_FLAGS = ("retrieval_qual_flag", "tb_qual_flag_h", "tb_qual_flag_v")


def is_granule(path: Path) -> bool:
    """Return whether a file looks like SMAP L3 of NSIDC, by its ending."""
    return path.suffix.lower() in (".h5", ".hdf5", ".he5")


def open_granule(path: Path) -> xr.Dataset:
    """Open both overpasses of one day lazily, on the grid they are defined on.

    Parameters
    ----------
    path : Path
        SPL3SMP or SPL3SMP_E.

    Returns
    -------
    Dataset (y, x)
        Variables of the morning with ``_am``, those of the evening with ``_pm`` at the end, and
        the x and y of EASE-Grid 2.0 in m.

    Raises
    ------
    LocalProductError
        If the groups are not there or the shape is none of the global grids'.
    """
    parts: list[xr.Dataset] = []
    for half, group in GROUPS.items():
        try:
            part = xr.open_dataset(path, group=group, engine="netcdf4", chunks={})
        except (OSError, KeyError) as error:
            raise LocalProductError(
                f"{path}: no group {group}; expected SPL3SMP or SPL3SMP_E as NSIDC distributes it "
                f"({error})"
            ) from error
        flat = [str(n) for n, a in part.data_vars.items() if a.ndim == 2]
        # The evening's variables carry the overpass in their names, the morning's do not.
        absent = [n for n in _FLAGS if not {n, f"{n}_{half}"} & set(flat)]
        if absent:
            raise LocalProductError(
                f"{path}: {group} has no {' and no '.join(absent)}, which say what is good; give "
                "the whole file"
            )
        names = {n: n if n.endswith(f"_{half}") else f"{n}_{half}" for n in flat}
        renamed = part[flat].reset_coords(drop=True).rename_vars(names)
        parts.append(renamed.rename(dict(zip(_dimensions(renamed, path), ("y", "x")))))
    dataset = xr.merge(parts, compat="override", join="exact")
    shape = (dataset.sizes["y"], dataset.sizes["x"])
    if shape not in _SHAPES:
        raise LocalProductError(
            f"{path}: {shape[0]} by {shape[1]} pixels; expected a global EASE-Grid 2.0 of "
            + " or ".join(f"{r} by {c} ({name})" for (r, c), name in _SHAPES.items())
        )
    size = 2 * EASE2_HALF_WIDTH_M / shape[1]
    x = (np.arange(shape[1]) + 0.5) * size - EASE2_HALF_WIDTH_M
    y = (shape[0] / 2 - np.arange(shape[0]) - 0.5) * size
    crs = pyproj.CRS.from_epsg(EASE2_GLOBAL)
    return dataset.assign_coords(
        y=("y", y, {"standard_name": "projection_y_coordinate", "units": "m"}),
        x=("x", x, {"standard_name": "projection_x_coordinate", "units": "m"}),
        **{SPATIAL_REF: ((), np.int32(0), crs.to_cf())},
    ).where(lambda d: d != _FILL)


def _dimensions(part: xr.Dataset, path: Path) -> tuple[str, str]:
    shapes = {array.dims for array in part.data_vars.values()}
    if len(shapes) != 1:
        raise LocalProductError(
            f"{path}: variables of dimensions {', '.join(map(str, sorted(map(str, shapes))))}; "
            "expected one pair of rows and columns"
        )
    rows, columns = shapes.pop()
    return str(rows), str(columns)


def with_daily_mean(dataset: xr.Dataset) -> xr.Dataset:
    """Add ``soil_moisture``: the mean of the overpasses that are valid.

    Parameters
    ----------
    dataset : Dataset
        With ``soil_moisture_am`` and ``soil_moisture_pm``.
    """
    am, pm = dataset["soil_moisture_am"], dataset["soil_moisture_pm"]
    mean = ((am + pm) / 2).fillna(am).fillna(pm)
    return dataset.assign(soil_moisture=mean.assign_attrs(units="m3 m-3"))
