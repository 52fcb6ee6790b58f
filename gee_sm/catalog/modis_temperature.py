"""Land surface temperature: MODIS, and the community's gap-free version of it."""

from __future__ import annotations

import datetime as dt

import ee

from gee_sm.catalog.dataset import Band, Dataset
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality, bits

_GRID = "sinusoidal, 926.625 m"
_TEMPERATURE = {"scale": 0.02, "valid_range": (7500, 65535)}
_HALVES = ("Day", "Night")

LARGEST_USABLE_ERROR = 1
"""Class of QC bits 6-7 that "usable" still takes: 0 is an error up to 1 K, 1 up to 2 K."""


def _temperature(asset_id: str, title: str, angle: str, start: dt.date, days: float) -> Dataset:
    bands: list[Band] = []
    for half in _HALVES:
        bands += [
            Band(f"LST_{half}_1km", "K", **_TEMPERATURE),
            Band(f"{half}_view_time", "h", scale=0.1, valid_range=(0, 240)),
            Band(f"{half}_{angle}", "degree", offset=-65.0, valid_range=(0, 130)),
            Band(f"QC_{half}", "bit mask"),
        ]
    return Dataset(
        id=asset_id,
        title=title,
        bands=tuple(bands),
        native_scale_m=926.625,
        start=start,
        note=f"its view angle is spelt {angle}; view times are local solar hours",
        native_grid=_GRID,
        period_days=days,
    )


# The daily product spells its view angle in full, the 8-day product cuts the last letter off.
MOD11A1 = _temperature(
    "MODIS/061/MOD11A1", "MODIS Terra LST, daily", "view_angle", dt.date(2000, 2, 24), 1.0
)
MYD11A1 = _temperature(
    "MODIS/061/MYD11A1", "MODIS Aqua LST, daily", "view_angle", dt.date(2002, 7, 4), 1.0
)
MOD11A2 = _temperature(
    "MODIS/061/MOD11A2", "MODIS Terra LST, 8 days", "view_angl", dt.date(2000, 2, 18), 8.0
)
MYD11A2 = _temperature(
    "MODIS/061/MYD11A2", "MODIS Aqua LST, 8 days", "view_angl", dt.date(2002, 7, 4), 8.0
)


def _gap_free(half: str) -> Dataset:
    return Dataset(
        id=f"projects/sat-io/open-datasets/gap-filled-lst/gf_{half}_1km",
        title=f"gap-filled MODIS LST at mid-{half}, 2003 to 2020",
        bands=(Band("b1", "K", scale=0.1, offset=273.15, description="stored in 0.1 deg C"),),
        native_scale_m=1000.0,
        start=dt.date(2003, 1, 1),
        end=dt.date(2021, 1, 1),
        note="a community asset without 29 February; at the times of Aqua (13:30 and 01:30), so it "
        "fills modis_lst_aqua; most of a cloudy day in it is interpolated, not seen",
        native_grid="about 1 km",
        period_days=1.0,
    )


GAP_FREE_DAY = _gap_free("day")
GAP_FREE_NIGHT = _gap_free("night")

DATASETS = (MOD11A1, MYD11A1, MOD11A2, MYD11A2, GAP_FREE_DAY, GAP_FREE_NIGHT)


def _accepted(word: ee.Image, quality: Quality) -> ee.Image:
    produced = bits(word, 0, 1)
    if quality == "good":
        return produced.eq(0)
    doubtful = produced.eq(1).And(bits(word, 6, 7).lte(LARGEST_USABLE_ERROR))
    return produced.eq(0).Or(doubtful)


def _lst(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    halves: list[ee.Image] = []
    for half in _HALVES:
        angle = next(name for name in source.band_names if name.startswith(f"{half}_view_ang"))
        names = [f"LST_{half}_1km", f"{half}_view_time", angle]
        ours = [
            f"{name}_{half.lower()}" for name in ("lst", "lst_view_time_solar", "lst_view_angle")
        ]
        found = source.physical(image, *names).rename(ours)
        if quality != "none":
            found = found.updateMask(_accepted(image.select(f"QC_{half}"), quality))
        halves.append(found)
    return ee.Image.cat(halves)


def _gap_free_lst(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    # The asset is not in the official catalog and the name of its only band is not promised.
    name = "lst_day" if source is GAP_FREE_DAY else "lst_night"
    return source.physical(image.select([0], ["b1"])).rename(name)


def _product(name: str, source: Dataset) -> Product:
    variables: list[Variable] = []
    for half in ("day", "night"):
        variables += [
            Variable(f"lst_{half}", "K"),
            Variable(f"lst_view_time_solar_{half}", "h", description="local solar time"),
            Variable(f"lst_view_angle_{half}", "degree", description="from nadir"),
        ]
    return Product(
        name=name,
        title=source.title,
        sources=(source,),
        variables=tuple(variables),
        decode=_lst,
        quality="good: QC bits 0-1 are 0; usable: also 1 with an error (bits 6-7) up to 2 K",
        cut_at="year" if source.period_days > 1 else "never",
    )


def _gap_free_product(half: str, source: Dataset) -> Product:
    return Product(
        name=f"gap_free_lst_{half}",
        title=source.title,
        sources=(source,),
        variables=(Variable(f"lst_{half}", "K"),),
        decode=_gap_free_lst,
    )


PRODUCTS = (
    _product("modis_lst", MOD11A1),
    _product("modis_lst_aqua", MYD11A1),
    _product("modis_lst_8day", MOD11A2),
    _product("modis_lst_8day_aqua", MYD11A2),
    _gap_free_product("day", GAP_FREE_DAY),
    _gap_free_product("night", GAP_FREE_NIGHT),
)
