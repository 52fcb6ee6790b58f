"""What a pulled Dataset says of itself, by the CF conventions."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import ee
import numpy as np
import pyproj
import xarray as xr

import gee_sm
from gee_sm.catalog.product import Product
from gee_sm.composites.temporal import COUNT_SUFFIX
from gee_sm.pull.engine import Engine
from gee_sm.pull.pixel_grid import PixelGrid, Window
from gee_sm.pull.product_images import ProductRequest
from gee_sm.pull.time_axis import DAY_MS, TimeAxis
from local_core.gridded.coordinates import within_180

__all__ = [
    "add_grid_mapping",
    "add_places",
    "add_time",
    "global_attributes",
    "variable_attributes",
]

_STANDARD_NAMES = (
    (r"soil_moisture(?!_uncertainty)", "volume_fraction_of_condensed_water_in_soil"),
    (r"soil_temperature", "soil_temperature"),
    (r"temperature_2m$", "air_temperature"),
    (r"precipitation$", "lwe_thickness_of_precipitation_amount"),
    (r"snow_water_equivalent$", "lwe_thickness_of_surface_snow_amount"),
    (r"lst_(day|night)$", "surface_temperature"),
    (r"lst_view_angle", "sensor_zenith_angle"),
    (r"tb_[hv]_", "brightness_temperature"),
    (r"ndvi$", "normalized_difference_vegetation_index"),
    (r"lai$", "leaf_area_index"),
    (r"elevation$", "surface_altitude"),
    (r"slope$", "ground_slope_angle"),
    (r"aspect$", "ground_slope_direction"),
)
_CF_UNITS = {"class": "1", "bit mask": "1", "day of year": "1"}
_DEPTHS = re.compile(r"_(\d+)_(\d+)cm$")
_OVER_TIME = {"state": "time: mean", "total": "time: sum", "class": "time: mode"}


def variable_attributes(
    product: Product, name: str, *, step: str | None, area: str
) -> dict[str, Any]:
    """Return the attributes of one band.

    Parameters
    ----------
    product : Product
        The product.
    name : str
        The band.
    step : str or None
        Length of composites; None for the product's own images.
    area : str
        How pixels became one value, as in cell_methods; empty where they did not.
    """
    variable = product.variable(name)
    title = _DEPTHS.sub(r" \1-\2 cm", variable.name).replace("_", " ")
    more = variable.description and variable.description not in title
    told = f"{title}, {variable.description}" if more else title
    found = {"long_name": told, "units": _CF_UNITS.get(variable.unit, variable.unit)}
    if variable.unit in _CF_UNITS:
        found["comment"] = variable.unit
    for pattern, standard_name in _STANDARD_NAMES:
        if re.match(pattern, name):
            found["standard_name"] = standard_name
            break
    methods = []
    if step is not None:
        methods.append(_OVER_TIME.get(variable.kind, "time: mean"))
    elif variable.kind == "total":
        methods.append("time: sum")
    elif _steps_end_at_their_times(product):
        methods.append("time: mean" if variable.stamped_at_end else "time: point")
    if area:
        methods.append(f"area: {area}")
    if methods:
        found["cell_methods"] = " ".join(methods)
    others = ["status"]
    if step is not None:
        others.append(f"{variable.name}{COUNT_SUFFIX}")
    found["ancillary_variables"] = " ".join(others)
    return found


def global_attributes(
    request: ProductRequest, engine: Engine, *, graph_sha256: str, told: str
) -> dict[str, Any]:
    """Return the attributes of the file.

    Parameters
    ----------
    request : ProductRequest
        What was asked for.
    engine : Engine
        What answered.
    graph_sha256 : str
        Hash of the expressions behind the values.
    told : str
        The call, in words, for the history.
    """
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rule = request.product.quality
    found: dict[str, Any] = {
        "Conventions": "CF-1.11",
        "title": request.product.title,
        "product": request.product.name,
        "source": ", ".join(request.source_ids),
        "quality": request.quality,
        "quality_rule": "none" if request.quality == "none" else rule,
        "engine": engine.label,
        "client": f"earthengine-api {ee.__version__}",
        "graph_sha256": graph_sha256,
        "gee_sm_version": gee_sm.__version__,
        "history": f"{now} gee-sm {gee_sm.__version__}: {told}",
    }
    if not request.product.is_static:
        found["time_coverage_start"] = str(request.start)
        found["time_coverage_end"] = str(request.end)
    if request.step is not None:
        found["step"] = request.step
    return found


def add_time(
    dataset: xr.Dataset, axis: TimeAxis, product: Product | None, *, step: str | None
) -> xr.Dataset:
    """Add the times, each the start of its step, and their bounds.

    Where a product sums up to its times (GLDAS), its own steps end at them, and states are of the
    moment: CF has one pair of bounds for all that shares a time, and this one is true of both.
    """
    encoding = {"units": "hours since 1970-01-01", "calendar": "standard", "dtype": "int32"}
    bounds, told = axis.bounds, "start of the step, UTC"
    if product is not None and step is None and _steps_end_at_their_times(product):
        length = np.timedelta64(round(product.period_days * DAY_MS), "ms")
        bounds, told = np.stack([axis.starts - length, axis.starts], axis=1), "end of the step, UTC"
    dataset = dataset.assign_coords(time=("time", axis.starts), time_bnds=(("time", "nv"), bounds))
    dataset["time"].attrs = {
        "standard_name": "time",
        "long_name": told,
        "axis": "T",
        "bounds": "time_bnds",
    }
    dataset["time"].encoding = dict(encoding)
    dataset["time_bnds"].encoding = dict(encoding)
    return dataset


def _steps_end_at_their_times(product: Product) -> bool:
    return any(variable.stamped_at_end for variable in product.variables)


def add_grid_mapping(dataset: xr.Dataset, grid: PixelGrid, window: Window) -> xr.Dataset:
    """Add x and y, longitude and latitude, and the reference system of a cube."""
    columns = window.column + np.arange(window.width)
    rows = window.row + np.arange(window.height)
    x, _ = grid.centres(columns, np.zeros(window.width))
    _, y = grid.centres(np.zeros(window.height), rows)
    a, b, c, d, e, f = grid.origin_at(window)
    dataset = dataset.assign_coords(x=("x", x), y=("y", y), spatial_ref=((), np.int32(0)))
    if grid.proj.is_geographic:
        dataset["x"].attrs = {"standard_name": "longitude", "units": "degrees_east", "axis": "X"}
        dataset["y"].attrs = {"standard_name": "latitude", "units": "degrees_north", "axis": "Y"}
    else:
        for axis in ("x", "y"):
            dataset[axis].attrs = {
                "standard_name": f"projection_{axis}_coordinate",
                "units": "m",
                "axis": axis.upper(),
            }
    dataset["spatial_ref"].attrs = {
        **grid.proj.to_cf(),
        "spatial_ref": grid.proj.to_wkt(),
        "GeoTransform": " ".join(str(value) for value in (c, a, b, f, d, e)),
    }
    return add_places(dataset, grid.proj)


def add_places(dataset: xr.Dataset, crs: pyproj.CRS) -> xr.Dataset:
    """Add longitude and latitude to a cube that has x, y and ``spatial_ref``, and refer to it."""
    x, y = dataset["x"].values, dataset["y"].values
    if crs.is_geographic:
        dataset = dataset.assign_coords(longitude=("x", x), latitude=("y", y))
    else:
        to_ground = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        lon, lat = to_ground.transform(*np.meshgrid(x, y))
        dataset = dataset.assign_coords(
            longitude=(("y", "x"), within_180(lon)), latitude=(("y", "x"), lat)
        )
    for name, unit in (("longitude", "degrees_east"), ("latitude", "degrees_north")):
        dataset[name].attrs = {"standard_name": name, "units": unit}
    for name in dataset.data_vars:
        dataset[name].attrs["grid_mapping"] = "spatial_ref"
    return dataset
