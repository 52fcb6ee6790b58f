"""One Sentinel-1 scene made ready for the seasonal difference."""

from __future__ import annotations

import ee

from gee_sm.retrieval.aggregation import pinned_grid, to_output
from gee_sm.retrieval.recipes import Recipe
from gee_sm.sentinel1.collection import backscatter, incidence_angle
from gee_sm.sentinel1.decibel import to_decibel
from gee_sm.sentinel1.incidence_angle import normalise_incidence_angle
from gee_sm.sentinel1.refined_lee import refined_lee
from gee_sm.sentinel1.slope_correction import (
    LOOK_AZIMUTH,
    correct_slope,
    seen_by_radar,
    slopes_seen_by_radar,
)
from gee_sm.sentinel1.threshold_mask import threshold_mask


def processed_backscatter(
    scene: ee.Image, *, orbit: str, recipe: Recipe, elevation: ee.Image
) -> ee.Image:
    """Run the four steps of Li et al. (2025) on one scene, in the recipe's order.

    Parameters
    ----------
    scene : ee.Image
        A scene in linear power with its ``angle`` band and the property ``look_azimuth``.
    orbit : {"A", "D"}
        Its pass.
    recipe : Recipe
        What to do.
    elevation : ee.Image
        Elevation, metres.

    Returns
    -------
    ee.Image
        Band ``VV``, linear power, masked outside the thresholds and where layover or shadow falls;
        band ``seen``, 1 where the radar sees the ground and 0 in layover and shadow, masked where
        the scene has no data.
    """
    sigma0 = backscatter(scene)
    angle = incidence_angle(scene)
    limits = {"lower_db": recipe.lower_db, "upper_db": recipe.upper_db}
    found = sigma0
    if recipe.threshold == "before_filter":
        found = threshold_mask(found, **limits)
    if recipe.speckle_filter:
        found = refined_lee(found, looks=recipe.filter_looks)
    if recipe.threshold == "after_filter":
        found = threshold_mask(found, **limits)
    slope = recipe.angle_slope(orbit)
    if slope is not None:
        found = normalise_incidence_angle(
            found, angle, slope_db_per_degree=slope, reference_angle=recipe.reference_angle
        )
    slopes = slopes_seen_by_radar(elevation, ee.Number(scene.get(LOOK_AZIMUTH)))
    found = correct_slope(found, angle, slopes, model=recipe.slope_model)
    seen = seen_by_radar(angle, slopes, buffer_m=recipe.layover_buffer_m)
    return found.updateMask(seen).addBands(seen.updateMask(sigma0.mask()))


def scene_backscatter(
    scene: ee.Image,
    *,
    orbit: str,
    recipe: Recipe,
    elevation: ee.Image,
    kept: ee.Image | None,
    scale_m: float,
) -> ee.Image:
    """Return a scene's backscatter in dB on the pixels of the map.

    Parameters
    ----------
    scene : ee.Image
        A scene in linear power with the property ``look_azimuth``.
    orbit : {"A", "D"}
        Its pass.
    recipe : Recipe
        What to do.
    elevation : ee.Image
        Elevation, metres.
    kept : ee.Image or None
        1 where fine pixels may enter the mean of a map pixel; None keeps all. Not used by recipes
        that work on map pixels, whose exclusions follow at the end.
    scale_m : float
        Pixel size of the map.

    Returns
    -------
    ee.Image
        Band ``vv_db``, masked where less than the recipe's share of a map pixel is valid, and
        ``seen``, the share of the pixel outside layover and shadow, masked outside the scene.
    """
    processed = processed_backscatter(scene, orbit=orbit, recipe=recipe, elevation=elevation)
    vv, seen = processed.select("VV"), processed.select("seen")
    if recipe.pin_scale_m is None:
        return to_decibel(vv).rename("vv_db").addBands(seen)
    if kept is not None:
        vv = vv.updateMask(kept)
    in_power = recipe.aggregate_in == "power"
    value = (vv if in_power else to_decibel(vv)).rename("vv")
    valid = vv.mask().gt(0).unmask(0, False).rename("valid")
    fine = value.addBands(valid).addBands(seen)
    coarse = to_output(
        fine,
        grid=pinned_grid(scene.select("VV").projection(), recipe.pin_scale_m),
        pin_scale_m=recipe.pin_scale_m,
        scale_m=scale_m,
    )
    mean = coarse.select("vv").updateMask(coarse.select("valid").gte(recipe.min_valid_fraction))
    return (to_decibel(mean) if in_power else mean).rename("vv_db").addBands(coarse.select("seen"))
