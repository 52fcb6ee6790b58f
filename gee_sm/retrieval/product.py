"""The soil-moisture map of one pass direction, as one Earth Engine image."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import ee

from gee_sm.catalog import dataset
from gee_sm.catalog.land_cover import land_cover
from gee_sm.catalog.terrain import elevation
from gee_sm.retrieval.aggregation import pixels_within
from gee_sm.retrieval.difference import ORBIT_NUMBER, all_sums
from gee_sm.retrieval.masks import darker_in_summer, excluded_land_cover, open_water
from gee_sm.retrieval.optical import clear_scenes, on_map_pixels, utm_projection
from gee_sm.retrieval.recipes import ROBUST, Recipe, named_recipe
from gee_sm.retrieval.scene_backscatter import scene_backscatter
from gee_sm.retrieval.soil_moisture import coefficients_for, soil_moisture
from gee_sm.retrieval.standard_error import effective_looks, speckle_variance_db, standard_error
from gee_sm.retrieval.status import Status, status_image
from gee_sm.sentinel1.collection import pass_name, scenes, season_dates
from gee_sm.sentinel1.slope_correction import with_look_azimuth
from gee_sm.sentinel2.window import composite, indices_around
from local_core.calibration import RetrievalCoefficients

Period = Literal["season", "month", "pass"]

BANDS = (
    "soil_moisture",
    "standard_error",
    "status",
    "n_thaw",
    "n_freeze",
    "n_optical",
    "n_toa",
)
"""Bands of the map: m3 m-3, m3 m-3, a code of :class:`~gee_sm.retrieval.status.Status`, counts."""


class PeriodError(ValueError):
    """A period that does not exist or lacks its month or date."""


@dataclass(frozen=True)
class Seasons:
    """The two spans of time a map compares, in UTC; each end is exclusive."""

    thaw_start: dt.date
    thaw_end: dt.date
    freeze_start: dt.date
    freeze_end: dt.date


def seasons(
    *,
    year: int,
    recipe: str | Recipe = ROBUST,
    period: Period = "season",
    month: int | None = None,
    date: dt.date | str | None = None,
    winter: int | None = None,
) -> Seasons:
    """Return the spans of time of a map.

    Parameters
    ----------
    year : int
        Year of the thawing season.
    recipe : str or Recipe
        Months of both seasons.
    period : {"season", "month", "pass"}
        The whole thawing season, one month of it, or the passes of one day.
    month : int, optional
        Month of the year for ``period="month"``; one of the recipe's thawing months.
    date : datetime.date or str, optional
        Day in UTC for ``period="pass"``; within the recipe's thawing months.
    winter : int, optional
        Year of the freezing season; the same year when left out.

    Returns
    -------
    Seasons
        Both spans.

    Raises
    ------
    PeriodError
        If the period is unknown, or its month or date is missing or outside the thawing season.

    Examples
    --------
    >>> seasons(year=2020, period="month", month=8).thaw_start
    datetime.date(2020, 8, 1)
    """
    chosen = named_recipe(recipe)
    if period == "season":
        span = season_dates(year, chosen.thaw_months)
    elif period == "month":
        if month not in chosen.thaw_months:
            raise PeriodError(
                f"period 'month' needs one of the recipe's thawing months "
                f"{list(chosen.thaw_months)}; got month={month}"
            )
        span = season_dates(year, (month,))
    elif period == "pass":
        if date is None:
            raise PeriodError("period 'pass' needs date='YYYY-MM-DD', the day of the pass in UTC")
        day = dt.date.fromisoformat(date) if isinstance(date, str) else date
        if day.month not in chosen.thaw_months or day.year != year:
            raise PeriodError(
                f"the pass of {day} lies outside the thawing season of {year} "
                f"(months {list(chosen.thaw_months)})"
            )
        span = (day.isoformat(), (day + dt.timedelta(days=1)).isoformat())
    else:
        raise PeriodError(f"period {period!r} is unknown; use 'season', 'month' or 'pass'")
    cold = season_dates(year if winter is None else winter, chosen.freeze_months)
    return Seasons(*(dt.date.fromisoformat(text) for text in (*span, *cold)))


def soil_moisture_image(
    *,
    region: ee.Geometry,
    year: int,
    orbit: Literal["A", "D"],
    recipe: str | Recipe = ROBUST,
    scale_m: float = 100.0,
    period: Period = "season",
    month: int | None = None,
    date: dt.date | str | None = None,
    winter: int | None = None,
    coefficients: RetrievalCoefficients | None = None,
    relative_orbits: Sequence[int] | None = None,
) -> ee.Image:
    """Return soil moisture of one pass direction with its error, status and counts.

    Each pass of the period is retrieved by eq. 7 from its difference to the winter (of its own
    relative orbit in the robust recipe) and the indices around it; the map is the mean over the
    passes. The masks of the paper's postprocessing are applied to that mean.

    Parameters
    ----------
    region : ee.Geometry
        Area from which scenes are taken. The image is not clipped to it.
    year : int
        Year of the thawing season.
    orbit : {"A", "D"}
        Ascending or descending passes.
    recipe : str or Recipe
        ``"robust"``, ``"li2025"`` or a recipe of one's own.
    scale_m : float
        Pixel size in which the image will be read. It must match the request: fine pixels are
        averaged to the grid of the request, and speckle error follows from this number.
    period, month, date, winter
        See :func:`seasons`.
    coefficients : RetrievalCoefficients, optional
        Numbers of eq. 7; eq. 8 or 9 when left out.
    relative_orbits : sequence of int, optional
        Relative orbits to use, which makes a shorter computation when they are known (see
        :func:`gee_sm.retrieval.scene_summary.scene_summary`); all that occur when left out.

    Returns
    -------
    ee.Image
        Bands ``soil_moisture`` and ``standard_error`` (float, m3 m-3, masked where ``status`` is
        not 0), ``status`` (byte) and ``n_thaw``, ``n_freeze`` (passes used), ``n_optical``
        (optical views in the windows of all passes, a view near two passes counted twice) and
        ``n_toa`` (those from the top of the atmosphere), 16-bit, valid everywhere.

    Raises
    ------
    ValueError
        If orbit, period, recipe or scale are not usable; the message says what is.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     region = ee.Geometry.Rectangle([91.0, 33.0, 91.1, 33.1])
    ...     image = soil_moisture_image(region=region, year=2020, orbit="A", recipe="li2025")
    >>> type(image).__name__
    'Image'
    """
    pass_name(orbit)
    chosen = named_recipe(recipe)
    if not scale_m > 0:
        raise ValueError(f"scale_m must be a positive number of metres; got {scale_m}")
    spans = seasons(year=year, recipe=chosen, period=period, month=month, date=date, winter=winter)
    numbers = coefficients_for(orbit, coefficients)

    excluded = _excluded(chosen)
    kept = None if excluded is None else excluded.eq(0)
    views = clear_scenes(region=region, start=spans.thaw_start, end=spans.thaw_end, recipe=chosen)
    season_indices = None
    if chosen.optical_fallback_days is not None:
        season_indices = on_map_pixels(
            composite(views),
            projection=utm_projection(region),
            recipe=chosen,
            kept=kept,
            scale_m=scale_m,
        )
    heights = elevation(dataset(chosen.elevation_id))

    def ready(scene: ee.Image) -> ee.Image:
        return scene_backscatter(
            scene, orbit=orbit, recipe=chosen, elevation=heights, kept=kept, scale_m=scale_m
        )

    def summer(scene: ee.Image) -> ee.Image:
        around = indices_around(
            views, ee.Number(scene.get("system:time_start")), days=chosen.optical_window_days
        )
        optical = on_map_pixels(
            around,
            projection=scene.select("VV").projection(),
            recipe=chosen,
            kept=kept,
            scale_m=scale_m,
        )
        # One type for all bands and images, for a collection must be of one kind to be reduced.
        bands = ready(scene).addBands(optical).toDouble()
        return bands.set(ORBIT_NUMBER, scene.get(ORBIT_NUMBER))

    def winter_scene(scene: ee.Image) -> ee.Image:
        return ready(scene).toDouble().set(ORBIT_NUMBER, scene.get(ORBIT_NUMBER))

    def passes(start: dt.date, end: dt.date) -> ee.ImageCollection:
        found = scenes(
            region=region,
            start=start.isoformat(),
            end=end.isoformat(),
            orbit=orbit,
            collection_id=chosen.backscatter_id,
        )
        if relative_orbits is not None:
            found = found.filter(ee.Filter.inList(ORBIT_NUMBER, [int(n) for n in relative_orbits]))
        return with_look_azimuth(found)

    sums = all_sums(
        passes(spans.thaw_start, spans.thaw_end).map(lambda scene: summer(ee.Image(scene))),
        passes(spans.freeze_start, spans.freeze_end).map(
            lambda scene: winter_scene(ee.Image(scene))
        ),
        recipe=chosen,
        season_indices=season_indices,
        relative_orbits=relative_orbits,
    )
    n_ndwi = sums.select("n_ndwi")
    ndwi = sums.select("ndwi").updateMask(n_ndwi.gt(0)).divide(n_ndwi)
    if season_indices is not None:
        ndwi = ndwi.unmask(season_indices.select("ndwi"), False)
    return _map_of(sums, ndwi, recipe=chosen, numbers=numbers, excluded=excluded, scale_m=scale_m)


def _map_of(
    sums: ee.Image,
    ndwi: ee.Image,
    *,
    recipe: Recipe,
    numbers: RetrievalCoefficients,
    excluded: ee.Image | None,
    scale_m: float,
) -> ee.Image:
    """Apply eq. 7, its error and the masks to the sums over all passes."""
    passes = sums.select("n_thaw")
    difference, ndvi, ndmi = (
        sums.select(name).divide(passes) for name in ("difference", "ndvi", "ndmi")
    )
    looks = effective_looks(
        scale_m,
        looks=recipe.looks,
        pixel_m=recipe.pin_scale_m or scale_m,
        filter_width=recipe.filter_width if recipe.speckle_filter else 0.0,
        cell_area_m2=recipe.cell_area_m2,
    )
    speckle = speckle_variance_db(passes.pow(2).divide(sums.select("speckle")), looks)
    status = _status(sums, difference, ndwi, recipe=recipe, excluded=excluded, scale_m=scale_m)
    valid = status.eq(int(Status.VALID))
    moisture = soil_moisture(difference, ndvi, ndmi, numbers)
    error = standard_error(difference, ndvi, ndmi, speckle, numbers, parts=recipe.error_parts)
    counts = sums.select(["n_thaw", "n_freeze", "n_optical", "n_toa"]).unmask(0, False)
    return (
        moisture.addBands(error)
        .updateMask(valid)
        .toFloat()
        .addBands(status)
        .addBands(counts.round().toUint16())
    )


def _status(
    sums: ee.Image,
    difference: ee.Image,
    ndwi: ee.Image,
    *,
    recipe: Recipe,
    excluded: ee.Image | None,
    scale_m: float,
) -> ee.Image:
    """Return why each pixel of the map is masked."""
    compared = sums.select("n_compared").gt(0)
    seen = sums.select("seen").divide(sums.select("n_seen"))
    reasons: list[tuple[ee.Image, ee.Image | int]] = [
        (sums.select("covered_thaw").eq(0), Status.NO_THAW_SCENE),
        (sums.select("covered_both").eq(0), Status.NO_FREEZE_SCENE),
    ]
    if excluded is not None:
        share, code = _excluded_on_map_pixels(excluded, recipe=recipe, scale_m=scale_m)
        reasons.append((share.gt(1 - recipe.min_valid_fraction), code))
    if recipe.water_ndwi is not None:
        reasons.append((open_water(ndwi, threshold=recipe.water_ndwi), Status.WATER))
    reasons += [
        (compared.Not().And(seen.lt(recipe.min_valid_fraction)), Status.LAYOVER_OR_SHADOW),
        (compared.Not(), Status.BACKSCATTER_OUT_OF_RANGE),
        (sums.select("n_thaw").mask().Not(), Status.NO_OPTICAL_VIEW),
    ]
    if recipe.mask_negative_difference:
        reasons.append((darker_in_summer(difference), Status.NEGATIVE_DIFFERENCE))
    return status_image(reasons)


def _excluded(recipe: Recipe) -> ee.Image | None:
    """Return the status code of excluded land cover in the map's own grid, or None."""
    if recipe.land_cover_id is None or not recipe.excluded_classes:
        return None
    return excluded_land_cover(land_cover(dataset(recipe.land_cover_id)), recipe.excluded_classes)


def _excluded_on_map_pixels(
    excluded: ee.Image, *, recipe: Recipe, scale_m: float
) -> tuple[ee.Image, ee.Image]:
    """Return the excluded share of each map pixel and the code of most of it."""
    fine_m = dataset(recipe.land_cover_id).native_scale_m
    if recipe.pin_scale_m is None or scale_m <= fine_m:
        return excluded.gt(0), excluded
    most = pixels_within(fine_m, scale_m)
    share = excluded.gt(0).reduceResolution(reducer=ee.Reducer.mean(), maxPixels=most)
    code = excluded.selfMask().reduceResolution(reducer=ee.Reducer.mode(), maxPixels=most)
    return share, code.unmask(0, False)
