"""SMAP soil moisture: the enhanced radiometer retrievals, and the assimilation product."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality

_PASSES = ("am", "pm")
_VERSION_6 = dt.date(2023, 12, 4)


def _enhanced_bands() -> tuple[Band, ...]:
    bands: list[Band] = []
    for half in _PASSES:
        bands += [
            Band(f"soil_moisture_{half}", "m3 m-3", description=f"0-5 cm, {half} pass"),
            Band(f"tb_h_corrected_{half}", "K", valid_range=(0, 330)),
            Band(f"tb_v_corrected_{half}", "K", valid_range=(0, 330)),
            Band(f"vegetation_water_content_{half}", "kg m-2", valid_range=(0, 30)),
            Band(f"retrieval_qual_flag_{half}", "class", description="0 pass, 1 fail"),
            Band(f"tb_qual_flag_h_{half}", "class", description="0 pass, 1 fail"),
            Band(f"tb_qual_flag_v_{half}", "class", description="0 pass, 1 fail"),
        ]
    return tuple(bands)


SPL3SMP_E_005 = Dataset(
    id="NASA/SMAP/SPL3SMP_E/005",
    title="SMAP L3 enhanced radiometer soil moisture, version 5",
    bands=_enhanced_bands(),
    native_scale_m=9000.0,
    start=dt.date(2015, 3, 31),
    end=_VERSION_6,
    note="its quality flags are 0 pass and 1 fail already: the bits of the manual are not there",
    native_grid="EPSG:4326, 0.08 degrees, warped from EASE-2 9 km",
    period_days=1.0,
)

SPL3SMP_E_006 = Dataset(
    id="NASA/SMAP/SPL3SMP_E/006",
    title="SMAP L3 enhanced radiometer soil moisture, version 6",
    bands=_enhanced_bands(),
    native_scale_m=9000.0,
    start=_VERSION_6,
    note="days before its start are in version 5 only",
    native_grid="EPSG:4326, 0.08 degrees, warped from EASE-2 9 km",
    period_days=1.0,
)

_ASSIMILATED = (
    Band("sm_surface", "m3 m-3", description="0-5 cm", valid_range=(0, 0.9)),
    Band("sm_rootzone", "m3 m-3", description="0-100 cm", valid_range=(0, 0.9)),
    Band("sm_profile", "m3 m-3", description="surface to bedrock", valid_range=(0, 0.9)),
    Band("soil_temp_layer1", "K", valid_range=(210, 350)),
)

SPL4SMGP_008 = Dataset(
    id="NASA/SMAP/SPL4SMGP/008",
    title="SMAP L4 surface and root-zone soil moisture, version 8",
    bands=_ASSIMILATED,
    native_scale_m=11000.0,
    start=dt.date(2015, 3, 31),
    note="model only from 2019-06-19 to 2019-07-23 and from 2022-08-06 to 2022-09-20",
    native_grid="EPSG:4326, about 11 km, warped from EASE-2 9 km",
    # Means of three hours, the first of a day stamped 01:30 and the last 22:30.
    period_days=0.125,
)

SPL4SMGP_007 = Dataset(
    id="NASA/SMAP/SPL4SMGP/007",
    title="SMAP L4 surface and root-zone soil moisture, version 7",
    bands=_ASSIMILATED,
    native_scale_m=11000.0,
    start=dt.date(2015, 3, 31),
    successor="NASA/SMAP/SPL4SMGP/008",
    native_grid="EPSG:4326, about 11 km, warped from EASE-2 9 km",
    period_days=0.125,
)

DATASETS = (SPL3SMP_E_005, SPL3SMP_E_006, SPL4SMGP_008, SPL4SMGP_007)


def _enhanced(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    physical = source.physical(image)
    bands: list[ee.Image] = []
    for half in _PASSES:
        # Earth Engine reduced the flags to 0 and 1 when it ingested the product: the bit that the
        # manual gives a failed retrieval is never set there, so a test of it passes everything.
        passed = {
            "soil_moisture": f"retrieval_qual_flag_{half}",
            "vegetation_water_content": f"retrieval_qual_flag_{half}",
            "tb_h": f"tb_qual_flag_h_{half}",
            "tb_v": f"tb_qual_flag_v_{half}",
        }
        for name, flag in passed.items():
            stored = f"{name}_corrected_{half}" if name.startswith("tb") else f"{name}_{half}"
            band = physical.select([stored], [f"{name}_{half}"])
            keep_all = quality == "none" or (quality == "usable" and not name.startswith("tb"))
            bands.append(band if keep_all else band.updateMask(image.select(flag).eq(0)))
    both = ee.Image.cat(bands)
    am, pm = (both.select([f"soil_moisture_{half}"], ["soil_moisture"]) for half in _PASSES)
    # The mean of a collection would forget the grid.
    daily = am.add(pm).divide(2).unmask(am, False).unmask(pm, False)
    return both.addBands(daily)


def _assimilated(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    return source.physical(image).rename(_ASSIMILATED_NAMES)


_ASSIMILATED_NAMES = [
    "soil_moisture_0_5cm",
    "soil_moisture_0_100cm",
    "soil_moisture_profile",
    "soil_temperature_layer_1",
]

SMAP = Product(
    name="smap",
    title="SMAP L3 enhanced soil moisture, 9 km, versions 5 and 6 joined",
    sources=(SPL3SMP_E_005, SPL3SMP_E_006),
    variables=(
        Variable("soil_moisture", "m3 m-3", description="0-5 cm, mean of the valid passes"),
        Variable("soil_moisture_am", "m3 m-3", description="0-5 cm, 06 h local"),
        Variable("soil_moisture_pm", "m3 m-3", description="0-5 cm, 18 h local"),
        Variable("tb_h_am", "K", description="brightness temperature, horizontal"),
        Variable("tb_v_am", "K", description="brightness temperature, vertical"),
        Variable("tb_h_pm", "K", description="brightness temperature, horizontal"),
        Variable("tb_v_pm", "K", description="brightness temperature, vertical"),
        Variable("vegetation_water_content_am", "kg m-2"),
        Variable("vegetation_water_content_pm", "kg m-2"),
    ),
    decode=_enhanced,
    quality="good: retrieval flag 0 for soil moisture, each brightness temperature by its own "
    "flag; usable: soil moisture whatever its flag",
)

SMAP_L4 = Product(
    name="smap_l4",
    title="SMAP L4 assimilated soil moisture, 3-hourly",
    sources=(SPL4SMGP_008,),
    variables=(
        Variable("soil_moisture_0_5cm", "m3 m-3"),
        Variable("soil_moisture_0_100cm", "m3 m-3"),
        Variable("soil_moisture_profile", "m3 m-3", description="surface to bedrock"),
        Variable("soil_temperature_layer_1", "K"),
    ),
    decode=_assimilated,
)

PRODUCTS = (SMAP, SMAP_L4)
