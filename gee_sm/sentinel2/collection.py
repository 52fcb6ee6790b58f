"""Clear Sentinel-2 reflectance over a region and period."""

from __future__ import annotations

import ee

from gee_sm.catalog.dataset import Dataset
from gee_sm.catalog.sentinel2 import CLOUD_SCORE_PLUS, S2_HARMONIZED, S2_SR_HARMONIZED
from gee_sm.sentinel2.cloud_mask import CLEAR_SCORE, SCORE_BAND, CloudMask, clear_view

BANDS = ("B3", "B4", "B8", "B11")
"""The bands the indices need."""

TOA_FLAG = "toa"
"""Band that is 1 where a pixel comes from a top-of-atmosphere scene, else 0."""


def reflectance(
    *,
    region: ee.Geometry,
    start: str | ee.Date,
    end: str | ee.Date,
    cloud_mask: CloudMask = "cloud_score_plus",
    clear_score: float = CLEAR_SCORE,
    toa_fallback: bool = False,
) -> ee.ImageCollection:
    """Return cloud-free reflectance of all scenes that touch a region within a period.

    Parameters
    ----------
    region : ee.Geometry
        Area of interest.
    start, end : str or ee.Date
        Period in UTC, the end exclusive.
    cloud_mask : {"cloud_score_plus", "scl", "none"}
        See :func:`gee_sm.sentinel2.cloud_mask.clear_view`.
    clear_score : float
        Smallest Cloud Score+ of a clear view.
    toa_fallback : bool
        Whether scenes without surface reflectance (much of 2017 and 2018) are taken from the
        top-of-atmosphere collection. Their pixels are 1 in band ``toa``: the atmosphere lowers
        their vegetation index.

    Returns
    -------
    ee.ImageCollection
        Bands B3, B4, B8, B11 (reflectance, masked where not clear) and ``toa``. B11 is read
        bilinearly, being 20 m among bands of 10 m.
    """

    def within(source: Dataset) -> ee.ImageCollection:
        found = ee.ImageCollection(source.id).filterBounds(region).filterDate(start, end)
        if cloud_mask == "cloud_score_plus":
            scores = ee.ImageCollection(CLOUD_SCORE_PLUS.id)
            found = found.linkCollection(scores, [SCORE_BAND])
        return found

    def clear(scene: ee.Image, source: Dataset, is_toa: int) -> ee.Image:
        view = clear_view(
            scene, method=cloud_mask, clear_score=clear_score, has_scene_class=not is_toa
        )
        fine = source.physical(scene, "B3", "B4", "B8")
        coarse = source.physical(scene.select(["B11"]).resample("bilinear"), "B11")
        flag = fine.select(["B8"], [TOA_FLAG]).multiply(0).add(is_toa)
        bands = fine.addBands(coarse).addBands(flag).toFloat().updateMask(view)
        return ee.Image(bands.copyProperties(scene, ["system:time_start", "system:index"]))

    surface = within(S2_SR_HARMONIZED)
    found = surface.map(lambda scene: clear(ee.Image(scene), S2_SR_HARMONIZED, 0))
    if not toa_fallback:
        return found
    same_scene = ee.Filter.equals(leftField="system:index", rightField="system:index")
    toa_only = ee.ImageCollection(
        ee.Join.inverted().apply(within(S2_HARMONIZED), surface, same_scene)
    )
    return found.merge(toa_only.map(lambda scene: clear(ee.Image(scene), S2_HARMONIZED, 1)))
