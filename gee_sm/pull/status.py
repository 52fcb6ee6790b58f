"""What became of each value, and how that travels with the numbers from Earth Engine.

A masked pixel says nothing of its reason. Where a reason is known on the server it is put in the
place of the value, as a number no product holds, and taken out again here: it costs no transfer.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["PullStatus", "coded", "flag_attributes", "values_and_status"]

_UNIT = -1e30
"""A reason is stored as its code times this: no physical quantity comes near it."""


class PullStatus(IntEnum):
    """Why there is a value, or none.

    A pixel whose bands lack values for several reasons has the lowest code of them.
    """

    OK = 0
    SOME_BANDS_MISSING = 1
    REMOVED_BY_QUALITY_RULE = 2
    NO_STORED_VALUE = 3
    NO_VALID_VALUE = 4
    NO_IMAGE = 5
    OUTSIDE_COVERAGE = 6
    NO_COORDINATES = 7


def coded(reason: PullStatus) -> float:
    """Return the number that stands for a reason among values."""
    return _UNIT * int(reason)


def values_and_status(
    found: NDArray[np.floating], axis: int = -1
) -> tuple[NDArray[np.floating], NDArray[np.uint8]]:
    """Part numbers from Earth Engine into values and their status.

    Parameters
    ----------
    found : ndarray of float
        Values and reasons; the bands lie along `axis`.
    axis : int
        Axis of the bands.

    Returns
    -------
    values : ndarray of float
        As `found`, with NaN for reasons.
    status : ndarray of uint8
        Without `axis`. 0 where all bands have a value, 1 where some have, else the reason.

    Examples
    --------
    >>> numbers = np.array([[0.2, 0.3], [0.2, coded(PullStatus.NO_IMAGE)]])
    >>> values_and_status(numbers)[1].tolist()
    [0, 1]
    """
    absent = found < 0.5 * _UNIT
    values = np.where(absent, np.nan, found).astype(found.dtype, copy=False)
    reasons = np.where(absent, np.rint(found / _UNIT), np.inf)
    missing = absent.sum(axis=axis)
    status = np.zeros(missing.shape, dtype=np.uint8)
    status[missing > 0] = PullStatus.SOME_BANDS_MISSING
    none_there = missing == found.shape[axis]
    status[none_there] = reasons.min(axis=axis)[none_there].astype(np.uint8)
    return values, status


def flag_attributes() -> dict[str, object]:
    """Return the CF attributes of a status variable."""
    return {
        "long_name": "why there is a value or none",
        "standard_name": "status_flag",
        "flag_values": np.array([int(code) for code in PullStatus], dtype=np.uint8),
        "flag_meanings": " ".join(code.name.lower() for code in PullStatus),
    }
