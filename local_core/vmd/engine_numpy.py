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
    n_series, n_times = spectrum.shape
    outcome = Outcome.empty(n_series, problem.n_modes)
    bins = (bin_frequencies(n_times) / problem.half_width).astype(spectrum.dtype)
    active = np.arange(n_series)
    target = spectrum
    scale = problem.change_scale(spectrum)
    centers = np.tile(problem.start / problem.half_width, (n_series, 1))
    # Two generations of modes, (mode, series, time), that take turns in being the newer one.
    modes = np.zeros((problem.n_modes, n_series, n_times), dtype=spectrum.dtype)
    spare = np.zeros_like(modes)
    total = np.zeros_like(spectrum)
    multiplier = np.zeros_like(spectrum) if problem.tau else None
    for n_pass in range(1, most + 1):
        goal = target if multiplier is None else target - 0.5 * multiplier
        change, moved = _one_pass(goal, bins, modes, spare, total, centers, problem.first_free)
        if multiplier is not None:
            multiplier += problem.tau * (total - target)
        converged = change * scale + problem.floor <= tol
        finished = converged & (n_pass >= least) if n_pass < most else np.ones_like(converged)
        if finished.any():
            rows = active[finished]
            # vmdpy counts from one in an array that starts at zero: it returns the last but one.
            given, at = (modes, centers) if problem.compat else (spare, moved)
            out[rows] = given[:, finished].swapaxes(0, 1)
            outcome.frequencies[rows] = at[finished] * problem.half_width
            outcome.n_iter[rows] = n_pass
            outcome.converged[rows] = converged[finished]
            going = ~finished
            if not going.any():
                break
            active, target, scale, total = active[going], target[going], scale[going], total[going]
            modes, spare, moved = modes[:, going], spare[:, going], moved[going]
            multiplier = multiplier[going] if multiplier is not None else None
        centers = moved
        modes, spare = spare, modes
    return outcome


def _one_pass(
    goal: NDArray[np.floating],
    bins: NDArray[np.floating],
    old: NDArray[np.floating],
    new: NDArray[np.floating],
    total: NDArray[np.floating],
    centers: NDArray[np.float64],
    first_free: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fill ``new`` from ``old``, bring ``total`` up to date; return squared change and centres.

    Sums are taken row by row (no matrix product), so that a series does not see its batch.
    """
    change = np.zeros(goal.shape[0])
    moved = centers.copy()
    work = np.empty_like(total)
    for k, (before, after) in enumerate(zip(old, new)):
        np.subtract(bins, centers[:, k, None].astype(bins.dtype), out=work)
        work *= work
        work += 1
        total -= before
        np.subtract(goal, total, out=after)
        after /= work
        total += after
        np.subtract(after, before, out=work)
        change += np.einsum("bn,bn->b", work, work)
        if k >= first_free:
            np.multiply(after, after, out=work)
            power = work.sum(axis=-1, dtype=np.float64)
            moment = np.einsum("bn,n->b", work, bins)
            # A mode without energy stays where it is (0/0 in vmdpy).
            np.divide(moment, power, out=moved[:, k], where=power > 0)
    return change, moved
