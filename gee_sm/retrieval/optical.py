"""Vegetation and moisture indices on the pixels of the map."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.retrieval.aggregation import to_output
from gee_sm.retrieval.recipes import Recipe
from gee_sm.sentinel2.collection import reflectance
from gee_sm.sentinel2.window import BAND_NAMES

INDEX_NAMES = BAND_NAMES[:3]

COARSEST_PIN_M = 20.0
"""The shortwave-infrared band's own pixel: nothing is gained by finer ones for a coarser map."""


def clear_scenes(
    *, region: ee.Geometry, start: dt.date, end: dt.date, recipe: Recipe
) -> ee.ImageCollection:
    """Return all clear Sentinel-2 views that passes of a period can need.

    Parameters
    ----------
    region : ee.Geometry
        Area of interest.
    start, end : datetime.date
        Period of the passes in UTC, the end exclusive.
    recipe : Recipe
        Cloud mask, widths of the windows and whether top-of-atmosphere scenes may stand in.

    Returns
    -------
    ee.ImageCollection
        See :func:`gee_sm.sentinel2.collection.reflectance`.
    """
    reach = dt.timedelta(days=max(recipe.optical_window_days, recipe.optical_fallback_days or 0))
    whole_days = dt.timedelta(days=-(-reach // dt.timedelta(days=1)))
    toa_fallback = recipe.toa_fallback
    if toa_fallback is None:
        toa_fallback = start.year <= 2018
    return reflectance(
        region=region,
        start=(start - whole_days).isoformat(),
        end=(end + whole_days).isoformat(),
        cloud_mask=recipe.cloud_mask,
        clear_score=recipe.clear_score,
        toa_fallback=toa_fallback,
    )


def on_map_pixels(
    composite: ee.Image,
    *,
    projection: ee.Projection,
    recipe: Recipe,
    kept: ee.Image | None,
    scale_m: float,
) -> ee.Image:
    """Bring a composite of indices to the pixels of the map.

    Parameters
    ----------
    composite : ee.Image
        Bands of :func:`gee_sm.sentinel2.window.composite`.
    projection : ee.Projection
        Projection whose fine pixels are averaged.
    recipe : Recipe
        What to do.
    kept : ee.Image or None
        1 where fine pixels may enter the mean.
    scale_m : float
        Pixel size of the map.

    Returns
    -------
    ee.Image
        The same bands, the indices masked where less than the recipe's share of a map pixel has
        all three.
    """
    indices = composite.select(list(INDEX_NAMES))
    counts = composite.select(["n_optical", "n_toa"])
    valid = indices.mask().reduce(ee.Reducer.min()).gt(0).rename("valid")
    if recipe.pin_scale_m is None:
        return indices.updateMask(valid).addBands(counts)
    if kept is not None:
        valid = valid.And(kept).rename("valid")
    pin_scale_m = max(recipe.pin_scale_m, min(COARSEST_PIN_M, scale_m))
    fine = indices.updateMask(valid).addBands(counts).addBands(valid)
    coarse = to_output(
        fine, grid=projection.atScale(pin_scale_m), pin_scale_m=pin_scale_m, scale_m=scale_m
    )
    enough = coarse.select("valid").gte(recipe.min_valid_fraction)
    return (
        coarse.select(list(INDEX_NAMES))
        .updateMask(enough)
        .addBands(coarse.select(["n_optical", "n_toa"]))
    )


def utm_projection(region: ee.Geometry) -> ee.Projection:
    """Return the UTM projection of the zone in which a region's centre lies."""
    centre = region.centroid(1).coordinates()
    zone = ee.Number(centre.get(0)).add(180).divide(6).floor().add(1).min(60)
    southern = ee.Number(centre.get(1)).lt(0)
    code = zone.add(32600).add(southern.multiply(100))
    return ee.Projection(ee.String("EPSG:").cat(code.format("%d")))
