"""Soil moisture and weather of land-surface models: ERA5-Land and GLDAS."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality

ERA5_LAYERS_CM = ((0, 7), (7, 28), (28, 100), (100, 289))
"""Top and bottom of the layers of ERA5-Land, cm."""

GLDAS_LAYERS_CM = ((0, 10), (10, 40), (40, 100), (100, 200))
"""Top and bottom of the layers of Noah in GLDAS, cm."""

WATER_DENSITY = 1000.0
"""kg m-3."""

_GLDAS_STEP_S = 3 * 3600.0
_MM_PER_M = 1000.0

ERA5_LAND_DAILY = Dataset(
    id="ECMWF/ERA5_LAND/DAILY_AGGR",
    title="ERA5-Land, daily aggregates",
    bands=(
        *(
            Band(f"volumetric_soil_water_layer_{i}", "m3 m-3", description=f"{top}-{bottom} cm")
            for i, (top, bottom) in enumerate(ERA5_LAYERS_CM, 1)
        ),
        *(
            Band(f"soil_temperature_level_{i}", "K", description=f"{top}-{bottom} cm")
            for i, (top, bottom) in enumerate(ERA5_LAYERS_CM, 1)
        ),
        Band("temperature_2m", "K"),
        Band("total_precipitation_sum", "mm", scale=_MM_PER_M),
        Band("snow_depth_water_equivalent", "mm", scale=_MM_PER_M),
    ),
    native_scale_m=11132.0,
    start=dt.date(1950, 1, 2),
    note="daily sums can be slightly negative; ice and water of the soil are not told apart",
    native_grid="EPSG:4326, 0.1 degrees",
    period_days=1.0,
)

GLDAS_NOAH = Dataset(
    id="NASA/GLDAS/V021/NOAH/G025/T3H",
    title="GLDAS 2.1, Noah, 3-hourly",
    bands=(
        *(
            Band(
                f"SoilMoi{top}_{bottom}cm_inst",
                "m3 m-3",
                # Stored as the mass of water in the layer, kg m-2.
                scale=1.0 / (WATER_DENSITY * (bottom - top) / 100.0),
                description=f"{top}-{bottom} cm",
            )
            for top, bottom in GLDAS_LAYERS_CM
        ),
        *(
            Band(f"SoilTMP{top}_{bottom}cm_inst", "K", description=f"{top}-{bottom} cm")
            for top, bottom in GLDAS_LAYERS_CM
        ),
        Band("Rainf_f_tavg", "mm", scale=_GLDAS_STEP_S, description="rain and snow"),
    ),
    native_scale_m=27830.0,
    start=dt.date(2000, 1, 1),
    note="its soil moisture is stored in kg m-2 of a layer; an image's moisture is of its moment, "
    "its rain of the three hours before, and composites count it there",
    native_grid="EPSG:4326, 0.25 degrees",
    period_days=0.125,
)

GLDAS_NOAH_20 = Dataset(
    id="NASA/GLDAS/V20/NOAH/G025/T3H",
    title="GLDAS 2.0, Noah, 3-hourly",
    bands=GLDAS_NOAH.bands,
    native_scale_m=27830.0,
    start=dt.date(1948, 1, 1),
    end=dt.date(2015, 1, 1),
    note="another forcing than GLDAS 2.1: not joined to it",
    native_grid="EPSG:4326, 0.25 degrees",
    period_days=0.125,
)

DATASETS = (ERA5_LAND_DAILY, GLDAS_NOAH, GLDAS_NOAH_20)


def _layers(prefix: str, layers: tuple[tuple[int, int], ...]) -> list[str]:
    return [f"{prefix}_{top}_{bottom}cm" for top, bottom in layers]


_ERA5_NAMES = [
    *_layers("soil_moisture", ERA5_LAYERS_CM),
    *_layers("soil_temperature", ERA5_LAYERS_CM),
    "temperature_2m",
    "precipitation",
    "snow_water_equivalent",
]
_GLDAS_NAMES = [
    *_layers("soil_moisture", GLDAS_LAYERS_CM),
    *_layers("soil_temperature", GLDAS_LAYERS_CM),
    "precipitation",
]


def _era5_land(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    physical = source.physical(image).rename(_ERA5_NAMES)
    # The packing of the sums leaves traces of rain below zero.
    return physical.addBands(physical.select("precipitation").max(0), overwrite=True)


def _gldas(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    return source.physical(image).rename(_GLDAS_NAMES)


def _variables(source: Dataset, names: list[str]) -> tuple[Variable, ...]:
    return tuple(
        Variable(
            name,
            band.unit,
            "total" if name == "precipitation" else "state",
            band.description,
            # GLDAS averages fluxes over the three hours before: its record begins at 03 h, and the
            # image of 00 h has the rain of the day before from 21 h on. Its states are of the
            # moment. Earth Engine's days of ERA5-Land have the sum of 0 to 24 h under their day.
            stamped_at_end=band.name.endswith(("_tavg", "_acc")),
        )
        for name, band in zip(names, source.bands, strict=True)
    )


ERA5_LAND = Product(
    name="era5_land",
    title="ERA5-Land, daily",
    sources=(ERA5_LAND_DAILY,),
    variables=_variables(ERA5_LAND_DAILY, _ERA5_NAMES),
    decode=_era5_land,
)

GLDAS = Product(
    name="gldas",
    title="GLDAS 2.1 Noah, 3-hourly",
    sources=(GLDAS_NOAH,),
    variables=_variables(GLDAS_NOAH, _GLDAS_NAMES),
    decode=_gldas,
)

PRODUCTS = (ERA5_LAND, GLDAS)
