"""Loops over bins and modes, compiled by numba where it is installed.

The loops over bins are kept in small functions over contiguous slices, which the compiler turns
into vector instructions; a pass then runs close to the rate at which the processor divides. The
kernels release the interpreter lock, so that blocks of series can run on threads.

Everything that is compiled stands in this one file: numba's cache on disk notices a change of the
file a function is defined in, and not of the files that function calls. Without numba the step of
the descent, :func:`next_centers`, runs as it stands here; the rest is then done by
:mod:`local_core.vmd.engine_numpy`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Arrays over bins; F and F64 are the type of the work and the type of the descent.
F = NDArray[np.floating]
F64 = NDArray[np.float64]

try:
    from numba import njit

    COMPILED = True
except ImportError:
    COMPILED = False

    def njit(**_options: Any) -> Callable[[Callable], Callable]:
        """Leave a function as it is."""
        return lambda function: function


_FAST = {"nogil": True, "fastmath": True, "error_model": "numpy", "cache": True}
_EXACT = {"nogil": True, "error_model": "numpy", "cache": True}

# Bins in flight in the evaluation of J: the scratch of a tile stays in the first-level cache.
_TILE = 256
# Bins closer to a centre than this, in half widths, count as that far away: the gain is one there.
CLOSEST = 1e-8
# Longest step of the descent in half widths, and extension of a step towards G(w) (newton.py).
STEP_LIMIT = 0.2
EXTENSION = 1.7
# J is a sum of positive terms: a larger rise than this is no rounding.
_RISE = 1e-10
# Smallest pivot of the scaled Hessian that counts as positive definite.
_PIVOT = 1e-3


@njit(**_FAST)
def _update_mode(
    goal: F, bins: F, old: F, new: F, total: F, center: float
) -> tuple[float, float, float]:
    """Filter one mode; return its energy, its moment and its squared change."""
    energy = goal.dtype.type(0)
    moment = goal.dtype.type(0)
    change = goal.dtype.type(0)
    one = goal.dtype.type(1)
    for j in range(goal.size):
        distance = bins[j] - center
        before = old[j]
        rest = total[j] - before
        after = (goal[j] - rest) / (one + distance * distance)
        difference = after - before
        change += difference * difference
        power = after * after
        energy += power
        moment += power * bins[j]
        new[j] = after
        total[j] = rest + after
    return energy, moment, change


@njit(**_FAST)
def _update_multiplier(target: F, total: F, multiplier: F, goal: F, tau: float) -> None:
    """Dual ascent, and the goal of the next pass: the target less half the multiplier."""
    half = goal.dtype.type(0.5)
    for j in range(target.size):
        multiplier[j] += tau * (total[j] - target[j])
        goal[j] = target[j] - half * multiplier[j]


@njit(**_EXACT)
def passes(
    target: F,
    bins: F,
    centers: F64,
    previous: F64,
    modes: F,
    spare: F,
    tau: float,
    first_free: int,
    scale: float,
    floor: float,
    tol: float,
    least: int,
    most: int,
) -> tuple[int, bool]:
    """Run plain passes on one series until it changes by no more than ``tol``.

    Parameters
    ----------
    target
        Spectrum of the series, shape (time,).
    bins
        Frequencies of the bins in half widths, dtype of ``target``.
    centers
        Start, overwritten with the centre frequencies in half widths after the last pass.
    previous
        Filled with the centre frequencies before the last pass.
    modes, spare
        Shape (mode, time); ``modes`` must be zero. After an even number of passes ``modes`` holds
        the last pass and ``spare`` the one before, after an odd number it is the other way round.
    tau
        Step of the multiplier.
    first_free
        Index of the first mode whose centre may move.
    scale, floor
        The squared change is multiplied by ``scale`` and increased by ``floor`` before it is
        compared with ``tol``.
    tol
        Change to stop at.
    least, most
        Passes to make at least, and at most.

    Returns
    -------
    int
        Passes made.
    bool
        Whether the last change was within ``tol``.
    """
    n_modes = modes.shape[0]
    total = np.zeros_like(target)
    multiplier = np.zeros_like(target)
    goal = target.copy()
    old, new = modes, spare
    for n_pass in range(1, most + 1):
        change = 0.0
        for k in range(n_modes):
            previous[k] = centers[k]
            energy, moment, moved = _update_mode(
                goal, bins, old[k], new[k], total, target.dtype.type(centers[k])
            )
            change += moved
            # A mode without energy stays where it is (0/0 in vmdpy).
            if k >= first_free and energy > 0:
                centers[k] = moment / energy
        if tau > 0:
            _update_multiplier(target, total, multiplier, goal, target.dtype.type(tau))
        old, new = new, old
        within = change * scale + floor <= tol
        if within and n_pass >= least:
            return n_pass, True
    return most, within


@njit(**_FAST)
def _inverse_distances(bins: F64, center: float, inverse: F64, total: F64) -> None:
    for j in range(bins.size):
        distance = bins[j] - center
        inverse[j] = 1.0 / (distance if abs(distance) >= CLOSEST else CLOSEST)
        total[j] += inverse[j] * inverse[j]


@njit(**_FAST)
def _left_over(power: F64, total: F64, weight: F64) -> float:
    """Turn the sums of 1/a into 1/(1 + sum), weigh the power by its square, add up J."""
    value = 0.0
    for j in range(power.size):
        left = 1.0 / (1.0 + total[j])
        total[j] = left
        passed = power[j] * left
        value += passed
        weight[j] = passed * left
    return value


@njit(**_FAST)
def _mode_sums(bins: F64, inverse: F64, weight: F64) -> tuple[float, float]:
    """Energy and moment of a mode; leaves the cube of the inverse distances behind."""
    energy = 0.0
    moment = 0.0
    for j in range(bins.size):
        square = inverse[j] * inverse[j]
        power = square * square * weight[j]
        energy += power
        moment += power * bins[j]
        inverse[j] *= square
    return energy, moment


@njit(**_FAST)
def _damp(weight: F64, left: F64) -> None:
    for j in range(weight.size):
        weight[j] *= left[j]


@njit(**_FAST)
def _product(one: F64, other: F64, weight: F64) -> float:
    value = 0.0
    for j in range(weight.size):
        value += one[j] * other[j] * weight[j]
    return value


@njit(**_EXACT)
def _evaluate(
    power: F64,
    bins: F64,
    centers: F64,
    energy: F64,
    moment: F64,
    curvature: F64,
    inverse: F64,
    total: F64,
    weight: F64,
) -> float:
    """Compute :func:`local_core.vmd.newton.evaluate` tile by tile."""
    n_modes = centers.size
    energy[:] = 0.0
    moment[:] = 0.0
    curvature[:] = 0.0
    value = 0.0
    for first in range(0, power.size, _TILE):
        last = min(first + _TILE, power.size)
        size = last - first
        tile_bins = bins[first:last]
        tile_total = total[:size]
        tile_weight = weight[:size]
        tile_total[:] = 0.0
        for k in range(n_modes):
            _inverse_distances(tile_bins, centers[k], inverse[k, :size], tile_total)
        value += _left_over(power[first:last], tile_total, tile_weight)
        for k in range(n_modes):
            sums = _mode_sums(tile_bins, inverse[k, :size], tile_weight)
            energy[k] += sums[0]
            moment[k] += sums[1]
        _damp(tile_weight, tile_total)
        for k in range(n_modes):
            for other in range(k + 1):
                curvature[k, other] += _product(
                    inverse[k, :size], inverse[other, :size], tile_weight
                )
    return value


@njit(**_EXACT)
def _newton_step(
    centers: F64,
    energy: F64,
    curvature: F64,
    first_free: int,
    memory: F64,
    work: F64,
) -> bool:
    """Newton's step into ``work[:, mode]``; False where the Hessian is not positive definite.

    The Hessian is scaled by the energy of the modes, ``2 sqrt(e_k e_l)``, and factored by Cholesky.
    """
    n_modes = centers.size
    for k in range(first_free, n_modes):
        if not energy[k] > 0.0:
            return False
        scale_k = np.sqrt(2.0 * energy[k])
        for other in range(first_free, k + 1):
            entry = 8.0 * curvature[k, other]
            if other == k:
                entry -= 6.0 * energy[k]
            entry /= scale_k * np.sqrt(2.0 * energy[other])
            for i in range(first_free, other):
                entry -= work[k, i] * work[other, i]
            if other < k:
                work[k, other] = entry / work[other, other]
            elif entry > _PIVOT:
                work[k, k] = np.sqrt(entry)
            else:
                return False
        # Minus the gradient, scaled: 2 e_k (G_k - w_k) / sqrt(2 e_k), and forward substitution.
        right = scale_k * (memory[1 + k] - centers[k])
        for i in range(first_free, k):
            right -= work[k, i] * work[i, n_modes]
        work[k, n_modes] = right / work[k, k]
    for k in range(n_modes - 1, first_free - 1, -1):
        right = work[k, n_modes]
        for i in range(k + 1, n_modes):
            right -= work[i, k] * work[i, n_modes + 1]
        work[k, n_modes + 1] = right / work[k, k]
    for k in range(first_free, n_modes):
        work[k, n_modes] = work[k, n_modes + 1] / np.sqrt(2.0 * energy[k])
    return True


@njit(**_EXACT)
def next_centers(
    value: float,
    centers: F64,
    energy: F64,
    moment: F64,
    curvature: F64,
    first_free: int,
    highest: float,
    stop: float,
    memory: F64,
    work: F64,
) -> bool:
    """Move ``centers`` by one step of the descent.

    Parameters
    ----------
    value, energy, moment, curvature
        From :func:`evaluate` at ``centers``.
    centers
        Centre frequencies in half widths; changed in place.
    first_free
        Index of the first mode that may move (1 if the lowest is held at zero, else 0).
    highest
        Largest admissible centre frequency.
    stop
        Energy by which a pass may still change the modes, as a share of the energy of the series.
    memory
        Shape (mode + 1,), carried from step to step; start with ``inf`` in the first element. Holds
        the last J and the point G(w) to return to if a step raised it.
    work
        Scratch of shape (mode, mode + 2).

    Returns
    -------
    bool
        True when the centre frequencies are those of a fixed point.
    """
    n_modes = centers.size
    if value > memory[0] * (1.0 + _RISE):
        memory[0] = np.inf
        for k in range(first_free, n_modes):
            centers[k] = memory[1 + k]
        return False
    memory[0] = value
    change = 0.0
    widest = 0.0
    for k in range(n_modes):
        pulled = moment[k] / energy[k] if energy[k] > 0.0 else centers[k]
        if k < first_free:
            pulled = centers[k]
        shift = pulled - centers[k]
        change += energy[k] * shift * shift
        widest = max(widest, abs(shift))
        memory[1 + k] = pulled
    done = change <= stop
    if _newton_step(centers, energy, curvature, first_free, memory, work):
        longest = 0.0
        for k in range(first_free, n_modes):
            longest = max(longest, abs(work[k, n_modes]))
        scale = min(1.0, STEP_LIMIT / longest) if longest > 0.0 else 1.0
        inside = True
        for k in range(first_free, n_modes):
            target = centers[k] + scale * work[k, n_modes]
            inside = inside and 0.0 <= target <= highest
        if inside:
            for k in range(first_free, n_modes):
                centers[k] += scale * work[k, n_modes]
            return done
    extension = EXTENSION if EXTENSION * widest < STEP_LIMIT and not done else 1.0
    for k in range(first_free, n_modes):
        target = centers[k] + extension * (memory[1 + k] - centers[k])
        centers[k] = min(max(target, 0.0), highest)
    return done


@njit(**_EXACT)
def descend(
    power: F64, bins: F64, centers: F64, first_free: int, stop: float, max_steps: int
) -> tuple[int, bool]:
    """Compiled :func:`local_core.vmd.newton.descend`."""
    n_modes = centers.size
    energy, moment = np.zeros(n_modes), np.zeros(n_modes)
    curvature = np.zeros((n_modes, n_modes))
    work = np.zeros((n_modes, n_modes + 2))
    memory = np.full(n_modes + 1, np.inf)
    inverse = np.empty((n_modes, _TILE))
    total, weight = np.empty(_TILE), np.empty(_TILE)
    for step in range(1, max_steps + 1):
        value = _evaluate(power, bins, centers, energy, moment, curvature, inverse, total, weight)
        if next_centers(
            value,
            centers,
            energy,
            moment,
            curvature,
            first_free,
            bins[-1],
            stop,
            memory,
            work,
        ):
            return step, True
    return max_steps, False


@njit(**_FAST)
def _apply_gain(spectrum: F, inverse: F64, left: F64, out: F) -> None:
    for j in range(spectrum.size):
        out[j] = spectrum[j] * (inverse[j] * inverse[j] * left[j])


@njit(**_EXACT)
def _fill_modes(spectrum: F, bins: F64, centers: F64, out: F) -> None:
    """Fill ``out`` (mode, time) with the modes that belong to the centre frequencies."""
    inverse = np.empty((centers.size, _TILE))
    left, weight = np.empty(_TILE), np.empty(_TILE)
    for first in range(0, spectrum.size, _TILE):
        last = min(first + _TILE, spectrum.size)
        size = last - first
        left[:] = 0.0
        for k in range(centers.size):
            _inverse_distances(bins[first:last], centers[k], inverse[k, :size], left[:size])
        _left_over(left[:size], left[:size], weight[:size])
        for k in range(centers.size):
            _apply_gain(spectrum[first:last], inverse[k, :size], left[:size], out[k, first:last])


@njit(**_EXACT)
def solve_plain(
    spectrum: F,
    bins: F,
    start: F64,
    tau: float,
    first_free: int,
    scale: F64,
    floor: float,
    tol: float,
    most: int,
    stale: bool,
    out: F,
    centers: F64,
    n_iter: NDArray[np.int32],
    ok: NDArray[np.bool_],
) -> None:
    """Run the plain iteration on every row and write its modes, highest frequency first.

    ``stale`` returns the last but one pass, as vmdpy does; the other arguments are those of
    :func:`passes` and the fields of :class:`local_core.vmd.iteration.Outcome`.
    """
    modes = np.empty_like(out[0])
    spare = np.empty_like(out[0])
    previous = np.empty_like(start)
    for row in range(spectrum.shape[0]):
        modes[:] = 0
        spare[:] = 0
        centers[row] = start
        n_iter[row], ok[row] = passes(
            spectrum[row],
            bins,
            centers[row],
            previous,
            modes,
            spare,
            tau,
            first_free,
            scale[row],
            floor,
            tol,
            1,
            most,
        )
        newest, before = (modes, spare) if n_iter[row] % 2 == 0 else (spare, modes)
        if stale:
            centers[row] = previous
            newest = before
        order = np.argsort(centers[row], kind="mergesort")[::-1]
        centers[row] = centers[row][order]
        for k in range(order.size):
            out[row, k] = newest[order[k]]


@njit(**_EXACT)
def solve_accelerated(
    spectrum: F,
    bins: F,
    exact_bins: F64,
    start: F64,
    first_free: int,
    scale: F64,
    handover: float,
    least: int,
    stop: float,
    most: int,
    out: F,
    centers: F64,
    n_iter: NDArray[np.int32],
    ok: NDArray[np.bool_],
) -> None:
    """Run plain passes on every row until the handover, then the descent.

    The modes are written highest frequency first. ``handover`` and ``least`` end the plain passes,
    ``stop`` the descent, ``most`` both.
    """
    modes = np.empty_like(out[0])
    spare = np.empty_like(out[0])
    previous = np.empty_like(start)
    power = np.empty(spectrum.shape[1])
    for row in range(spectrum.shape[0]):
        modes[:] = 0
        spare[:] = 0
        centers[row] = start
        made, _ = passes(
            spectrum[row],
            bins,
            centers[row],
            previous,
            modes,
            spare,
            0.0,
            first_free,
            scale[row],
            0.0,
            handover,
            least,
            most,
        )
        for j in range(power.size):
            power[j] = np.float64(spectrum[row, j]) ** 2 * scale[row]
        steps, ok[row] = descend(power, exact_bins, centers[row], first_free, stop, most - made)
        n_iter[row] = made + steps
        centers[row] = np.sort(centers[row])[::-1]
        _fill_modes(spectrum[row], exact_bins, centers[row], out[row])
