"""Descent in the centre frequencies alone, for a multiplier that is switched off.

With ``tau = 0`` a pass of the iteration minimises, one unknown after the other,

    E(u, w) = sum_f [ sum_k alpha (f - w_k)^2 u_k^2 + (F - sum_k u_k)^2 ].

For given centre frequencies the minimum over the modes is known: with ``a_k = alpha (f - w_k)^2``
it is ``u_k = F (1 / a_k) / (1 + sum_i 1 / a_i)``, and what is left is a function of the K centre
frequencies alone,

    J(w) = sum_f F^2 / (1 + sum_k 1 / a_k).

A fixed point of the iteration is a stationary point of J and the other way round, so the iteration
may be finished on K numbers instead of K spectra. A full minimisation over the modes followed by
one update of the centre frequencies, ``w <- G(w)``, never raises J; Newton's step on J is quadratic
near the minimum. J is smooth on the scale of a filter's half width, which bounds the steps: a step
is cut to a fraction of that width, and taken back if J rises. Where the Hessian is not positive
definite, a moderately extended step towards G(w) is made.

Frequencies here are in half widths, ``sqrt(alpha) f``. The step itself, which only sees K numbers,
is :func:`local_core.vmd.kernels.next_centers`; this module holds what numpy does around it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.kernels import CLOSEST, next_centers


def evaluate(
    power: NDArray[np.float64],
    bins: NDArray[np.float64],
    centers: NDArray[np.float64],
    energy: NDArray[np.float64],
    moment: NDArray[np.float64],
    curvature: NDArray[np.float64],
) -> float:
    """J and the sums its derivatives are made of.

    Parameters
    ----------
    power
        Squared spectrum as a share of the energy of the series, shape (time,).
    bins
        Frequencies of the bins in half widths, shape (time,).
    centers
        Centre frequencies in half widths, shape (mode,).
    energy, moment
        Filled with the energy of each mode, and that energy times its centre of gravity.
    curvature
        Shape (mode, mode); the lower triangle is filled with ``sum F^2 c_k^3 c_l^3 / (1 + s)^3``,
        where ``c_k = 1 / (f - w_k)`` and ``s = sum c_k^2``.

    Returns
    -------
    float
        J(w).
    """
    distance = bins - centers[:, None]
    inverse = 1.0 / np.where(np.abs(distance) < CLOSEST, CLOSEST, distance)
    square = inverse * inverse
    left = 1.0 / (1.0 + square.sum(axis=0))
    weight = power * left * left
    mode_power = square * square * weight
    energy[:] = mode_power.sum(axis=1)
    moment[:] = mode_power @ bins
    cube = square * inverse
    curvature[:] = (cube * (weight * left)) @ cube.T
    return float(power @ left)


def descend(
    power: NDArray[np.float64],
    bins: NDArray[np.float64],
    centers: NDArray[np.float64],
    first_free: int,
    stop: float,
    max_steps: int,
) -> tuple[int, bool]:
    """Carry ``centers`` to the fixed point below them.

    Parameters
    ----------
    power, bins
        As in :func:`evaluate`.
    centers
        Start in half widths; overwritten with the fixed point.
    first_free, stop
        As in :func:`local_core.vmd.kernels.next_centers`.
    max_steps
        Largest number of evaluations.

    Returns
    -------
    int
        Evaluations made.
    bool
        Whether ``stop`` was met.
    """
    n_modes = centers.size
    energy, moment = np.zeros(n_modes), np.zeros(n_modes)
    curvature = np.zeros((n_modes, n_modes))
    work = np.zeros((n_modes, n_modes + 2))
    memory = np.full(n_modes + 1, np.inf)
    for step in range(1, max_steps + 1):
        value = evaluate(power, bins, centers, energy, moment, curvature)
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


def mode_gains(bins: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gain of each mode at each bin at the minimum over the modes.

    Parameters
    ----------
    bins
        Shape (time,), half widths.
    centers
        Shape (..., mode), half widths.

    Returns
    -------
    ndarray
        Shape (..., mode, time): ``u_k / F``.
    """
    distance = bins - centers[..., None]
    square = 1.0 / np.maximum(distance * distance, CLOSEST * CLOSEST)
    return square / (1.0 + square.sum(axis=-2, keepdims=True))
