"""The iteration of variational mode decomposition: what it is given, what it returns.

With ``F`` the spectrum of the series, ``u_k`` and ``w_k`` spectrum and centre frequency of mode k,
and ``l`` the multiplier, one plain pass does for k = 1..K, lowest start frequency first,

    u_k <- (F - sum_{i != k} u_i - l / 2) / (1 + alpha (f - w_k)^2)
    w_k <- sum_f f u_k^2 / sum_f u_k^2

and then ``l <- l + tau (sum_k u_k - F)`` (Dragomiretskiy and Zosso 2014, algorithm 2; Chang et al.
2022, eqs. 1 and 2). All filters of a pass use the centre frequencies of the pass before.

Without a multiplier the plain passes only have to choose the valley the iteration falls into; the
fixed point at its bottom is then found by :mod:`local_core.vmd.newton`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VMDPY_MAX_ITER = 500
VMDPY_EPS = float(np.spacing(1.0))

# Plain passes before the descent takes over. Distinct starts have their valleys within a few
# passes. Coincident starts (all at zero) are driven apart by the order of the updates, which only
# the plain passes know: they go on until the modes hardly change. docs/vmd-defaults.md counts how
# often the fixed point is that of the plain iteration.
_FIRST_PASSES = 40
_COINCIDENT_CHANGE = 1e-7
_DISTINCT_STARTS = 0.5
# The descent converges quadratically: going far below the tolerance costs it a step or two.
_DESCENT_SHARE = 1e-6


@dataclass(frozen=True)
class Iteration:
    """One decomposition problem, without its data.

    Attributes
    ----------
    start
        Start centre frequencies in cycles a sample, ascending, shape (mode,).
    alpha
        Penalty on the bandwidth of the modes, in samples squared.
    tau
        Step of the multiplier; 0 switches the multiplier off.
    dc
        Hold the lowest mode at zero frequency.
    tol
        Energy by which the modes of a series may still change in a pass: as a share of the energy
        of the series about its mean, or absolute (per sample of the mirrored series) with
        ``compat``.
    max_iter
        Largest number of passes.
    compat
        Stop and return as vmdpy does.
    accelerate
        Finish by descent in the centre frequencies.
    """

    start: NDArray[np.float64]
    alpha: float
    tau: float
    dc: bool
    tol: float
    max_iter: int
    compat: bool
    accelerate: bool

    @property
    def n_modes(self) -> int:
        """Number of modes."""
        return self.start.size

    @property
    def first_free(self) -> int:
        """Index of the first mode whose centre moves."""
        return int(self.dc)

    @property
    def half_width(self) -> float:
        """Offset in cycles a sample at which a mode's filter has half its gain."""
        return 1.0 / float(np.sqrt(self.alpha))

    @property
    def last_pass(self) -> int:
        """Number of the pass after which the iteration gives up (vmdpy makes one less)."""
        return self.max_iter - 1 if self.compat else self.max_iter

    @property
    def floor(self) -> float:
        """Number added to the change before it is compared with ``tol``."""
        return VMDPY_EPS if self.compat else 0.0

    @property
    def first_passes(self) -> int:
        """Plain passes made at least before the descent."""
        return min(_FIRST_PASSES, self.max_iter)

    @property
    def handover(self) -> float:
        """Change of a plain pass below which the descent takes over."""
        spacing = np.diff(self.start)
        distinct = spacing.size == 0 or spacing.min() >= _DISTINCT_STARTS * self.half_width
        return np.inf if distinct else _COINCIDENT_CHANGE

    @property
    def descent_stop(self) -> float:
        """Change of a plain pass below which the descent has arrived."""
        return max(self.tol * _DESCENT_SHARE, 1e-26)

    def change_scale(self, spectrum: NDArray[np.floating]) -> NDArray[np.float64]:
        """Factor that turns the squared change of the spectra into what ``tol`` is compared with.

        Parameters
        ----------
        spectrum
            Shape (series, time). Rows must vary.

        Returns
        -------
        ndarray
            Shape (series,).
        """
        if self.compat:
            return np.full(spectrum.shape[0], 0.5 / spectrum.shape[-1])
        varying = spectrum[:, 1:].astype(np.float64, copy=False)
        return 1.0 / np.einsum("bn,bn->b", varying, varying)


class Outcome(NamedTuple):
    """What became of a block of series; the spectra of the modes are written beside it."""

    frequencies: NDArray[np.float64]
    """Shape (series, mode), cycles a sample, falling."""
    n_iter: NDArray[np.int32]
    """Shape (series,)."""
    converged: NDArray[np.bool_]
    """Shape (series,)."""

    @classmethod
    def empty(cls, n_series: int, n_modes: int) -> Outcome:
        """Arrays to be filled."""
        return cls(
            frequencies=np.empty((n_series, n_modes)),
            n_iter=np.empty(n_series, dtype=np.int32),
            converged=np.empty(n_series, dtype=bool),
        )


def highest_first(frequencies: NDArray[np.float64]) -> NDArray[np.intp]:
    """Order of falling frequency along the last axis; of equals, the one started lower is last."""
    return np.argsort(frequencies, axis=-1, kind="stable")[..., ::-1]
