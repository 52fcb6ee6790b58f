"""Rejection of outlying triplets by the iterated sigma test of the KNMI scatterometer group.

Version 2.0 of KNMI's triple collocation program (2024) rejects a triplet when, after calibration
to the reference, any two of its values lie further apart than ``f`` times the root mean square
distance of that pair over *all* triplets. Calibration and rejection depend on each other and are
iterated. Two things differ here. The first calibration comes from all triplets instead of being the
identity, so that products in different units can be tested; and the end is a set of accepted
triplets that reproduces itself, not a small step. Both lead to the same fixed point on KNMI's own
sample. (Version 1 measured distances over the accepted triplets; its fixed point is another one.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from local_core.collocation.joint_moments import JointMoments, joint_moments, joint_samples
from local_core.collocation.triplet_estimates import triplet_estimates

__all__ = ["accept_within_sigma"]


def accept_within_sigma(
    products: Sequence[np.ndarray],
    factor: float,
    *,
    reference: int = 0,
    max_iterations: int = 50,
    engine: str = "auto",
) -> tuple[np.ndarray, np.ndarray]:
    """Find the triplets that pass the sigma test.

    Parameters
    ----------
    products : sequence of 3 numpy.ndarray, each of shape (P, time)
    factor : float
        Largest accepted distance in units of the root mean square distance; 4 is KNMI's default.
    reference : int, default 0
        Product to which the others are calibrated.
    max_iterations : int, default 50
    engine : {"auto", "numba", "numpy"}

    Returns
    -------
    accepted : numpy.ndarray of bool, shape (P, time)
        True where all products are finite and the triplet passed.
    converged : numpy.ndarray of bool, shape (P,)
        False where the accepted set still changed in the last iteration.

    Raises
    ------
    ValueError
        If the factor is not positive.
    """
    if not factor > 0.0:
        raise ValueError(f"outlier_sigma must be positive, got {factor}")
    everything = joint_moments(products, ddof=0, engine=engine)
    valid = joint_samples(products)
    accepted = valid.copy()
    moments = everything
    converged = np.zeros(valid.shape[0], dtype=bool)
    active = np.flatnonzero(everything.n > 0)
    converged[everything.n == 0] = True
    for _ in range(max_iterations):
        if active.size == 0:
            break
        rows = [product[active] for product in products]
        passed = valid[active] & _within(rows, everything, moments, active, factor, reference)
        settled = (passed == accepted[active]).all(axis=1)
        accepted[active] = passed
        converged[active[settled]] = True
        # A pixel whose triplets have all gone cannot be calibrated any more.
        active = active[~settled & passed.any(axis=1)]
        if active.size:
            part = joint_moments(
                [product[active] for product in products],
                accepted=accepted[active],
                ddof=0,
                engine=engine,
            )
            moments = _replace(moments, active, part)
    return accepted, converged


def _within(
    rows: Sequence[np.ndarray],
    everything: JointMoments,
    moments: JointMoments,
    active: np.ndarray,
    factor: float,
    reference: int,
) -> np.ndarray:
    """Whether the calibrated values of a triplet lie close enough together, shape (p, time)."""
    gain = triplet_estimates(moments.cov[:, :, active], reference=reference).gain
    mean = moments.mean[:, active]
    offset = mean[reference] - gain * mean
    calibrated = [
        gain[i][:, None] * row.astype(np.float64) + offset[i][:, None] for i, row in enumerate(rows)
    ]
    all_cov, all_mean = everything.cov[:, :, active], everything.mean[:, active]
    level = gain * all_mean + offset
    passed = np.ones(rows[0].shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        for i, j in ((0, 1), (0, 2), (1, 2)):
            spread = (
                gain[i] ** 2 * all_cov[i, i]
                + gain[j] ** 2 * all_cov[j, j]
                - 2.0 * gain[i] * gain[j] * all_cov[i, j]
            )
            limit = factor**2 * (spread + (level[i] - level[j]) ** 2)
            passed &= (calibrated[i] - calibrated[j]) ** 2 <= limit[:, None]
    return passed


def _replace(moments: JointMoments, rows: np.ndarray, part: JointMoments) -> JointMoments:
    """Moments with those of some pixels exchanged."""
    n, mean, cov = moments.n.copy(), moments.mean.copy(), moments.cov.copy()
    n[rows], mean[:, rows], cov[:, :, rows] = part.n, part.mean, part.cov
    return JointMoments(n, mean, cov)
