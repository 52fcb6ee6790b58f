"""Bootstrap intervals of every score, many series at once.

One matrix of day weights (replicates x days) serves all series; every moment of every replicate is
then a matrix product. Single days are drawn when ``block_length=1``; longer, circular blocks keep
the memory of autocorrelated series, without which the intervals are too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from local_core.metrics.correlation import (
    pearson_from_moments,
    r2_from_moments,
    regression_line,
)
from local_core.metrics.deviation import mean_square_difference, mse_parts
from local_core.metrics.effective_sample_size import lag_one_autocorrelation
from local_core.metrics.moments import CONSTANT_TOLERANCE, PairMoments

#: Block lengths the automatic choice can take; few values, so that weights are shared.
_BLOCK_LENGTHS = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512])

#: Weights held at a time.
_BATCH_VALUES = 4_000_000

ScoreOfMoments = Callable[[PairMoments], NDArray[np.float64]]

#: Scores that follow from moments alone.
MOMENT_SCORES: dict[str, ScoreOfMoments] = {
    "r": pearson_from_moments,
    "bias": lambda m: m.mean_x - m.mean_y,
    "rmse": lambda m: np.sqrt(mean_square_difference(m)),
    "ubrmse": lambda m: np.sqrt(m.var_d),
    "mse": lambda m: mse_parts(m)[0],
    "mse_corr": lambda m: mse_parts(m)[1],
    "mse_bias": lambda m: mse_parts(m)[2],
    "mse_var": lambda m: mse_parts(m)[3],
    "r2": r2_from_moments,
    "slope": lambda m: regression_line(m)[0],
    "intercept": lambda m: regression_line(m)[1],
}


def block_weights(
    length: int, *, n_boot: int, block_length: int = 1, seed: int | tuple[int, ...] = 0
) -> NDArray[np.float64]:
    """Draw how often each day occurs in each replicate of a circular block bootstrap.

    Parameters
    ----------
    length : int
        Number of days.
    n_boot : int
        Number of replicates.
    block_length : int
        Days per block; 1 is the ordinary bootstrap.
    seed : int or tuple of int
        Seed; the same arguments give the same weights.

    Returns
    -------
    ndarray of float, shape (n_boot, length)
        Whole numbers; every row sums to ``length``.

    Examples
    --------
    >>> weights = block_weights(10, n_boot=3, block_length=4)
    >>> weights.sum(axis=1).tolist()
    [10.0, 10.0, 10.0]
    """
    block_length = max(1, min(block_length, length))
    rng = np.random.default_rng([*np.atleast_1d(seed), length, block_length])
    n_blocks = -(-length // block_length)
    starts = rng.integers(0, length, size=(n_boot, n_blocks))
    days = (starts[:, :, None] + np.arange(block_length)) % length
    days = days.reshape(n_boot, -1)[:, :length]
    flat = days + np.arange(n_boot)[:, None] * length
    counts = np.bincount(flat.ravel(), minlength=n_boot * length)
    return counts.reshape(n_boot, length).astype(np.float64)


def group_weights(
    groups: NDArray[np.intp], *, n_boot: int, seed: int | tuple[int, ...] = 0
) -> NDArray[np.float64]:
    """Draw whole groups with replacement: how often each value occurs in each replicate.

    Values of one station are not independent of each other; stations are. Drawing stations gives
    intervals for what a new set of stations would say.

    Parameters
    ----------
    groups : ndarray of int, shape (values,)
        Group of each value, numbered from 0.
    n_boot : int
        Number of replicates.
    seed : int or tuple of int
        Seed.

    Returns
    -------
    ndarray of float, shape (n_boot, values)
        Equal within each group.

    Examples
    --------
    >>> weights = group_weights(np.array([0, 0, 1]), n_boot=4)
    >>> bool((weights[:, 0] == weights[:, 1]).all())
    True
    """
    return block_weights(int(groups.max()) + 1, n_boot=n_boot, seed=seed)[:, groups]


def automatic_block_length(m: PairMoments) -> NDArray[np.int64]:
    """Block length per series from its memory.

    The optimum of Politis & White (2004) for the circular bootstrap with an AR(1) spectrum,
    ``(6 a**2 / (1 - a**2)**2)**(1/3) n**(1/3)``, where a is the larger of the autocorrelation of
    the difference and the product of those of the two series; rounded up to a coarse list, and at
    most a quarter of the series.

    Parameters
    ----------
    m : PairMoments
        Moments of equidistant series.

    Returns
    -------
    ndarray of int, shape (series,)
        Days per block.
    """
    length = m.valid.shape[-1]
    of_difference = lag_one_autocorrelation(m.x - m.y, m.valid)
    of_product = lag_one_autocorrelation(m.x, m.valid) * lag_one_autocorrelation(m.y, m.valid)
    memory = np.clip(np.maximum(of_difference, of_product), 0.0, 0.999)
    optimum = np.cbrt(6.0 * memory**2 / (1.0 - memory**2) ** 2 * m.n)
    optimum = np.clip(optimum, 1.0, max(1.0, length / 4))
    at = np.searchsorted(_BLOCK_LENGTHS, optimum)
    return _BLOCK_LENGTHS[np.minimum(at, _BLOCK_LENGTHS.size - 1)]


def bootstrap_intervals(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    m: PairMoments,
    names: tuple[str, ...],
    *,
    confidence: float,
    n_boot: int,
    block_length: int | str,
    seed: int,
    groups: NDArray[np.intp] | None = None,
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Percentile intervals of scores of ``(series, time)`` blocks.

    Parameters
    ----------
    x, y : ndarray, shape (series, time)
        Estimate and reference.
    m : PairMoments
        Their moments.
    names : tuple of str
        Scores: keys of ``MOMENT_SCORES``, ``"mae"`` or ``"spearman_r"``.
    confidence : float
        Coverage, between 0 and 1.
    n_boot : int
        Number of replicates.
    block_length : int or "auto"
        Days per block; "auto" chooses per series.
    seed : int
        Seed of the draws; results do not depend on how series are grouped into blocks.
    groups : ndarray of int, shape (time,), optional
        Draw these groups instead of blocks.

    Returns
    -------
    dict
        Name to ``(lower, upper)``, each of shape (series,).
    """
    n_series, length = x.shape
    bounds = {name: (np.full(n_series, np.nan), np.full(n_series, np.nan)) for name in names}
    if length == 0 or not names:
        return bounds
    tails = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    for rows, days in _same_block_length(m, 1 if groups is not None else block_length):
        part = _rows_of(m, rows)
        replicates = {name: np.empty((n_boot, rows.size)) for name in names}
        # The size of a batch depends on the length alone: results do not depend on memory.
        batch = max(1, _BATCH_VALUES // length)
        for start in range(0, n_boot, batch):
            size = min(batch, n_boot - start)
            if groups is None:
                weights = block_weights(length, n_boot=size, block_length=days, seed=(seed, start))
            else:
                weights = group_weights(groups, n_boot=size, seed=(seed, start))
            for name, values in _replicates(x[rows], y[rows], part, weights, names).items():
                replicates[name][start : start + size] = values
        for name in names:
            for bound, value in zip(bounds[name], _quantiles(replicates[name], tails)):
                bound[rows] = value
    return bounds


def _replicates(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    m: PairMoments,
    weights: NDArray[np.float64],
    names: tuple[str, ...],
) -> dict[str, NDArray[np.float64]]:
    """Scores of each replicate, shape (replicates, series)."""
    moments = _moment_replicates(m, weights)
    values = {}
    for name in names:
        if name == "spearman_r":
            values[name] = _spearman_replicates(x, y, m, weights)
        elif name == "mae":
            values[name] = _mae_replicates(m, weights, moments.n)
        else:
            with np.errstate(invalid="ignore", divide="ignore"):
                values[name] = MOMENT_SCORES[name](moments)
    return values


def _same_block_length(
    m: PairMoments, block_length: int | str
) -> Iterator[tuple[NDArray[np.intp], int]]:
    if block_length != "auto":
        yield np.arange(m.n.size), int(block_length)
        return
    chosen = automatic_block_length(m)
    for days in np.unique(chosen):
        yield np.flatnonzero(chosen == days), int(days)


def _rows_of(m: PairMoments, rows: NDArray[np.intp]) -> PairMoments:
    return PairMoments(**{name: value[rows] for name, value in vars(m).items()})


def _moment_replicates(m: PairMoments, weights: NDArray[np.float64]) -> PairMoments:
    """Moments of every replicate; the arrays have shape (replicates, series)."""
    valid = m.valid.astype(np.float64)
    n = weights @ valid.T
    with np.errstate(invalid="ignore", divide="ignore"):
        shift_x, shift_y = weights @ m.x.T / n, weights @ m.y.T / n
        var_x = np.maximum(weights @ (m.x * m.x).T / n - shift_x**2, 0.0)
        var_y = np.maximum(weights @ (m.y * m.y).T / n - shift_y**2, 0.0)
        cov = weights @ (m.x * m.y).T / n - shift_x * shift_y
    mean_x, mean_y = m.mean_x + shift_x, m.mean_y + shift_y
    # Rounding leaves 1e-16 of the full series' variance in a replicate of equal values.
    constant_x = var_x <= np.maximum(1e-14 * m.var_x, (CONSTANT_TOLERANCE * mean_x) ** 2)
    constant_y = var_y <= np.maximum(1e-14 * m.var_y, (CONSTANT_TOLERANCE * mean_y) ** 2)
    return PairMoments(
        n=n,
        mean_x=mean_x,
        mean_y=mean_y,
        var_x=var_x,
        var_y=var_y,
        cov=cov,
        var_d=np.maximum(var_x + var_y - 2.0 * cov, 0.0),
        constant_x=constant_x,
        constant_y=constant_y,
        valid=m.valid,
        x=m.x,
        y=m.y,
    )


def _mae_replicates(
    m: PairMoments, weights: NDArray[np.float64], n: NDArray[np.float64]
) -> NDArray[np.float64]:
    size = np.where(m.valid, np.abs(m.x - m.y + (m.mean_x - m.mean_y)[:, None]), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return weights @ size.T / n


def _spearman_replicates(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    m: PairMoments,
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Rank correlation of every replicate, ranks taken anew within each replicate.

    The order of the values is known from the full series, so the mid-ranks of a replicate are
    running sums of its weights: no sorting per replicate.
    """
    values = np.full((weights.shape[0], x.shape[0]), np.nan)
    for k in range(x.shape[0]):
        keep = m.valid[k]
        if keep.sum() < 2:
            continue
        w = weights[:, keep]
        rank_x, rank_y = _weighted_midranks(x[k, keep], w), _weighted_midranks(y[k, keep], w)
        n = w.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = ((n + 1.0) / 2.0)[:, None]
            rank_x -= middle
            rank_y -= middle
            var_x = np.einsum("ij,ij,ij->i", w, rank_x, rank_x)
            var_y = np.einsum("ij,ij,ij->i", w, rank_y, rank_y)
            rho = np.einsum("ij,ij,ij->i", w, rank_x, rank_y) / np.sqrt(var_x * var_y)
        values[:, k] = np.where((var_x > 0) & (var_y > 0), np.clip(rho, -1.0, 1.0), np.nan)
    return values


def _weighted_midranks(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mid-rank of each value in each replicate, shape (replicates, values)."""
    distinct, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(distinct.size))
    occurrences = np.add.reduceat(weights[:, order], starts, axis=1)
    up_to = np.cumsum(occurrences, axis=1)
    return (up_to - (occurrences - 1.0) / 2.0)[:, group]


def _quantiles(values: NDArray[np.float64], tails: list[float]) -> NDArray[np.float64]:
    """Quantiles over replicates; replicates in which the score is undefined are left out."""
    undefined = np.isnan(values)
    bounds = np.full((len(tails), values.shape[1]), np.nan)
    whole = ~undefined.any(axis=0)
    if whole.any():
        bounds[:, whole] = np.quantile(values[:, whole], tails, axis=0)
    some = ~whole & ~undefined.all(axis=0)
    if some.any():
        bounds[:, some] = np.nanquantile(values[:, some], tails, axis=0)
    return bounds
