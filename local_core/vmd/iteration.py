"""The iteration of variational mode decomposition, what it is given and when it stops.

With ``F`` the spectrum of the series, ``u_k`` and ``w_k`` spectrum and centre frequency of mode k,
and ``l`` the multiplier, one pass does for k = 1..K, lowest start frequency first,

    u_k <- (F - sum_{i != k} u_i - l / 2) / (1 + alpha (f - w_k)^2)
    w_k <- sum_f f u_k^2 / sum_f u_k^2

and then ``l <- l + tau (sum_k u_k - F)`` (Dragomiretskiy and Zosso 2014, algorithm 2; Chang et al.
2022, eqs. 1 and 2). All filters of a pass use the centre frequencies of the pass before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VMDPY_MAX_ITER = 500
VMDPY_EPS = float(np.spacing(1.0))


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
    """

    start: NDArray[np.float64]
    alpha: float
    tau: float
    dc: bool
    tol: float
    max_iter: int
    compat: bool

    @property
    def n_modes(self) -> int:
        """Number of modes."""
        return self.start.size

    @property
    def last_pass(self) -> int:
        """Number of the pass after which the iteration gives up (vmdpy makes one less)."""
        return self.max_iter - 1 if self.compat else self.max_iter

    def change_scale(self, spectrum: NDArray[np.floating]) -> NDArray[np.float64]:
        """Factor that turns the squared change of the spectra into what ``tol`` is compared with.

        Parameters
        ----------
        spectrum
            Shape (series, time).

        Returns
        -------
        ndarray
            Shape (series,).
        """
        if self.compat:
            return np.full(spectrum.shape[0], 0.5 / spectrum.shape[-1])
        energy = np.einsum("bn,bn->b", spectrum[:, 1:], spectrum[:, 1:], dtype=np.float64)
        return 1.0 / np.maximum(energy, np.finfo(np.float64).tiny)


class Solution(NamedTuple):
    """Outcome of the iteration for a block of series, modes in the order of their start."""

    spectra: NDArray[np.floating]
    """Shape (series, mode, time)."""
    frequencies: NDArray[np.float64]
    """Shape (series, mode), cycles a sample."""
    n_iter: NDArray[np.int32]
    """Shape (series,)."""
    converged: NDArray[np.bool_]
    """Shape (series,)."""
