"""Soil texture: OpenLandMap and SoilGrids."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality

DEPTHS_CM = (0, 10, 30, 60, 100, 200)
"""Depths of OpenLandMap, cm below the surface: predictions at points, not of layers."""

SOILGRIDS_LAYERS_CM = ((0, 5), (5, 15), (15, 30), (30, 60), (60, 100), (100, 200))


def _open_land_map(fraction: str, code: str) -> Dataset:
    return Dataset(
        id=f"OpenLandMap/SOL/SOL_{code}/v02",
        title=f"OpenLandMap {fraction} content",
        bands=tuple(
            Band(f"b{depth}", "%", description=f"{fraction}, at {depth} cm", valid_range=(0, 100))
            for depth in DEPTHS_CM
        ),
        native_scale_m=250.0,
        start=dt.date(1950, 1, 1),
        end=dt.date(2018, 1, 1),
        kind="image",
        note="by mass",
        native_grid="EPSG:4326, 7.5 arc seconds",
    )


def _soilgrids(fraction: str) -> Dataset:
    return Dataset(
        id=f"projects/soilgrids-isric/{fraction}_mean",
        title=f"SoilGrids 2.0 {fraction} content",
        bands=tuple(
            Band(f"{fraction}_{top}-{bottom}cm_mean", "%", scale=0.1, valid_range=(0, 1000))
            for top, bottom in SOILGRIDS_LAYERS_CM
        ),
        native_scale_m=250.0,
        start=dt.date(1905, 4, 1),
        end=dt.date(2016, 7, 6),
        kind="image",
        note="an asset of ISRIC; stored in g kg-1",
        native_grid="250 m",
    )


OPEN_LAND_MAP_SAND = _open_land_map("sand", "SAND-WFRACTION_USDA-3A1A1A_M")
OPEN_LAND_MAP_CLAY = _open_land_map("clay", "CLAY-WFRACTION_USDA-3A1A1A_M")
SOILGRIDS_SAND, SOILGRIDS_SILT, SOILGRIDS_CLAY = map(_soilgrids, ("sand", "silt", "clay"))

DATASETS = (
    OPEN_LAND_MAP_SAND,
    OPEN_LAND_MAP_CLAY,
    SOILGRIDS_SAND,
    SOILGRIDS_SILT,
    SOILGRIDS_CLAY,
)


def _texture(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    sand = OPEN_LAND_MAP_SAND.physical(image)
    clay = OPEN_LAND_MAP_CLAY.physical(OPEN_LAND_MAP_CLAY.image())
    # Silt is not in the catalog; the three fractions make 100 %. Both are rounded, so the
    # remainder can come out at -1.
    silt = sand.add(clay).multiply(-1).add(100).max(0)
    parts = {"sand": sand, "silt": silt, "clay": clay}
    return ee.Image.cat(
        [band.rename([f"{name}_{depth}cm" for depth in DEPTHS_CM]) for name, band in parts.items()]
    )


def _soilgrids_texture(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    found: list[ee.Image] = []
    for name, entry in (
        ("sand", SOILGRIDS_SAND),
        ("silt", SOILGRIDS_SILT),
        ("clay", SOILGRIDS_CLAY),
    ):
        names = [f"{name}_{top}_{bottom}cm" for top, bottom in SOILGRIDS_LAYERS_CM]
        found.append(entry.physical(entry.image()).rename(names))
    return ee.Image.cat(found)


_FRACTIONS = ("sand", "silt", "clay")

PRODUCTS = (
    Product(
        name="soil_texture",
        title="OpenLandMap sand, silt and clay",
        sources=(OPEN_LAND_MAP_SAND, OPEN_LAND_MAP_CLAY),
        variables=tuple(Variable(f"{f}_{d}cm", "%") for f in _FRACTIONS for d in DEPTHS_CM),
        decode=_texture,
    ),
    Product(
        name="soilgrids_texture",
        title="SoilGrids 2.0 sand, silt and clay",
        sources=(SOILGRIDS_SAND, SOILGRIDS_SILT, SOILGRIDS_CLAY),
        variables=tuple(
            Variable(f"{f}_{top}_{bottom}cm", "%")
            for f in _FRACTIONS
            for top, bottom in SOILGRIDS_LAYERS_CM
        ),
        decode=_soilgrids_texture,
    ),
)
