"""Surface reflectance (MOD09), albedo (MCD43), land cover (MCD12) and snow (MOD10) of MODIS."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality, bits, is_one_of

_GRID = "sinusoidal, 463.313 m"
REFLECTANCE_BANDS = (1, 2, 3, 4, 5, 6, 7)
_ALBEDOS = ("Band7", "shortwave")

MOD09A1 = Dataset(
    id="MODIS/061/MOD09A1",
    title="MODIS Terra surface reflectance, 8 days, 500 m",
    bands=(
        *(
            Band(f"sur_refl_b{i:02d}", "1", scale=1e-4, valid_range=(-100, 16000))
            for i in REFLECTANCE_BANDS
        ),
        Band("StateQA", "bit mask"),
        Band("DayOfYear", "day of year", valid_range=(1, 366)),
    ),
    native_scale_m=463.313,
    start=dt.date(2000, 2, 18),
    note="a composite takes each pixel from one day of its period, DayOfYear",
    native_grid=_GRID,
    period_days=8.0,
)

MCD43A3 = Dataset(
    id="MODIS/061/MCD43A3",
    title="MODIS albedo, daily from 16 days of views, 500 m",
    bands=(
        *(
            Band(f"Albedo_{sky}_{name}", "1", scale=0.001, valid_range=(0, 1000))
            for sky in ("WSA", "BSA")
            for name in _ALBEDOS
        ),
        *(Band(f"BRDF_Albedo_Band_Mandatory_Quality_{name}", "class") for name in _ALBEDOS),
    ),
    native_scale_m=463.313,
    start=dt.date(2000, 2, 24),
    note="an image carries the day in the middle of the 16 it is made from",
    native_grid=_GRID,
    period_days=1.0,
)

MCD12Q1 = Dataset(
    id="MODIS/061/MCD12Q1",
    title="MODIS land cover, yearly, 500 m",
    bands=(Band("LC_Type1", "class", valid_range=(1, 17), description="IGBP classes"),),
    native_scale_m=463.313,
    start=dt.date(2001, 1, 1),
    native_grid=_GRID,
    period_days=366.0,
)

MOD10A1 = Dataset(
    id="MODIS/061/MOD10A1",
    title="MODIS Terra snow, daily, 500 m",
    bands=(
        Band("NDSI_Snow_Cover", "1", scale=0.01, valid_range=(0, 100)),
        Band("NDSI_Snow_Cover_Basic_QA", "class", description="0 best, 1 good, 2 ok"),
    ),
    native_scale_m=463.313,
    start=dt.date(2000, 2, 24),
    note="an index of snow, not the share of the pixel under it",
    native_grid=_GRID,
    period_days=1.0,
)

DATASETS = (MOD09A1, MCD43A3, MCD12Q1, MOD10A1)


def clear_state(state: ee.Image, quality: Quality) -> ee.Image:
    """Return 1 where StateQA of MOD09 says that a pixel shows bare or vegetated ground, else 0.

    Parameters
    ----------
    state : ee.Image
        Band ``StateQA``.
    quality : {"good", "usable"}
        "good" refuses cloud (bits 0-1), its shadow (2), cirrus (8-9), the internal cloud flag
        (10), pixels next to cloud (13) and snow (12 and 15). "usable" refuses the same but for
        small cirrus and pixels next to cloud.

    Returns
    -------
    ee.Image
        Band ``accepted``.
    """
    # Cloud state 3 is "not set, taken for clear".
    clear = (
        is_one_of(bits(state, 0, 1), (0, 3))
        .And(bits(state, 2).eq(0))
        .And(bits(state, 10).eq(0))
        .And(bits(state, 12).eq(0))
        .And(bits(state, 15).eq(0))
    )
    cirrus = bits(state, 8, 9)
    if quality == "usable":
        return clear.And(cirrus.lte(1)).rename("accepted")
    return clear.And(cirrus.eq(0)).And(bits(state, 13).eq(0)).rename("accepted")


def _reflectance(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    stored = [f"sur_refl_b{i:02d}" for i in REFLECTANCE_BANDS]
    ours = [f"reflectance_b{i}" for i in REFLECTANCE_BANDS]
    found = source.physical(image, *stored, "DayOfYear").rename([*ours, "day_of_year"])
    if quality == "none":
        return found
    return found.updateMask(clear_state(image.select("StateQA"), quality))


def _albedo(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    found: list[ee.Image] = []
    for sky, ours in (("WSA", "white_sky"), ("BSA", "black_sky")):
        for name in _ALBEDOS:
            band = source.physical(image, f"Albedo_{sky}_{name}").rename(
                f"albedo_{ours}_{name.lower()}"
            )
            if quality == "good":
                inversion = image.select(f"BRDF_Albedo_Band_Mandatory_Quality_{name}")
                band = band.updateMask(bits(inversion, 0).eq(0))
            found.append(band)
    return ee.Image.cat(found)


def _land_cover(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    return source.physical(image).rename("land_cover")


def _snow(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    found = source.physical(image, "NDSI_Snow_Cover").rename("snow_index")
    if quality == "none":
        return found
    grade = image.select("NDSI_Snow_Cover_Basic_QA")
    return found.updateMask(grade.lte(1 if quality == "good" else 2))


PRODUCTS = (
    Product(
        name="modis_reflectance",
        title=MOD09A1.title,
        sources=(MOD09A1,),
        variables=(
            *(Variable(f"reflectance_b{i}", "1") for i in REFLECTANCE_BANDS),
            Variable("day_of_year", "day of year", "day_of_year"),
        ),
        decode=_reflectance,
        quality="StateQA; good: no cloud, shadow, cirrus, snow, nor cloud next to it; usable: "
        "small cirrus and pixels next to cloud as well",
        cut_at="year",
    ),
    Product(
        name="modis_albedo",
        title=MCD43A3.title,
        sources=(MCD43A3,),
        variables=tuple(
            Variable(f"albedo_{sky}_{name.lower()}", "1")
            for sky in ("white_sky", "black_sky")
            for name in _ALBEDOS
        ),
        decode=_albedo,
        quality="good: mandatory quality 0 (full inversion), band by band; usable: magnitude "
        "inversions as well",
    ),
    Product(
        name="modis_land_cover",
        title=MCD12Q1.title,
        sources=(MCD12Q1,),
        variables=(Variable("land_cover", "class", "class", "IGBP classes 1 to 17"),),
        decode=_land_cover,
        cut_at="year",
    ),
    Product(
        name="modis_snow",
        title=MOD10A1.title,
        sources=(MOD10A1,),
        variables=(Variable("snow_index", "1", description="NDSI of snow, 0 to 1"),),
        decode=_snow,
        quality="good: grade 0 or 1; usable: up to 2",
    ),
)
