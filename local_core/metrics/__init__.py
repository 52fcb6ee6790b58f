"""Scores of an estimate against a reference, on numpy arrays and DataArrays.

Signs and divisors are pytesmo's with the arguments in the order (estimate, reference).
"""

from __future__ import annotations

from local_core.metrics.anomalies import anomaly, climatology, moving_average
from local_core.metrics.correlation import Correlation, pearson_r, r2, spearman_r
from local_core.metrics.deviation import MseParts, bias, mae, mse_decomposition, rmse, ubrmse
from local_core.metrics.downscaling import DownscalingGain, downscaling_gain
from local_core.metrics.scoring import SCORES, scores
from local_core.metrics.status import ScoreStatus

__all__ = [
    "SCORES",
    "Correlation",
    "DownscalingGain",
    "MseParts",
    "ScoreStatus",
    "anomaly",
    "bias",
    "climatology",
    "downscaling_gain",
    "mae",
    "moving_average",
    "mse_decomposition",
    "pearson_r",
    "r2",
    "rmse",
    "scores",
    "spearman_r",
    "ubrmse",
]
