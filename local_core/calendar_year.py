"""The year and its seasons."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

DAYS_PER_YEAR = 365.25
"""Mean length of a Julian year."""

SEASONS = ("DJF", "MAM", "JJA", "SON")
"""Meteorological seasons by their months, from December on."""


def season_index(month: ArrayLike) -> NDArray[np.int64]:
    """Position in :data:`SEASONS` of months from 1 to 12.

    Examples
    --------
    >>> season_index([12, 1, 3, 11]).tolist()
    [0, 0, 1, 3]
    """
    return np.asarray(month) % 12 // 3
