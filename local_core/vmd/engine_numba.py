"""The iteration compiled by numba, for a block of series at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_core.vmd import kernels
from local_core.vmd.iteration import Iteration, Outcome
from local_core.vmd.spectrum import bin_frequencies


def solve(
    spectrum: NDArray[np.floating], problem: Iteration, modes: NDArray[np.floating]
) -> Outcome:
    """Decompose the spectra of a block of series; see :func:`local_core.vmd.engine_numpy.solve`."""
    outcome = Outcome.empty(spectrum.shape[0], problem.n_modes)
    exact_bins = bin_frequencies(spectrum.shape[-1]) / problem.half_width
    bins = exact_bins.astype(spectrum.dtype, copy=False)
    start = problem.start / problem.half_width
    scale = problem.change_scale(spectrum)
    spectrum = np.ascontiguousarray(spectrum)
    if problem.accelerate:
        kernels.solve_accelerated(
            spectrum,
            bins,
            exact_bins,
            start,
            problem.first_free,
            scale,
            problem.handover,
            problem.first_passes,
            problem.descent_stop,
            problem.max_iter,
            modes,
            *outcome,
        )
    else:
        kernels.solve_plain(
            spectrum,
            bins,
            start,
            problem.tau,
            problem.first_free,
            scale,
            problem.floor,
            problem.tol,
            problem.last_pass,
            problem.compat,
            modes,
            *outcome,
        )
    np.multiply(outcome.frequencies, problem.half_width, out=outcome.frequencies)
    return outcome
