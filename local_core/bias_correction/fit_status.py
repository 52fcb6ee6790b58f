"""What became of the fit of one series."""

from __future__ import annotations

from enum import IntEnum


class FitStatus(IntEnum):
    """Status of one fit; a network never fails because of one of its stations."""

    OK = 0
    """Fitted."""
    TOO_FEW_DAYS = 1
    """Fewer days with both values than ``min_days``; parameters are NaN."""
    NO_VARIATION = 2
    """The values do not vary, so nothing can be fitted; parameters are NaN."""
    NO_ANNUAL_MODE = 3
    """Fitted, but no mode of the decomposition has a period near one year."""
    NOT_CONVERGED = 4
    """Fitted, but the decomposition stopped at its cap on passes."""
