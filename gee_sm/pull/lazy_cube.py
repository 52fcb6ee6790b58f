"""A product over a region and time as a lazy Dataset."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Sequence

import dask.array as da
import ee
import numpy as np
import xarray as xr
from dask.base import tokenize

from gee_sm.composites.periods import Step
from gee_sm.composites.target_grid import GRIDS, TargetGrid
from gee_sm.composites.temporal import COUNT_SUFFIX
from gee_sm.pull.cf_dataset import (
    add_grid_mapping,
    add_time,
    global_attributes,
    variable_attributes,
)
from gee_sm.pull.chunk_reader import ChunkReader
from gee_sm.pull.engine import engine_of_client
from gee_sm.pull.pixel_grid import PixelGrid, Window
from gee_sm.pull.plan import PullPlan, make_plan
from gee_sm.pull.product_images import product_request
from gee_sm.pull.series_at_places import Cache, opened_cache
from gee_sm.pull.status import flag_attributes, values_and_status
from gee_sm.pull.xee_cube import CubeBand, CubeSpan, block_sizes, cube_spans
from local_core.gridded.region_cut import checked_region

__all__ = ["cube"]


def cube(
    product: str,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    *,
    region: Sequence[float],
    grid: TargetGrid | str | None = None,
    bands: Sequence[str] | None = None,
    quality: str = "good",
    step: Step | None = None,
    asset: str | None = None,
    file: str | os.PathLike[str] | None = None,
    chunks: dict[str, int] | None = None,
    cache: Cache = True,
) -> xr.Dataset:
    """Return a product over a region and time, read through xee when it is needed.

    Parameters
    ----------
    product : str
        Short name, such as ``"smap"``; see docs/coarse-products.md.
    start, end : str or datetime.date, optional
        First day and the day after the last one, UTC; not needed for what does not change.
    region : sequence of float
        West, south, east, north in degrees. Every pixel it touches is in the cube.
    grid : TargetGrid or str, optional
        Another grid, such as ``"0.25 degrees"`` (see :mod:`gee_sm.composites.target_grid`); by
        default the product's own pixels.
    bands : sequence of str, optional
        Our names of the bands; all by default.
    quality : {"good", "usable", "none"}
        Strictness of the product's quality rule.
    step : {"day", "8 days", "16 days", "month", "season"}, optional
        Composites over whole periods; by default the product's own time steps.
    asset : str, optional
        The user's own image collection, for products that Earth Engine does not hold.
    file : path-like, optional
        The user's own files of the product: nothing is asked of Earth Engine.
    chunks : dict, optional
        Largest block by ``time``, ``y`` and ``x``; a block is a request.
    cache : bool, path-like or PullCache
        Where finished blocks are kept.

    Returns
    -------
    xarray.Dataset
        Each band over (time, y, x), or (y, x) for what does not change: dask-backed, float32, NaN
        where there is no value; ``status`` (why; reading it reads all bands); for composites
        ``<band>_count``. Coordinates ``longitude``, ``latitude``, ``spatial_ref`` (the reference
        system, as rioxarray and GDAL expect it), ``time`` (start of each step, UTC; the end of
        GLDAS' own steps) and ``time_bnds``. Every step of the period is there, whether it has an
        image or not.

    Raises
    ------
    OutsideCoverageError
        If the region holds no pixel of the product.
    EarthEngineCallError
        If Earth Engine cannot answer, now or when values are computed.
    ValueError, KeyError
        If the request makes no sense: an unknown product, band, step or grid, an empty period.

    Examples
    --------
    >>> import gee_sm
    >>> with gee_sm.connect(emulator="sample"):                # doctest: +SKIP
    ...     lazy = cube("era5_land", "2019-01-01", "2022-01-01", region=(90, 31, 93, 34))
    ...     monthly = lazy["soil_moisture_0_7cm"].resample(time="MS").mean().compute()
    """
    if checked_region(region) is None:
        raise ValueError("a cube needs a region: west, south, east, north in degrees")
    target = _target_grid(grid)
    if file is not None:
        from gee_sm.pull.local_file import cube_of_file

        if target is not None:
            raise ValueError("file= gives the file's own pixels: leave grid out")
        return cube_of_file(
            file, product, region, start, end, bands=bands, quality=quality, step=step
        )
    request = product_request(
        product, start, end, bands=bands, quality=quality, step=step, asset=asset
    )
    engine = engine_of_client()
    reader = ChunkReader(engine, product, opened_cache(cache), settles=asset is None)
    plan = make_plan(request, reader)
    native_window = plan.grid.window_of(region)
    if target is None:
        pixels, window = plan.grid, native_window
    else:
        t = target
        pixels = PixelGrid(t.crs, (t.pixel, 0.0, t.west, 0.0, -t.pixel, t.north))
        window = pixels.window_of(region)
    cut = cube_spans(plan)
    spans = tuple(_span(plan, target, reader, pixels, window, first, stop) for first, stop in cut)
    blocks = block_sizes(cut, window, chunks)
    shape = (plan.steps, window.height, window.width)
    # Dask takes arrays of one name for one array, in whatever is computed together.
    token = tokenize([span.question for span in spans], blocks, engine.identity or uuid.uuid4().hex)
    arrays = {
        name: da.from_array(
            CubeBand(name, spans, shape),
            chunks=blocks,
            asarray=False,
            fancy=False,
            name=f"pull-{name}-{token}",
        )
        for name in request.numbers
    }
    found = _dataset(plan, arrays)
    found = add_grid_mapping(found, pixels, window)
    told = f"{product} over {tuple(region)}" + (f", {step}" if step else "")
    found.attrs = {
        **global_attributes(request, engine, graph_sha256=reader.graph_sha256(), told=told),
        "grid": "the product's own" if target is None else target.name,
    }
    return found


def _target_grid(grid: TargetGrid | str | None) -> TargetGrid | None:
    if isinstance(grid, str):
        if grid not in GRIDS:
            raise ValueError(f"grid {grid!r} is unknown; use one of {', '.join(GRIDS)}")
        return GRIDS[grid]
    return grid


def _span(
    plan: PullPlan,
    target: TargetGrid | None,
    reader: ChunkReader,
    pixels: PixelGrid,
    window: Window,
    first: int,
    stop: int,
) -> CubeSpan:
    """Return some steps of the cube with the collection they are read from."""
    steps = np.arange(first, stop)
    if plan.request.step is None:
        steps = steps[plan.images[steps] > 0]
    if target is None and len(steps):
        images = plan.images_of(steps)
    elif len(steps):
        assert target is not None
        images = plan.request.on_grid(plan.masked_of(steps), target, _native_scale(plan))
    else:
        images = ee.ImageCollection([])
    end_ms = None if plan.axis is None else int(plan.axis.end_ms[stop - 1])
    return CubeSpan(images, steps, first, stop, pixels, window, reader, end_ms)


def _native_scale(plan: PullPlan) -> float:
    return plan.request.product.sources[0].native_scale_m


def _dataset(plan: PullPlan, arrays: dict[str, da.Array]) -> xr.Dataset:
    """Part reasons from values, lazily."""
    request = plan.request
    timed = plan.axis is not None
    dims = ("time", "y", "x") if timed else ("y", "x")
    arrays = {name: array if timed else array[0] for name, array in arrays.items()}
    stack = da.stack([arrays[name] for name in request.bands], axis=-1)
    whole = stack.rechunk({stack.ndim - 1: -1})
    status = da.map_blocks(_status, whole, dtype=np.uint8, drop_axis=stack.ndim - 1)
    found = xr.Dataset(
        {
            name: (
                dims,
                da.map_blocks(_values, arrays[name], dtype=np.float32),
                variable_attributes(request.product, name, step=request.step, area=""),
            )
            for name in request.bands
        }
    )
    found["status"] = (dims, status, flag_attributes())
    for name in request.numbers[len(request.bands) :]:
        assert name.endswith(COUNT_SUFFIX)
        counts = da.map_blocks(_counts, arrays[name], dtype=np.int32)
        about = {"long_name": "stored images behind the value", "units": "1"}
        found[name] = (dims, counts, about)
    if plan.axis is None:
        return found
    return add_time(found, plan.axis, request.product, step=request.step)


def _values(block: np.ndarray) -> np.ndarray:
    return values_and_status(block[..., np.newaxis])[0][..., 0]


def _status(block: np.ndarray) -> np.ndarray:
    return values_and_status(block)[1]


def _counts(block: np.ndarray) -> np.ndarray:
    return np.maximum(block, 0).round().astype(np.int32)
