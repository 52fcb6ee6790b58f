"""The package vmdpy as a backend: slow, and the reference for ``compat``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.iteration import VMDPY_MAX_ITER, Iteration, Solution


def solve(
    filled: NDArray[np.floating], problem: Iteration
) -> tuple[Solution, NDArray[np.floating]]:
    """Decompose each row with ``vmdpy.VMD``.

    vmdpy does not say whether it converged; a run that used up its passes is taken as one that did
    not.

    Parameters
    ----------
    filled
        Shape (series, time), an even number of times.
    problem
        What to solve; the start must be all zero or uniform.

    Returns
    -------
    solution, modes
        The modes in the order of their start, shape (series, mode, time); ``solution.spectra``
        holds nothing, as vmdpy works on other spectra.
    """
    from vmdpy import VMD

    n_series, n_times = filled.shape
    modes = np.empty((n_series, problem.n_modes, n_times), dtype=filled.dtype)
    frequencies = np.empty((n_series, problem.n_modes))
    n_iter = np.empty(n_series, dtype=np.int32)
    init = int(problem.start.any())
    for row in range(n_series):
        modes[row], _, trail = VMD(
            filled[row],
            problem.alpha,
            problem.tau,
            problem.n_modes,
            int(problem.dc),
            init,
            problem.tol,
        )
        frequencies[row] = trail[-1]
        n_iter[row] = trail.shape[0]
    empty = np.empty((n_series, problem.n_modes, 0), dtype=filled.dtype)
    return Solution(empty, frequencies, n_iter, n_iter < VMDPY_MAX_ITER - 1), modes
