"""Rain from satellites and gauges: CHIRPS."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality


def _chirps(asset_id: str, title: str, limit: int) -> Dataset:
    return Dataset(
        id=asset_id,
        title=title,
        # -9999 where there is none. The catalog's largest value is only an estimate.
        bands=(Band("precipitation", "mm", valid_range=(0, 1e4)),),
        native_scale_m=5566.0,
        start=dt.date(1981, 1, 1),
        note=f"a rate per day: totals are sums, never means; from {limit} S to {limit} N",
        native_grid="EPSG:4326, 0.05 degrees",
        period_days=1.0,
    )


CHIRPS_V2 = _chirps("UCSB-CHG/CHIRPS/DAILY", "CHIRPS version 2, daily", 50)
CHIRPS_V3 = _chirps("UCSB-CHC/CHIRPS/V3/DAILY_SAT", "CHIRPS version 3, daily by IMERG", 60)
CHIRPS_V3_ERA5 = _chirps("UCSB-CHC/CHIRPS/V3/DAILY_RNL", "CHIRPS version 3, daily by ERA5", 60)

DATASETS = (CHIRPS_V2, CHIRPS_V3, CHIRPS_V3_ERA5)


def _rain(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    return source.physical(image)


def _product(name: str, source: Dataset) -> Product:
    return Product(
        name=name,
        title=source.title,
        sources=(source,),
        variables=(Variable("precipitation", "mm", "total"),),
        decode=_rain,
    )


PRODUCTS = (
    _product("chirps", CHIRPS_V2),
    _product("chirps_v3", CHIRPS_V3),
    _product("chirps_v3_era5", CHIRPS_V3_ERA5),
)
