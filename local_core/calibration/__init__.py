"""Refit of the Sentinel-1 retrieval (Li et al. 2025, eq. 7) on station samples."""

from __future__ import annotations

from local_core.calibration.backscatter_difference import (
    BackscatterReference,
    backscatter_difference,
)
from local_core.calibration.coefficients import (
    EQ7_PREDICTORS,
    CoefficientFileError,
    RetrievalCoefficients,
)
from local_core.calibration.held_out_groups import LeaveGroupOut, leave_group_out
from local_core.calibration.li2025 import TABLE_3, published_coefficients
from local_core.calibration.linear_retrieval import LinearRetrieval
from local_core.calibration.presets import PRESETS
from local_core.calibration.report import calibration_report, split_table, write_calibration
from local_core.calibration.run import Calibration, calibrate
from local_core.calibration.sample_tables import (
    SampleColumns,
    SampleTable,
    SampleTableError,
    derive_samples,
    read_sample_table,
)
from local_core.calibration.splits import SplitRegression, split_regression
from local_core.calibration.subsets import random_subsets

__all__ = [
    "EQ7_PREDICTORS",
    "PRESETS",
    "TABLE_3",
    "BackscatterReference",
    "Calibration",
    "CoefficientFileError",
    "LeaveGroupOut",
    "LinearRetrieval",
    "RetrievalCoefficients",
    "SampleColumns",
    "SampleTable",
    "SampleTableError",
    "SplitRegression",
    "backscatter_difference",
    "calibrate",
    "calibration_report",
    "derive_samples",
    "leave_group_out",
    "published_coefficients",
    "random_subsets",
    "read_sample_table",
    "split_regression",
    "split_table",
    "write_calibration",
]
