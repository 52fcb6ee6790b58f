"""Vegetation of MODIS: indices (MOD13), leaf area and absorbed light (MOD15)."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality, bits, is_one_of

_FIRST = dt.date(2000, 2, 18)
_DAY_OF_YEAR = Band("DayOfYear", "day of year", valid_range=(1, 366))


def _indices(
    asset_id: str, title: str, scale_m: float, start: dt.date, days: float, *, day_of_year: bool
) -> Dataset:
    bands = [
        Band("NDVI", "1", scale=1e-4, valid_range=(-2000, 10000)),
        Band("EVI", "1", scale=1e-4, valid_range=(-2000, 10000)),
        Band("SummaryQA", "class", description="0 good, 1 marginal, 2 snow or ice, 3 cloudy"),
    ]
    return Dataset(
        id=asset_id,
        title=title,
        bands=(*bands, _DAY_OF_YEAR) if day_of_year else tuple(bands),
        native_scale_m=scale_m,
        start=start,
        note="a composite takes each pixel from one day of its period, DayOfYear"
        if day_of_year
        else "has no DayOfYear: which day a pixel is from is not known",
        native_grid=f"sinusoidal, {scale_m} m",
        period_days=days,
    )


MOD13A2 = _indices(
    "MODIS/061/MOD13A2", "MODIS Terra NDVI and EVI, 1 km", 926.625, _FIRST, 16.0, day_of_year=True
)
MYD13A2 = _indices(
    "MODIS/061/MYD13A2",
    "MODIS Aqua NDVI and EVI, 1 km",
    926.625,
    dt.date(2002, 7, 4),
    16.0,
    day_of_year=True,
)
MOD13Q1 = _indices(
    "MODIS/061/MOD13Q1", "MODIS Terra NDVI and EVI, 250 m", 231.656, _FIRST, 16.0, day_of_year=True
)
MOD13A3 = _indices(
    "MODIS/061/MOD13A3",
    "MODIS Terra NDVI and EVI, monthly",
    926.625,
    dt.date(2000, 2, 1),
    31.0,
    day_of_year=False,
)

MOD15A2H = Dataset(
    id="MODIS/061/MOD15A2H",
    title="MODIS Terra leaf area and FAPAR, 500 m",
    bands=(
        Band("Lai_500m", "m2 m-2", scale=0.1, valid_range=(0, 100)),
        Band("Fpar_500m", "1", scale=0.01, valid_range=(0, 100)),
        Band("FparLai_QC", "bit mask", description="bits 3-4 cloud, bits 5-7 method"),
    ),
    native_scale_m=463.313,
    start=_FIRST,
    note="method 0 and 1 invert the radiative-transfer model, 2 and 3 fall back on an index",
    native_grid="sinusoidal, 463.313 m",
    period_days=8.0,
)

DATASETS = (MOD13A2, MYD13A2, MOD13Q1, MOD13A3, MOD15A2H)


def _vegetation_indices(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    names = {"NDVI": "ndvi", "EVI": "evi"}
    if "DayOfYear" in source.band_names:
        names["DayOfYear"] = "day_of_year"
    found = source.physical(image, *names).rename(list(names.values()))
    if quality == "none":
        return found
    # The lowest two bits, whether Earth Engine calls the band a bit mask or a class.
    summary = bits(image.select("SummaryQA"), 0, 1)
    return found.updateMask(summary.lte(0 if quality == "good" else 1))


def _leaf_area(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    found = source.physical(image, "Lai_500m", "Fpar_500m").rename(["lai", "fapar"])
    if quality == "none":
        return found
    word = image.select("FparLai_QC")
    method, cloud = bits(word, 5, 7), bits(word, 3, 4)
    if quality == "good":
        # Cloud state 3 is "not known, taken for clear".
        accepted = bits(word, 0).eq(0).And(is_one_of(cloud, (0, 3))).And(method.lte(1))
    else:
        accepted = cloud.neq(1).And(method.lte(3))
    return found.updateMask(accepted)


def _indices_product(name: str, source: Dataset) -> Product:
    variables = [Variable("ndvi", "1"), Variable("evi", "1")]
    if "DayOfYear" in source.band_names:
        variables.append(Variable("day_of_year", "day of year", "day_of_year"))
    return Product(
        name=name,
        title=source.title,
        sources=(source,),
        variables=tuple(variables),
        decode=_vegetation_indices,
        quality="good: SummaryQA 0; usable: 0 or 1 (marginal); never snow or cloud",
        cut_at="month" if source is MOD13A3 else "never",
    )


PRODUCTS = (
    _indices_product("modis_ndvi", MOD13A2),
    _indices_product("modis_ndvi_aqua", MYD13A2),
    _indices_product("modis_ndvi_250m", MOD13Q1),
    _indices_product("modis_ndvi_monthly", MOD13A3),
    Product(
        name="modis_lai",
        title=MOD15A2H.title,
        sources=(MOD15A2H,),
        variables=(
            Variable("lai", "m2 m-2", description="leaf area index"),
            Variable("fapar", "1", description="absorbed share of the light plants can use"),
        ),
        decode=_leaf_area,
        quality="good: QC bit 0 is 0, no cloud (bits 3-4), main method (bits 5-7 are 0 or 1); "
        "usable: not cloudy, any method that gave a value",
        cut_at="year",
    ),
)
