"""Bootstrap replicates of joint moments, as one matrix product, and intervals from them.

A replicate of a resampled series is a weighted one: day t counts as often as it was drawn. All
replicates of all moments are therefore the product of a weight matrix (replicates x days) with the
moment planes (days x moments) of a block of pixels, which runs at the speed of BLAS.

What is resampled is the *day with all its products and gaps*, on the whole time axis, with the same
draws for every pixel. That keeps the correlation between products and between places, but it is not
literally pytesmo's resampling, which deletes the gaps first and draws the joint samples of one
pixel: here the number of joint samples varies from replicate to replicate around the observed one.
The two distributions agree to the noise of the bootstrap itself (compared in the tests).

Daily soil moisture is autocorrelated, and so are its errors. Drawing days one by one then gives
intervals that are too short. A circular block bootstrap draws runs of days instead. The run starts
lie on a grid of a quarter of the block length, so that the planes can be added up to cells of that
length first; the product shrinks by the same factor.

The product runs in single precision, on a form of the moments in which that costs nothing (see
``_to_differences``): bounds agree with those in double precision to 1e-5 of their width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from local_core.collocation.joint_moments import joint_samples

__all__ = [
    "FEWEST_BLOCKS",
    "BootstrapPlan",
    "bootstrap_plan",
    "bounded",
    "default_block_length",
    "interval",
    "replicate_statistics",
    "resolve_seed",
]

_CELLS_PER_BLOCK = 4
#: Fewer blocks than this say nothing about their spread.
FEWEST_BLOCKS = 3
_PIXELS_PER_PRODUCT = 32


@dataclass(frozen=True)
class BootstrapPlan:
    """How to resample: everything that a block of pixels needs to give the same draws.

    Attributes
    ----------
    n_replicates : int
    block_length : int
        Length of the runs of days actually drawn (1: day by day).
    cell_length : int
        Days added up before the draw; divides ``block_length``.
    seed : int
    confidence : float
        Coverage of the intervals.
    """

    n_replicates: int
    block_length: int
    cell_length: int
    seed: int
    confidence: float

    def widening(self, n_times: int) -> float:
        """Factor by which the replicates are spread around the estimate before quantiles are taken.

        With few blocks the bootstrap is too narrow, for the same reason for which a variance is
        divided by n - 1 and a mean is judged by Student's t: the factor is the product of the two
        corrections for ``n_times / block_length`` independent blocks. It is 1.001 for 1,826 single
        days and 1.07 for 25 blocks.
        """
        n_blocks = n_times / self.block_length
        tail = 0.5 + self.confidence / 2.0
        student = special.stdtrit(n_blocks - 1.0, tail) / special.ndtri(tail)
        return float(student * np.sqrt(n_blocks / (n_blocks - 1.0)))


def default_block_length(n_times: int) -> int:
    """Length of the runs drawn when none is given: twice the cube root of the record length.

    The cube root is the rate at which the best length grows; the factor was chosen on AR(1) errors
    with lag-one correlations of 0 to 0.9 (``docs/collocation.md`` has the coverage table). 1,826
    days give 24. Strongly autocorrelated errors need more: see
    :func:`local_core.collocation.suggest_block_length`.
    """
    return max(1, min(round(2.0 * n_times ** (1.0 / 3.0)), n_times // FEWEST_BLOCKS))


def resolve_seed(random_state: int | np.random.Generator | None) -> int:
    """Return one integer seed, so that every chunk of a dask array draws the same days."""
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if random_state is None:
        return int(np.random.default_rng().integers(2**63))
    return int(random_state)


def bootstrap_plan(
    n_times: int,
    *,
    n_replicates: int,
    block_length: int | None = None,
    confidence: float = 0.95,
    random_state: int | np.random.Generator | None = None,
) -> BootstrapPlan:
    """Check and complete the settings of a bootstrap.

    Parameters
    ----------
    n_times : int
        Length of the record, gaps included.
    n_replicates : int
        Number of replicates; 1,000 is usual.
    block_length : int, optional
        Length of the runs of days; 1 draws single days (the i.i.d. bootstrap). By default
        :func:`default_block_length`. Lengths of 8 and more are rounded to a multiple of a quarter.
    confidence : float, default 0.95
    random_state : int, numpy.random.Generator or None
        Seed; None draws one.

    Returns
    -------
    BootstrapPlan

    Raises
    ------
    ValueError
        If the number of replicates, the confidence or the block length is out of range.
    """
    if n_replicates < 2:
        raise ValueError(f"bootstrap needs at least 2 replicates, got {n_replicates}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    length = default_block_length(n_times) if block_length is None else int(block_length)
    if not 1 <= length <= n_times // FEWEST_BLOCKS:
        raise ValueError(
            f"block_length must lie between 1 and a third of the record ({n_times} samples), "
            f"got {length}: fewer than {FEWEST_BLOCKS} blocks say nothing about their spread"
        )
    cell = max(1, length // _CELLS_PER_BLOCK) if length >= 2 * _CELLS_PER_BLOCK else 1
    length = cell * round(length / cell)
    return BootstrapPlan(int(n_replicates), length, cell, resolve_seed(random_state), confidence)


@lru_cache(maxsize=2)
def _weights(plan: BootstrapPlan, n_cells: int) -> np.ndarray:
    """How often each cell was drawn in each replicate, shape (replicates, cells)."""
    rng = np.random.default_rng(plan.seed)
    run = plan.block_length // plan.cell_length
    if run == 1:
        uniform = np.full(n_cells, 1.0 / n_cells)
        weights = rng.multinomial(n_cells, uniform, size=plan.n_replicates).astype(np.float32)
    else:
        n_runs = -(-n_cells // run)
        starts = rng.integers(n_cells, size=(plan.n_replicates, n_runs, 1))
        cells = (starts + np.arange(run)).reshape(plan.n_replicates, -1)[:, :n_cells] % n_cells
        cells += n_cells * np.arange(plan.n_replicates)[:, None]
        counts = np.bincount(cells.ravel(), minlength=n_cells * plan.n_replicates)
        weights = counts.reshape(plan.n_replicates, n_cells).astype(np.float32)
    weights.flags.writeable = False
    return weights


def bounded(names: Sequence[str]) -> list[str]:
    """Names of the confidence bounds of variables, lower and upper for each."""
    return [f"{name}_ci_{end}" for name in names for end in ("lower", "upper")]


def replicate_statistics(
    products: Sequence[np.ndarray],
    plan: BootstrapPlan,
    statistics: Callable[[np.ndarray], np.ndarray],
    estimate: np.ndarray,
    *,
    accepted: np.ndarray | None = None,
    ddof: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Confidence bounds of any function of the joint covariances.

    Parameters
    ----------
    products : sequence of N numpy.ndarray, each of shape (P, time)
    plan : BootstrapPlan
    statistics : callable
        Maps covariances of shape (N, N, p, replicates) to statistics (K, p, replicates).
    estimate : numpy.ndarray, shape (K, P)
        The statistics of the record itself; bounds are NaN where it is.
    accepted : numpy.ndarray of bool, shape (P, time), optional
    ddof : int, default 1

    Returns
    -------
    lower, upper : numpy.ndarray, each of shape (K, P)
    """
    n_products = len(products)
    n_pixels, n_times = products[0].shape
    lower = np.full(estimate.shape, np.nan)
    upper = np.full(estimate.shape, np.nan)
    edges = np.arange(0, n_times, plan.cell_length)
    weights = _weights(plan, edges.size)
    pairs = [(i, j) for i in range(n_products) for j in range(i, n_products)]
    for start in range(0, n_pixels, _PIXELS_PER_PRODUCT):
        part = slice(start, min(start + _PIXELS_PER_PRODUCT, n_pixels))
        usable = np.isfinite(estimate[:, part]).all(axis=0)
        if not usable.any():
            continue
        rows = np.flatnonzero(usable) + start
        block = [product[rows].astype(np.float64) for product in products]
        valid = joint_samples(block)
        if accepted is not None:
            valid &= accepted[rows]
        scale = _to_differences(block, valid)
        # Always the same shape, so that a series has the same bounds in whatever company (BLAS
        # chooses its order of summation by the shape).
        planes = np.zeros(
            (_PIXELS_PER_PRODUCT, 1 + n_products + len(pairs), edges.size), np.float32
        )
        planes[: rows.size, 0] = _to_cells(valid.astype(np.float64), edges)
        for index, series in enumerate(block):
            planes[: rows.size, 1 + index] = _to_cells(series, edges)
        for index, (i, j) in enumerate(pairs):
            planes[: rows.size, 1 + n_products + index] = _to_cells(block[i] * block[j], edges)
        sums = planes.reshape(-1, edges.size) @ weights.T
        sums = sums.reshape(*planes.shape[:2], plan.n_replicates)[: rows.size].astype(np.float64)
        cov = np.empty((n_products, n_products, rows.size, plan.n_replicates))
        with np.errstate(invalid="ignore", divide="ignore"):
            n = sums[:, 0]
            divisor = np.where(n > ddof, n - ddof, np.nan)
            for index, (i, j) in enumerate(pairs):
                scatter = sums[:, 1 + n_products + index] - sums[:, 1 + i] * sums[:, 1 + j] / n
                cov[i, j] = scatter / divisor
        replicates = statistics(_from_differences(cov, scale))
        lower[:, rows], upper[:, rows] = interval(replicates, estimate[:, rows], plan, n_times)
    return lower, upper


def _to_differences(block: list[np.ndarray], valid: np.ndarray) -> np.ndarray:
    """Turn products into one standardised series and differences to it, in place.

    Error variances are small differences of large covariances. Of standardised products,
    ``z_0, z_0 - z_1, z_0 - z_2, ...``, the differences are as small as the errors themselves, so
    that moments of single precision carry the errors to seven digits whatever the signal-to-noise
    ratio, and the matrix product can run in single precision at twice the speed.

    Returns
    -------
    numpy.ndarray, shape (N, p)
        Signed standard deviation of every product: ``x_k = mean + scale_k z_k``.
    """
    count = valid.sum(axis=1)
    scale = np.ones((len(block), count.size))
    for index, series in enumerate(block):
        series[~valid] = 0.0
        series -= (series.sum(axis=1) / count)[:, None]
        series[~valid] = 0.0
        std = np.sqrt(np.einsum("pt,pt->p", series, series) / count)
        scale[index] = np.where(std > 0.0, std, 1.0)
        if index > 0:
            # A product that runs against the first one is turned over.
            scale[index] *= np.where(np.einsum("pt,pt->p", series, block[0]) < 0.0, -1.0, 1.0)
        series /= scale[index][:, None]
    for index in range(1, len(block)):
        block[index] = block[0] - block[index]
    return scale


def _from_differences(cov: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Covariances of the products from those of the differences, (N, N, p, replicates)."""
    n_products = cov.shape[0]
    found = np.empty_like(cov)
    first = cov[0, 0]
    for i in range(n_products):
        for j in range(i, n_products):
            if j == 0:
                value = first.copy()
            elif i == 0:
                value = first - cov[0, j]
            else:
                value = first - cov[0, i] - cov[0, j] + cov[i, j]
            value *= (scale[i] * scale[j])[:, None]
            found[i, j] = found[j, i] = value
    return found


def interval(
    replicates: np.ndarray, estimate: np.ndarray, plan: BootstrapPlan, n_times: int
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval, widened for the finite number of blocks.

    Parameters
    ----------
    replicates : numpy.ndarray, shape (..., replicates)
        Sorted in place.
    estimate : numpy.ndarray, shape (...)
    plan : BootstrapPlan
    n_times : int
        Length of the record.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (...)
        NaN where more than a tenth of the replicates have no value.
    """
    finite = np.isfinite(replicates)
    n_finite = finite.sum(axis=-1)
    # NaN sorts to the end; a quantile of the finite part is then a position. (A whole sort: numpy's
    # is vectorised and not slower than partitioning at four positions.)
    replicates[~finite] = np.nan
    replicates.sort(axis=-1)
    tail = (1.0 - plan.confidence) / 2.0
    bounds = [_sorted_quantile(replicates, n_finite, q) for q in (tail, 1.0 - tail)]
    factor = plan.widening(n_times)
    enough = n_finite >= 0.9 * replicates.shape[-1]
    with np.errstate(invalid="ignore"):
        lower, upper = (
            np.where(enough, estimate + factor * (bound - estimate), np.nan) for bound in bounds
        )
    return lower, upper


def _sorted_quantile(values: np.ndarray, n_finite: np.ndarray, q: float) -> np.ndarray:
    """Quantile (linear interpolation) of the first ``n_finite`` sorted values."""
    position = np.maximum(n_finite - 1, 0) * q
    below = position.astype(np.intp)
    above = np.minimum(below + 1, np.maximum(n_finite - 1, 0))
    low = np.take_along_axis(values, below[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(values, above[..., None], axis=-1)[..., 0]
    return low + (position - below) * (high - low)


def _to_cells(plane: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Sums over runs of ``cell_length`` days; the last run may be shorter."""
    if edges.size == plane.shape[-1]:
        return plane
    return np.add.reduceat(plane, edges, axis=-1)
