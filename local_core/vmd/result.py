"""What a decomposition returns, and what became of each series."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.annual import annual_mode_found


class VmdStatus(IntEnum):
    """What became of one series; a grid never fails because of one of its pixels."""

    OK = 0
    """Decomposed, and the iteration met its tolerance."""
    NOT_CONVERGED = 1
    """Decomposed, but ``max_iter`` came first; the modes are those of the last pass."""
    NO_DATA = 2
    """Not one valid sample (sea, ice, outside the map); the modes are NaN."""
    TOO_FEW_VALID = 3
    """Less than ``min_valid_fraction`` of the samples are valid; the modes are NaN."""
    CONSTANT = 4
    """Every valid sample has the same value; it is the lowest mode, the others are zero."""


def varies(status: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether a series was decomposed by the iteration, from its status."""
    return (status == VmdStatus.OK) | (status == VmdStatus.NOT_CONVERGED)


@dataclass(frozen=True)
class VmdResult:
    """Modes of a batch of series, from the highest to the lowest frequency.

    Attributes
    ----------
    modes
        Shape (..., mode, time), unit of the series. NaN where the series had a gap. Mode 0 is the
        paper's IMF1 (highest centre frequency), mode K-1 its IMF5 (lowest).
    center_periods
        Shape (..., mode), days: the period of each mode's centre frequency, ``inf`` for a mode
        centred on zero frequency.
    converged
        Shape (...), whether the iteration met its tolerance.
    n_iter
        Shape (...), passes over the spectrum that were made.
    residual
        Shape (..., time): series minus the sum of its modes, NaN in gaps. With ``tau=0`` it is not
        zero: the modes share what the filters let through and leave the rest, so equation 5 of
        Chang et al. (2022), which writes the series as the sum of its modes, does not hold.
    status
        Shape (...), :class:`VmdStatus` as int8.
    """

    modes: NDArray[np.floating]
    center_periods: NDArray[np.float64]
    converged: NDArray[np.bool_]
    n_iter: NDArray[np.int32]
    residual: NDArray[np.floating]
    status: NDArray[np.int8]

    @property
    def annual_mode_found(self) -> NDArray[np.bool_]:
        """Whether the second lowest mode (the paper's IMF4) has the period of a year."""
        return annual_mode_found(self.center_periods)
