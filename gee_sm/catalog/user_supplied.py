"""Products of the papers that Earth Engine does not hold, and what to use or supply instead."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality

_SOIL_MOISTURE = Band("soil_moisture", "m3 m-3", valid_range=(0, 1))

ESA_CCI_SM = Dataset(
    id="esa_cci_sm",
    title="ESA CCI soil moisture, daily, 0.25 degrees",
    bands=(
        Band("sm", "m3 m-3", valid_range=(0, 1)),
        Band("sm_uncertainty", "m3 m-3", valid_range=(0, 1)),
        Band("flag", "bit mask", description="0 is no inconsistency"),
    ),
    native_scale_m=27830.0,
    start=dt.date(1978, 11, 1),
    native_grid="EPSG:4326, 0.25 degrees",
    period_days=1.0,
)


def _plain(
    name: str,
    title: str,
    scale_m: float,
    start: dt.date,
    end: dt.date | None = None,
    note: str = "",
) -> Dataset:
    return Dataset(
        id=name,
        title=title,
        bands=(_SOIL_MOISTURE,),
        native_scale_m=scale_m,
        start=start,
        end=end,
        note=note,
        period_days=1.0,
    )


_PLAIN = (
    _plain(
        "smap_hydroblocks",
        "SMAP-HydroBlocks, 30 m",
        30.0,
        dt.date(2015, 3, 31),
        dt.date(2020, 1, 1),
        "covers the conterminous United States only",
    ),
    _plain("smap_sentinel1", "SMAP with Sentinel-1 (SPL2SMAP_S)", 1000.0, dt.date(2015, 4, 13)),
    _plain(
        "smap_1km",
        "SMAP downscaled to 1 km by MODIS temperature (NSIDC-0779)",
        1000.0,
        dt.date(2015, 4, 1),
    ),
    _plain("amsr2", "AMSR2 soil moisture", 10000.0, dt.date(2012, 7, 3)),
    _plain("c3s_sm", "C3S soil moisture, combined", 27830.0, dt.date(1978, 11, 1)),
    _plain("fldas_central_asia", "FLDAS Central Asia, daily", 1000.0, dt.date(2000, 10, 1)),
    _plain(
        "rfsm",
        "RFSM, Qu et al. (2019): SMAP carried back over AMSR, 0.25 degrees",
        27830.0,
        dt.date(2002, 1, 1),
        dt.date(2016, 1, 1),
        "dates by whole years",
    ),
    _plain(
        "yao_2021",
        "Yao et al. (2021): SMAP carried over to AMSR-E and AMSR2, 36 km",
        36000.0,
        dt.date(2002, 1, 1),
        note="dates by whole years",
    ),
    _plain(
        "zheng_2023",
        "Zheng et al. (2023): gap-free daily soil moisture, 1 km",
        1000.0,
        dt.date(2000, 1, 1),
        dt.date(2021, 1, 1),
    ),
)

ALL_WEATHER_LST = Dataset(
    id="all_weather_lst",
    title="Zhang et al. (2019): all-weather LST of the plateau, daily, 1 km",
    bands=(
        Band("lst_day", "K", valid_range=(150, 400)),
        Band("lst_night", "K", valid_range=(150, 400)),
    ),
    native_scale_m=1000.0,
    start=dt.date(2000, 1, 1),
    note="under cloud its temperature is that of microwaves, not of the infrared",
    period_days=1.0,
)

INSTEAD = {
    "mcd43d58": "white-sky albedo of band 7 is the band 'albedo_white_sky_band7' of "
    "'modis_albedo' (MODIS/061/MCD43A3)",
    "glass": "leaf area is in 'modis_lai', albedo in 'modis_albedo', and fractional cover comes "
    "from NDVI by gee_sm.composites.fractional_cover",
    "cscd": "sand, silt and clay are in 'soil_texture' and 'soilgrids_texture'",
    "hwsd": "sand, silt and clay are in 'soil_texture' and 'soilgrids_texture'",
    "cn05.1": "it is given out on request by its authors; use 'chirps' or 'chirps_v3'",
    "tpdc_permafrost": "its download needs an account at the National Tibetan Plateau Data "
    "Center; upload the map and read it with ee.Image",
    "tpdc_vegetation": "its download needs an account at the National Tibetan Plateau Data "
    "Center; give the map to 'gee-sm correct --vegetation-map'",
}
"""Names of products that nothing can stand in for unchanged, and where to go."""


def _with_flag(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    found = source.physical(image, "sm", "sm_uncertainty").rename(
        ["soil_moisture", "soil_moisture_uncertainty"]
    )
    return found if quality == "none" else found.updateMask(image.select("flag").eq(0))


def _as_is(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    return source.physical(image)


PRODUCTS = (
    Product(
        name="esa_cci_sm",
        title=ESA_CCI_SM.title,
        sources=(ESA_CCI_SM,),
        variables=(
            Variable("soil_moisture", "m3 m-3"),
            Variable("soil_moisture_uncertainty", "m3 m-3"),
        ),
        decode=_with_flag,
        quality="good, usable: flag 0",
        user_supplied="an image collection of your own with one image a day, its "
        "system:time_start, and the bands sm, sm_uncertainty (m3 m-3) and flag",
    ),
    *(
        Product(
            name=source.id,
            title=source.title,
            sources=(source,),
            variables=(Variable("soil_moisture", "m3 m-3"),),
            decode=_as_is,
            user_supplied="an image collection of your own with one image a day, its "
            "system:time_start, and the band soil_moisture (m3 m-3)",
        )
        for source in _PLAIN
    ),
    Product(
        name="all_weather_lst",
        title=ALL_WEATHER_LST.title,
        sources=(ALL_WEATHER_LST,),
        variables=(Variable("lst_day", "K"), Variable("lst_night", "K")),
        decode=_as_is,
        user_supplied="an image collection of your own with one image a day, its "
        "system:time_start, and the bands lst_day and lst_night (K)",
    ),
)
