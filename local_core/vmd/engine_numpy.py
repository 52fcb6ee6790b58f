"""The iteration in numpy, for a block of series at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.iteration import Iteration, Outcome, highest_first
from local_core.vmd.newton import descend, mode_gains
from local_core.vmd.spectrum import bin_frequencies


def solve(
    spectrum: NDArray[np.floating], problem: Iteration, modes: NDArray[np.floating]
) -> Outcome:
    """Decompose the spectra of a block of series.

    Parameters
    ----------
    spectrum
        Shape (series, time), from :func:`local_core.vmd.spectrum.mirrored_spectrum`. A few series
        at a time are quickest: the temporaries of a pass then stay in the processor's cache.
    problem
        What to solve.
    modes
        Filled with the spectra of the modes, highest frequency first, shape (series, mode, time).

    Returns
    -------
    Outcome
        Centre frequencies, passes made, and whether that was enough.
    """
    if not problem.accelerate:
        outcome = _iterate(
            spectrum, problem, modes, least=1, most=problem.last_pass, tol=problem.tol
        )
        order = highest_first(outcome.frequencies)
        modes[...] = np.take_along_axis(modes, order[..., None], axis=1)
        return outcome._replace(frequencies=np.take_along_axis(outcome.frequencies, order, axis=1))
    outcome = _iterate(
        spectrum,
        problem,
        modes,
        least=problem.first_passes,
        most=problem.max_iter,
        tol=problem.handover,
    )
    bins = bin_frequencies(spectrum.shape[-1]) / problem.half_width
    centers = outcome.frequencies / problem.half_width
    powers = np.square(spectrum, dtype=np.float64) * problem.change_scale(spectrum)[:, None]
    for row, power in enumerate(powers):
        steps, outcome.converged[row] = descend(
            power,
            bins,
            centers[row],
            problem.first_free,
            problem.descent_stop,
            problem.max_iter - int(outcome.n_iter[row]),
        )
        outcome.n_iter[row] += steps
        centers[row] = np.sort(centers[row])[::-1]
        modes[row] = spectrum[row] * mode_gains(bins, centers[row])
    return outcome._replace(frequencies=centers * problem.half_width)


def _iterate(
    spectrum: NDArray[np.floating],
    problem: Iteration,
    out: NDArray[np.floating],
    *,
    least: int,
    most: int,
    tol: float,
) -> Outcome:
    """Run plain passes until every series of the block is within ``tol``; fill ``out``.

    Series that have converged leave the block, so late passes cost what the unfinished ones need.
    """
    n_series = spectrum.shape[0]
    outcome = Outcome.empty(n_series, problem.n_modes)
    bins = bin_frequencies(spectrum.shape[-1])
    active = np.arange(n_series)
    target = spectrum
    scale = problem.change_scale(spectrum)
    centers = np.tile(problem.start, (n_series, 1))
    modes = np.zeros_like(out)
    total = np.zeros_like(spectrum)
    multiplier = np.zeros_like(spectrum) if problem.tau else None
    for n_pass in range(1, most + 1):
        before = (modes.copy(), centers) if problem.compat else None
        change, centers = _one_pass(target, bins, modes, total, multiplier, centers, problem)
        converged = change * scale + problem.floor <= tol
        finished = converged & (n_pass >= least) if n_pass < most else np.ones_like(converged)
        if not finished.any():
            continue
        rows = active[finished]
        # vmdpy counts from one in an array that starts at zero: it returns the last but one pass.
        given = before if before is not None else (modes, centers)
        out[rows] = given[0][finished]
        outcome.frequencies[rows] = given[1][finished]
        outcome.n_iter[rows] = n_pass
        outcome.converged[rows] = converged[finished]
        going = ~finished
        if not going.any():
            break
        active, target, scale = active[going], target[going], scale[going]
        centers, modes, total = centers[going], modes[going], total[going]
        multiplier = multiplier[going] if multiplier is not None else None
    return outcome


def _one_pass(
    target: NDArray[np.floating],
    bins: NDArray[np.float64],
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
    for k in range(problem.n_modes):
        mode = modes[:, k]
        offset = ((bins - centers[:, k, None]) / problem.half_width).astype(target.dtype)
        np.multiply(offset, offset, out=offset)
        offset += 1
        np.subtract(total, mode, out=total)
        updated = np.subtract(goal, total)
        updated /= offset
        np.add(total, updated, out=total)
        mode -= updated
        change += np.einsum("bn,bn->b", mode, mode)
        mode[...] = updated
        if k >= problem.first_free:
            np.multiply(updated, updated, out=updated)
            power = updated.sum(axis=-1, dtype=np.float64)
            moment = np.einsum("bn,n->b", updated, bins)
            # A mode without energy stays where it is (0/0 in vmdpy).
            np.divide(moment, power, out=moved[:, k], where=power > 0)
    if multiplier is not None:
        multiplier += problem.tau * (total - target)
    return change, moved
