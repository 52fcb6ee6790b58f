"""The plain iteration in numpy, for a block of series at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.iteration import VMDPY_EPS, Iteration, Solution
from local_core.vmd.spectrum import bin_frequencies


def iterate(spectrum: NDArray[np.floating], problem: Iteration) -> Solution:
    """Run the passes until every series of the block has converged or the cap is reached.

    Series that have converged leave the block, so late passes cost what the unfinished ones need.

    Parameters
    ----------
    spectrum
        Shape (series, time), from :func:`local_core.vmd.spectrum.mirrored_spectrum`. A few series
        at a time are quickest: the temporaries of a pass then stay in the processor's cache.
    problem
        What to solve.

    Returns
    -------
    Solution
        Spectra of dtype ``spectrum.dtype``.
    """
    n_series, n_times = spectrum.shape
    shape = (n_series, problem.n_modes, n_times)
    out = Solution(
        spectra=np.zeros(shape, dtype=spectrum.dtype),
        frequencies=np.zeros(shape[:2]),
        n_iter=np.zeros(n_series, dtype=np.int32),
        converged=np.zeros(n_series, dtype=bool),
    )
    bins = bin_frequencies(n_times).astype(spectrum.dtype)
    active = np.arange(n_series)
    target = spectrum
    scale = problem.change_scale(spectrum)
    centers = np.tile(problem.start, (n_series, 1))
    modes = np.zeros(shape, dtype=spectrum.dtype)
    total = np.zeros_like(spectrum)
    multiplier = np.zeros_like(spectrum) if problem.tau else None
    for n_pass in range(1, problem.last_pass + 1):
        before_modes = modes.copy() if problem.compat else modes
        before_centers = centers
        change, centers = _one_pass(target, bins, modes, total, multiplier, centers, problem)
        change = change * scale + (VMDPY_EPS if problem.compat else 0.0)
        converged = change <= problem.tol
        finished = converged if n_pass < problem.last_pass else np.ones_like(converged)
        if not finished.any():
            continue
        rows = active[finished]
        # vmdpy counts from one in an array that starts at zero: it returns the last but one pass.
        given = (before_modes, before_centers) if problem.compat else (modes, centers)
        out.spectra[rows] = given[0][finished]
        out.frequencies[rows] = given[1][finished]
        out.n_iter[rows] = n_pass
        out.converged[rows] = converged[finished]
        going = ~finished
        if not going.any():
            break
        active, target, scale = active[going], target[going], scale[going]
        centers, modes, total = centers[going], modes[going], total[going]
        multiplier = multiplier[going] if multiplier is not None else None
    return out


def _one_pass(
    target: NDArray[np.floating],
    bins: NDArray[np.floating],
    modes: NDArray[np.floating],
    total: NDArray[np.floating],
    multiplier: NDArray[np.floating] | None,
    centers: NDArray[np.float64],
    problem: Iteration,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Update modes, total and multiplier in place; return squared change and centres."""
    change = np.zeros(target.shape[0])
    moved = centers.copy()
    goal = target if multiplier is None else target - 0.5 * multiplier
    root = np.sqrt(problem.alpha)
    for k in range(problem.n_modes):
        mode = modes[:, k]
        offset = (root * bins) - (root * centers[:, k, None]).astype(bins.dtype)
        rest = total - mode
        updated = (goal - rest) / (1.0 + offset * offset)
        np.add(rest, updated, out=total)
        change += np.einsum("bn,bn->b", updated - mode, updated - mode)
        if k > 0 or not problem.dc:
            power = np.einsum("bn,bn->b", updated, updated)
            moment = np.einsum("bn,n->b", updated * updated, bins)
            # A mode without energy stays where it is (0/0 in vmdpy).
            np.divide(moment, power, out=moved[:, k], where=power > 0)
        mode[...] = updated
    if multiplier is not None:
        multiplier += problem.tau * (total - target)
    return change, moved
