"""The package vmdpy as a backend: slow, and the reference for ``compat``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.iteration import VMDPY_MAX_ITER, Iteration, Outcome, highest_first


def solve(filled: NDArray[np.floating], problem: Iteration, modes: NDArray[np.floating]) -> Outcome:
    """Decompose each row with ``vmdpy.VMD``.

    vmdpy does not say whether it converged; a run that used up its passes is taken as one that did
    not.

    Parameters
    ----------
    filled
        Series, not spectra, of shape (series, time), an even number of times.
    problem
        What to solve; the start must be all zero or uniform.
    modes
        Filled with the modes in time, highest frequency first, shape (series, mode, time).

    Returns
    -------
    Outcome
        Centre frequencies, passes made, and whether they were fewer than the cap.
    """
    from vmdpy import VMD

    outcome = Outcome.empty(filled.shape[0], problem.n_modes)
    init = int(problem.start.any())
    for row, series in enumerate(filled):
        found, _, trail = VMD(
            series,
            problem.alpha,
            problem.tau,
            problem.n_modes,
            int(problem.dc),
            init,
            problem.tol,
        )
        order = highest_first(trail[-1])
        modes[row] = found[order]
        outcome.frequencies[row] = trail[-1][order]
        outcome.n_iter[row] = trail.shape[0]
        outcome.converged[row] = trail.shape[0] < VMDPY_MAX_ITER - 1
    return outcome
