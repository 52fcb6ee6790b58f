"""The sample region: a scene set whose truth is known, written from a seed.

:func:`write` makes a folder that the emulator serves as Earth Engine and that holds the truth
behind its scenes; :func:`truth_for` and :func:`noise_floor_for` say what a map of it should show
and how near it can come. :func:`truth_cube` and :func:`truth_series` say the same of the coarse
products around the scenes, :func:`expected_collocation` what triple collocation should find.
"""

from __future__ import annotations

from gee_sm.sample.coarse_writing import COARSE_PRODUCTS, COARSE_YEARS
from gee_sm.sample.error_budget import NoiseFloor, noise_floor
from gee_sm.sample.expected_collocation import expected_collocation
from gee_sm.sample.noise import Noise
from gee_sm.sample.truth_cube import truth_cube, truth_series, wide_parameters_of
from gee_sm.sample.truth_folder import TruthError, noise_floor_for, parameters_of, truth_for
from gee_sm.sample.writing import (
    DEFAULT_SEED,
    DEFAULT_YEAR,
    PARTS,
    STATIONS_ID,
    SampleExistsError,
    write,
)

__all__ = [
    "COARSE_PRODUCTS",
    "COARSE_YEARS",
    "DEFAULT_SEED",
    "DEFAULT_YEAR",
    "PARTS",
    "STATIONS_ID",
    "Noise",
    "NoiseFloor",
    "SampleExistsError",
    "TruthError",
    "expected_collocation",
    "noise_floor",
    "noise_floor_for",
    "parameters_of",
    "truth_cube",
    "truth_for",
    "truth_series",
    "wide_parameters_of",
    "write",
]
