"""Sentinel-1 ground-range-detected scenes as Earth Engine holds them."""

from __future__ import annotations

import datetime as dt

from gee_sm.catalog.dataset import Band, Dataset

_ANGLE = Band("angle", "degree", description="incidence angle on the ellipsoid, not the terrain")

S1_GRD_FLOAT = Dataset(
    id="COPERNICUS/S1_GRD_FLOAT",
    title="Sentinel-1 ground range detected, sigma0 in linear power",
    bands=(
        Band("VV", "1", description="sigma0, linear power, vertical send and receive"),
        Band("VH", "1", description="sigma0, linear power, vertical send, horizontal receive"),
        Band("HH", "1", description="sigma0, linear power, horizontal send and receive"),
        Band("HV", "1", description="sigma0, linear power, horizontal send, vertical receive"),
        _ANGLE,
    ),
    native_scale_m=10.0,
    start=dt.date(2014, 10, 3),
    native_grid="UTM zone of the scene, 10 m",
    note="after removal of thermal noise the power can be zero or negative",
)

S1_GRD = Dataset(
    id="COPERNICUS/S1_GRD",
    title="Sentinel-1 ground range detected, sigma0 in dB",
    bands=(
        Band("VV", "dB", description="sigma0, vertical send and receive"),
        Band("VH", "dB", description="sigma0, vertical send, horizontal receive"),
        Band("HH", "dB", description="sigma0, horizontal send and receive"),
        Band("HV", "dB", description="sigma0, horizontal send, vertical receive"),
        _ANGLE,
    ),
    native_scale_m=10.0,
    start=dt.date(2014, 10, 3),
    native_grid="UTM zone of the scene, 10 m",
    note="the logarithm of COPERNICUS/S1_GRD_FLOAT, taken on the fly; averages of it are biased",
)

DATASETS = (S1_GRD_FLOAT, S1_GRD)
