"""Linear models fitted in each pixel: least squares, ridge, and robust to outliers."""

from __future__ import annotations

import numpy as np
from scipy import special

# Talwar's cost rejects residuals beyond this many standard deviations: 95 % efficient on normal
# errors (O'Leary 1990).
TALWAR = 2.795
_ROUNDS = 30

Fit = tuple[np.ndarray, np.ndarray, np.ndarray]


def least_squares(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Fit:
    """Fit y = x b by weighted least squares, without an intercept.

    Parameters
    ----------
    x : ndarray, shape (pixels, n, p)
        Independent variables.
    y : ndarray, shape (pixels, n, q)
        Dependent variables.
    weights : ndarray, shape (pixels, n)
        0 where a row is missing.

    Returns
    -------
    coefficients : ndarray, shape (pixels, p, q)
    residuals : ndarray, shape (pixels, q)
        Root of the weighted mean square of the residuals.
    valid : ndarray of bool, shape (pixels,)
        False with no more rows than variables, or with variables that depend on each other.
    """
    present = weights > 0
    x = np.where(present[..., None], x, 0.0)
    y = np.where(present[..., None], y, 0.0)
    columns = x.shape[2]
    valid = present.sum(axis=1) > columns
    if x.shape[1] <= columns:
        shape = (len(x), columns, y.shape[2])
        return np.zeros(shape), np.zeros((len(x), y.shape[2])), valid
    root = np.sqrt(weights)[..., None]
    orthogonal, upper = np.linalg.qr(x * root)
    diagonal = np.abs(np.diagonal(upper, axis1=1, axis2=2))
    largest = diagonal.max(axis=1, initial=0)
    independent = diagonal.min(axis=1, initial=np.inf) > largest * x.shape[1] * 1e-15
    valid = valid & independent
    upper = np.where(valid[:, None, None], upper, np.eye(columns))
    image = np.ascontiguousarray(np.swapaxes(orthogonal, 1, 2)) @ (y * root)
    coefficients = np.linalg.solve(upper, image)
    return coefficients, rms(x, y, weights, coefficients), valid


def rms(x: np.ndarray, y: np.ndarray, weights: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the root mean square residual of each dependent variable."""
    squares = _over_rows((y - x @ b) ** 2 * weights[..., None])
    norm = _over_rows(weights[..., None])
    return np.sqrt(squares / np.where(norm > 0, norm, 1))


def robust(x: np.ndarray, y: np.ndarray, weights: np.ndarray, beta: float | None) -> Fit:
    """Fit y = x b, rows left out whose residual is larger than ``beta``, until none changes.

    The residual of a row is the root mean square over the dependent variables. Without ``beta`` it
    is 2.795 times the robust standard deviation of the first fit's residuals (1.4826 times their
    median). The arguments and results are those of :func:`least_squares`; the residuals are those
    of the rows kept.
    """
    coefficients, residuals, valid = least_squares(x, y, weights)
    present = (weights > 0) & valid[:, None]
    kept = present
    limit: np.ndarray | float | None = beta
    for _ in range(_ROUNDS):
        rows = np.sqrt(np.mean((y - x @ coefficients) ** 2, axis=2))
        if limit is None:
            spread = np.nanmedian(np.where(present, rows, np.nan), axis=1)
            # A median of 0 is an exact fit of half of the rows: only rounding is kept then.
            limit = (TALWAR * 1.4826 * spread)[:, None] + 1e-12 * np.abs(y).max(initial=0)
        inside = present & (rows <= limit)
        if (inside == kept).all():
            break
        # A pixel whose set of rows is settled keeps its coefficients to the last bit.
        moving = (inside != kept).any(axis=1)
        kept = inside
        again = least_squares(x[moving], y[moving], np.where(kept, weights, 0.0)[moving])
        good = again[2]
        where = np.flatnonzero(moving)
        coefficients[where[good]], residuals[where[good]] = again[0][good], again[1][good]
        # Too few rows are left: the last fit that there was stands.
        kept = kept.copy()
        kept[where[~good]] = present[where[~good]]
    return coefficients, residuals, valid


def ridge(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, penalty: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit y = b0 + x b with a penalty on the size of b.

    The variables are brought to mean 0 and standard deviation 1 first, so that the penalty does
    not depend on their units; the intercept is not penalised.

    Parameters
    ----------
    x, y, weights : ndarray
        As for :func:`least_squares`.
    penalty : float
        Added to the diagonal of X'X.

    Returns
    -------
    coefficients : ndarray, shape (pixels, p + 1, q)
        The intercept last.
    residuals : ndarray, shape (pixels, q)
    p_values : ndarray, shape (pixels, q)
        Of an F test of the whole model.
    valid : ndarray of bool, shape (pixels,)
        False with fewer rows than coefficients.
    """
    present = weights > 0
    x = np.where(present[..., None], x, 0.0)
    y = np.where(present[..., None], y, 0.0)
    count = present.sum(axis=1)
    columns = x.shape[2]
    valid = count >= columns + 1
    norm = np.where(valid, _over_rows(weights[..., None])[:, 0], 1.0)[:, None]
    mean_x = _over_rows(x * weights[..., None]) / norm
    mean_y = _over_rows(y * weights[..., None]) / norm
    centred = np.where(present[..., None], x - mean_x[:, None], 0.0)
    deviations = np.where(present[..., None], y - mean_y[:, None], 0.0)
    scale = np.sqrt(_over_rows(centred**2 * weights[..., None]) / norm)
    scale = np.where(scale > 0, scale, 1.0)
    standard = centred / scale[:, None]
    weighted = np.ascontiguousarray(np.swapaxes(standard * weights[..., None], 1, 2))
    square = weighted @ standard + penalty * np.eye(columns)
    regular = np.linalg.slogdet(square)[0] > 0
    valid = valid & regular
    square = np.where(valid[:, None, None], square, np.eye(columns))
    slopes = np.linalg.solve(square, weighted @ deviations) / scale[..., None]
    intercept = mean_y[:, None] - np.swapaxes(mean_x[..., None], 1, 2) @ slopes
    left = _over_rows((deviations - centred @ slopes) ** 2 * weights[..., None])
    whole = _over_rows(deviations**2 * weights[..., None])
    freedom = np.maximum(count - columns - 1, 1)[:, None]
    statistic = np.maximum(whole - left, 0) * freedom / np.where(left > 0, left * columns, np.inf)
    p_values = special.betainc(freedom / 2, columns / 2, freedom / (freedom + columns * statistic))
    p_values = np.where((left == 0) & (whole > 0), 0.0, p_values)
    coefficients = np.concatenate([slopes, intercept], axis=1)
    return coefficients, np.sqrt(left / norm), p_values, valid


def _over_rows(values: np.ndarray) -> np.ndarray:
    """Sum over axis 1 one row after the other: the same for any number of pixels."""
    found = np.zeros((values.shape[0], *values.shape[2:]))
    for row in range(values.shape[1]):
        found += values[:, row]
    return found
