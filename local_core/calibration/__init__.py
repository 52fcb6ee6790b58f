"""Refit of the Sentinel-1 retrieval (Li et al. 2025, eq. 7) on station samples."""

from __future__ import annotations

from local_core.calibration.coefficients import (
    EQ7_PREDICTORS,
    CoefficientFileError,
    RetrievalCoefficients,
)
from local_core.calibration.held_out_groups import LeaveGroupOut, leave_group_out
from local_core.calibration.li2025 import TABLE_3, published_coefficients
from local_core.calibration.linear_retrieval import LinearRetrieval
from local_core.calibration.splits import SplitRegression, split_regression
from local_core.calibration.subsets import random_subsets

__all__ = [
    "EQ7_PREDICTORS",
    "TABLE_3",
    "CoefficientFileError",
    "LeaveGroupOut",
    "LinearRetrieval",
    "RetrievalCoefficients",
    "SplitRegression",
    "leave_group_out",
    "published_coefficients",
    "random_subsets",
    "split_regression",
]
