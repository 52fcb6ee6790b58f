"""Sentinel-2 reflectance, and the cloud scores that go with it."""

from __future__ import annotations

import datetime as dt

from gee_sm.catalog.dataset import Band, Dataset

_SCALE = 1e-4
_TILES = "UTM zone of the tile; 10 m, B11, B12 and SCL 20 m, QA60 60 m"


def _reflectance(name: str, description: str) -> Band:
    return Band(name, "1", scale=_SCALE, description=f"reflectance, {description}")


_OPTICAL = (
    _reflectance("B2", "blue, 490 nm, 10 m"),
    _reflectance("B3", "green, 560 nm, 10 m"),
    _reflectance("B4", "red, 665 nm, 10 m"),
    _reflectance("B8", "near infrared, 842 nm, 10 m"),
    _reflectance("B11", "shortwave infrared, 1610 nm, 20 m"),
    _reflectance("B12", "shortwave infrared, 2190 nm, 20 m"),
)
_QA60 = Band(
    "QA60",
    "bit mask",
    description="cloud bits; empty from 2022-01-25 to 2024-02-27, so no cloud mask by itself",
)
_SCL = Band("SCL", "class", description="scene classification of the surface-reflectance processor")

S2_SR_HARMONIZED = Dataset(
    id="COPERNICUS/S2_SR_HARMONIZED",
    title="Sentinel-2 surface reflectance (level 2A), offsets of baseline 04.00 removed",
    bands=(*_OPTICAL, _SCL, _QA60),
    native_scale_m=10.0,
    start=dt.date(2017, 3, 28),
    native_grid=_TILES,
    note="coverage in 2017 and 2018 is not global",
)

S2_HARMONIZED = Dataset(
    id="COPERNICUS/S2_HARMONIZED",
    title="Sentinel-2 top-of-atmosphere reflectance (level 1C), offsets removed",
    bands=(*_OPTICAL, _QA60),
    native_scale_m=10.0,
    start=dt.date(2015, 6, 27),
    native_grid=_TILES,
    note="the atmosphere is still in it: indices differ from those of surface reflectance",
)

S2_SR = Dataset(
    id="COPERNICUS/S2_SR",
    title="Sentinel-2 surface reflectance with mixed offsets",
    bands=(*_OPTICAL, _SCL, _QA60),
    native_scale_m=10.0,
    start=dt.date(2017, 3, 28),
    native_grid=_TILES,
    successor="COPERNICUS/S2_SR_HARMONIZED",
    note="its numbers jump by 1000 on 2022-01-25",
)

CLOUD_SCORE_PLUS = Dataset(
    id="GOOGLE/CLOUD_SCORE_PLUS/V1/S2_HARMONIZED",
    title="Cloud Score+ for Sentinel-2",
    bands=(
        Band("cs", "1", description="clearness of this view against a clear reference, 0 to 1"),
        Band("cs_cdf", "1", description="the same as a rank among all views, 0 to 1"),
    ),
    native_scale_m=10.0,
    start=dt.date(2015, 6, 27),
    native_grid="UTM zone of the tile, 10 m",
    note="linked to the scenes by system:index; scenes not yet scored have no partner",
)

DATASETS = (S2_SR_HARMONIZED, S2_HARMONIZED, S2_SR, CLOUD_SCORE_PLUS)
