"""Land-cover maps."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset

TREE_COVER = 10
SHRUBLAND = 20
GRASSLAND = 30
CROPLAND = 40
BUILT_UP = 50
BARE = 60
SNOW_AND_ICE = 70
WATER = 80
WETLAND = 90
MANGROVES = 95
MOSS_AND_LICHEN = 100

_MAP = Band(
    "Map",
    "class",
    description="10 trees, 20 shrubs, 30 grass, 40 crops, 50 built-up, 60 bare, 70 snow and ice, "
    "80 water, 90 wetland, 95 mangroves, 100 moss and lichen",
)

WORLDCOVER_2020 = Dataset(
    id="ESA/WorldCover/v100",
    title="ESA WorldCover 2020",
    bands=(_MAP,),
    native_scale_m=10.0,
    start=dt.date(2020, 1, 1),
    end=dt.date(2021, 1, 1),
    native_grid="EPSG:4326, 1/12000 degree",
    note="made by another algorithm than the 2021 map: their difference is not land-cover change",
)

WORLDCOVER_2021 = Dataset(
    id="ESA/WorldCover/v200",
    title="ESA WorldCover 2021",
    bands=(_MAP,),
    native_scale_m=10.0,
    start=dt.date(2021, 1, 1),
    end=dt.date(2022, 1, 1),
    native_grid="EPSG:4326, 1/12000 degree",
    note="made by another algorithm than the 2020 map: their difference is not land-cover change",
)

DATASETS = (WORLDCOVER_2021, WORLDCOVER_2020)


def land_cover(source: Dataset = WORLDCOVER_2021) -> ee.Image:
    """Return the land-cover classes as one band ``land_cover``.

    Parameters
    ----------
    source : Dataset
        One of the maps of this module.

    Returns
    -------
    ee.Image
        Band ``land_cover``, WorldCover class codes, in the map's own grid.
    """
    return source.image().select(["Map"], ["land_cover"])
