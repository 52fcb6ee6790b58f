"""Which Sentinel-1 scenes a map rests on, in one small answer."""

from __future__ import annotations

import ee

from gee_sm.retrieval.difference import ORBIT_NUMBER
from gee_sm.retrieval.product import Seasons
from gee_sm.retrieval.recipes import ROBUST, Recipe, named_recipe
from gee_sm.sentinel1.collection import scenes

PROPERTIES = (
    "scene",
    "time",
    "date",
    "orbit",
    "relative_orbit",
    "platform",
    "season",
    "look_known",
    "covered",
)
"""Properties of each feature of :func:`scene_summary`."""


def scene_summary(
    *,
    region: ee.Geometry,
    seasons: Seasons,
    orbit: str | None = None,
    recipe: str | Recipe = ROBUST,
) -> ee.FeatureCollection:
    """List the scenes of both seasons that touch a region.

    One ``getInfo`` of it tells how many scenes each orbit has in each season, whether the pass
    asked for exists at all, and which other one does; nothing is computed on pixels.

    Parameters
    ----------
    region : ee.Geometry
        Area of interest.
    seasons : Seasons
        The spans of :func:`gee_sm.retrieval.product.seasons`.
    orbit : {"A", "D"}, optional
        One pass direction; both when left out.
    recipe : str or Recipe
        Names the collection of scenes.

    Returns
    -------
    ee.FeatureCollection
        Features without geometry: ``scene`` (its index), ``time`` (milliseconds since 1970, UTC),
        ``date`` (YYYY-MM-DD), ``orbit`` ("A" or "D"), ``relative_orbit``, ``platform``, ``season``
        ("thaw" or "freeze"), ``look_known`` (1 if the scene tells its heading) and ``covered``
        (share of the region within the scene's outline).
    """
    chosen = named_recipe(recipe)

    def listed(start: str, end: str, season: str) -> ee.FeatureCollection:
        found = scenes(
            region=region,
            start=start,
            end=end,
            orbit=orbit,
            collection_id=chosen.backscatter_id,
        )
        return ee.FeatureCollection(found.map(lambda scene: entry(ee.Image(scene), season)))

    def entry(scene: ee.Image, season: str) -> ee.Feature:
        shared = scene.geometry().intersection(region, 10).area(10).divide(region.area(10))
        return ee.Feature(
            None,
            {
                "scene": scene.get("system:index"),
                "time": scene.get("system:time_start"),
                "date": scene.date().format("YYYY-MM-dd"),
                "orbit": ee.String(scene.get("orbitProperties_pass")).slice(0, 1),
                "relative_orbit": scene.get(ORBIT_NUMBER),
                "platform": scene.get("platform_number"),
                "season": season,
                "look_known": scene.propertyNames().contains("platformHeading"),
                "covered": shared,
            },
        )

    thaw = listed(seasons.thaw_start.isoformat(), seasons.thaw_end.isoformat(), "thaw")
    freeze = listed(seasons.freeze_start.isoformat(), seasons.freeze_end.isoformat(), "freeze")
    return thaw.merge(freeze)
