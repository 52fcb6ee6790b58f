"""Series of a product at places, for thousands of places and decades."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from typing import get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from tqdm.auto import tqdm

from gee_sm.composites.periods import Step
from gee_sm.pull.cache import PullCache
from gee_sm.pull.cf_dataset import global_attributes
from gee_sm.pull.chunk_reader import ChunkReader, in_parallel
from gee_sm.pull.engine import engine_of_client
from gee_sm.pull.places import Points, read_points
from gee_sm.pull.plan import make_plan
from gee_sm.pull.product_images import product_request
from gee_sm.pull.station_series import How, Job, StationSeries

__all__ = ["Cache", "opened_cache", "stations"]

Cache = bool | str | os.PathLike[str] | PullCache

WORKERS = 8
"""Requests under way at a time: a fifth of what the service allows a project."""


def stations(
    product: str,
    points: Points,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    *,
    bands: Sequence[str] | None = None,
    quality: str = "good",
    step: Step | None = None,
    how: How = "nearest",
    footprint_m: float | None = None,
    asset: str | None = None,
    file: str | os.PathLike[str] | None = None,
    cache: Cache = True,
    workers: int = WORKERS,
    progress: bool = False,
) -> xr.Dataset:
    """Return the series of a product at places.

    Parameters
    ----------
    product : str
        Short name, such as ``"smap"``; see docs/coarse-products.md.
    points : DataFrame, Dataset, path, table asset id or mapping
        Places, see :func:`gee_sm.pull.places.read_points`.
    start, end : str or datetime.date, optional
        First day and the day after the last one, UTC; not needed for what does not change.
    bands : sequence of str, optional
        Our names of the bands; all by default.
    quality : {"good", "usable", "none"}
        Strictness of the product's quality rule.
    step : {"day", "8 days", "16 days", "month", "season"}, optional
        Composites over whole periods; by default the product's own time steps.
    how : {"nearest", "footprint"}
        The pixel that contains the place, or the mean under a circle, weighted by area.
    footprint_m : float, optional
        Diameter of the circle in metres, at least a pixel's size.
    asset : str, optional
        The user's own image collection, for products that Earth Engine does not hold.
    file : path-like, optional
        The user's own files of the product: nothing is asked of Earth Engine.
    cache : bool, path-like or PullCache
        Where finished requests are kept; False keeps nothing, and an interrupted pull starts anew.
    workers : int
        Requests under way at a time.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    xarray.Dataset
        Each band over (station, time), float32, NaN where there is no value; coordinates
        ``status`` (why), ``longitude``, ``latitude``, ``pixel_longitude``, ``pixel_latitude``,
        ``distance_km`` (place to pixel centre, on the ellipsoid), ``time`` (start of each step,
        UTC; the end of GLDAS' own steps) and ``time_bnds``. Composites have ``<band>_count``,
        footprints ``valid_share`` and ``footprint_pixels``. Every step of the period is there,
        whether it has an image or not.

    Raises
    ------
    PointsError
        If the places cannot be read.
    EarthEngineCallError
        If Earth Engine cannot answer; what was finished is kept and not asked for again.
    ValueError, KeyError
        If the request makes no sense: an unknown product, band, step, or an empty period.

    Notes
    -----
    Of several images of one step (overlapping tiles, joined sources) the last that has a value
    counts. The day of an image is the UTC day it starts on. A place on a border belongs to the
    pixel to the east and south of it.

    Examples
    --------
    >>> import gee_sm
    >>> with gee_sm.connect(emulator="sample"):               # doctest: +SKIP
    ...     series = stations("smap", "stations.csv", "2019-01-01", "2022-01-01")
    >>> series["soil_moisture"].sel(station="S01")             # doctest: +SKIP
    """
    if how not in get_args(How):
        raise ValueError(f"how={how!r} is unknown; use {' or '.join(get_args(How))}")
    if (how == "footprint") != (footprint_m is not None):
        raise ValueError("how='footprint' and footprint_m (metres) belong together: give both")
    table = read_points(points)
    if file is not None:
        from gee_sm.pull.local_file import stations_of_file

        return stations_of_file(
            file,
            product,
            table,
            start,
            end,
            bands=bands,
            quality=quality,
            step=step,
            how=how,
            footprint_m=footprint_m,
        )
    request = product_request(
        product, start, end, bands=bands, quality=quality, step=step, asset=asset
    )
    engine = engine_of_client()
    reader = ChunkReader(engine, product, opened_cache(cache), settles=asset is None)
    plan = make_plan(request, reader)
    series = StationSeries(plan, table, how, footprint_m)
    jobs = series.jobs()

    def read(job: Job) -> NDArray[np.float32]:
        return reader.pixels(
            plan.images_of,
            job.steps,
            len(request.numbers),
            plan.grid,
            job.window,
            period_end_ms=plan.period_end_ms(job.steps),
        )

    with tqdm(total=len(jobs), desc=product, unit="request", disable=not progress) as bar:
        for job, pixels in in_parallel(read, jobs, max(1, workers)):
            series.take(job, pixels)
            bar.update()
    told = f"{product} at {len(table)} places, {how}" + (f", {step}" if step else "")
    found = series.dataset()
    found.attrs = {
        **global_attributes(request, engine, graph_sha256=reader.graph_sha256(), told=told),
        "featureType": "timeSeries" if plan.axis is not None else "point",
        "requests_asked": reader.counts.asked,
        "requests_cached": reader.counts.cached,
    }
    return found


def opened_cache(cache: Cache) -> PullCache | None:
    """Return the cache that an argument means."""
    if isinstance(cache, PullCache):
        return cache
    if isinstance(cache, bool):
        return PullCache() if cache else None
    return PullCache(cache)
