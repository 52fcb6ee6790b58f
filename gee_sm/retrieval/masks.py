"""Where eq. 7 does not hold: forest, fields, towns, ice, water, and summers darker than winters."""

from __future__ import annotations

from collections.abc import Collection

import ee

from gee_sm.catalog import land_cover as classes
from gee_sm.retrieval.status import Status

LAND_COVER_STATUS: dict[int, Status] = {
    classes.TREE_COVER: Status.FOREST,
    classes.MANGROVES: Status.FOREST,
    classes.CROPLAND: Status.CROPLAND,
    classes.BUILT_UP: Status.BUILT_UP,
    classes.SNOW_AND_ICE: Status.SNOW_AND_ICE,
    classes.WATER: Status.WATER,
}
"""Status code of each WorldCover class that can be excluded."""

LI2025_CLASSES = (classes.TREE_COVER, classes.CROPLAND, classes.BUILT_UP)
"""Forest, agricultural and inhabited land: the classes the paper takes from land cover."""

WATER_NDWI = 0.0
"""Open water above this index (McFeeters 1996); the paper gives no number."""


def excluded_land_cover(land_cover: ee.Image, excluded: Collection[int]) -> ee.Image:
    """Return the status code of excluded land cover, 0 where the ground may be retrieved.

    Parameters
    ----------
    land_cover : ee.Image
        One band of WorldCover classes.
    excluded : collection of int
        Classes to exclude.

    Returns
    -------
    ee.Image
        Band ``excluded``, one of the codes of :data:`LAND_COVER_STATUS` or 0; 0 too where the map
        has no class.

    Raises
    ------
    ValueError
        If a class has no status code.
    """
    unknown = [value for value in excluded if value not in LAND_COVER_STATUS]
    if unknown:
        raise ValueError(
            f"land-cover classes {unknown} cannot be excluded; "
            f"choose among {sorted(LAND_COVER_STATUS)}"
        )
    if not excluded:
        return land_cover.multiply(0).unmask(0, False).toUint8().rename("excluded")
    chosen = sorted(excluded)
    codes = [int(LAND_COVER_STATUS[value]) for value in chosen]
    return land_cover.remap(chosen, codes, 0).unmask(0, False).toUint8().rename("excluded")


def open_water(ndwi: ee.Image, *, threshold: float = WATER_NDWI) -> ee.Image:
    """Return 1 where the water index exceeds the threshold, else 0, masked where it is unknown."""
    return ndwi.gt(threshold).rename("water")


def darker_in_summer(difference_db: ee.Image) -> ee.Image:
    """Return 1 where backscatter of the thawing season is below that of the freezing season.

    Water raises backscatter, so a negative difference has another cause (scattering from below a
    dry surface, a change of roughness); the paper masks it.
    """
    return difference_db.lt(0).rename("darker")
