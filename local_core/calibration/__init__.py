"""Refit of the Sentinel-1 retrieval (Li et al. 2025, eq. 7) on station samples."""

from __future__ import annotations

from local_core.calibration.coefficients import (
    EQ7_PREDICTORS,
    CoefficientFileError,
    RetrievalCoefficients,
)
from local_core.calibration.li2025 import TABLE_3, published_coefficients

__all__ = [
    "EQ7_PREDICTORS",
    "TABLE_3",
    "CoefficientFileError",
    "RetrievalCoefficients",
    "published_coefficients",
]
