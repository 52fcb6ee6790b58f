"""Samples of predictors and measured soil moisture, checked and standardised for a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from local_core.calibration.coefficients import EQ7_PREDICTORS


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Predictors and target without gaps, with the centre and spread that standardise them.

    Attributes
    ----------
    x : ndarray, shape (n, k)
        Predictors.
    y : ndarray, shape (n,)
        Target.
    names : tuple of str
        Names of the predictors.
    centre, spread : ndarray, shape (k + 1,)
        Mean and standard deviation of the predictors and, last, the target.
    groups : ndarray of int, shape (n,) or None
        Group of each sample, numbered from 0.
    group_labels : ndarray or None
        Label of each number.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    names: tuple[str, ...]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    groups: NDArray[np.intp] | None
    group_labels: NDArray | None

    @property
    def standardised(self) -> NDArray[np.float64]:
        """Columns predictors, one, target; each but the one with mean 0 and deviation 1."""
        columns = np.column_stack([self.x, self.y])
        columns = (columns - self.centre) / self.spread
        return np.insert(columns, self.x.shape[1], 1.0, axis=1)

    def in_units(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn coefficients of the standardised problem, shape (..., k + 1), into those of x, y."""
        return values @ self.to_units.T + self._offset

    @property
    def to_units(self) -> NDArray[np.float64]:
        """Matrix that turns standardised coefficients into those of x, y, but for a constant."""
        k = self.x.shape[1]
        slopes = self.spread[k] / self.spread[:k]
        matrix = np.diag([*slopes, self.spread[k]])
        matrix[k, :k] = -slopes * self.centre[:k]
        return matrix

    @property
    def _offset(self) -> NDArray[np.float64]:
        return np.array([*np.zeros(self.x.shape[1]), self.centre[-1]])


def checked_samples(
    predictors: ArrayLike,
    target: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    names: tuple[str, ...] | None = None,
) -> Samples:
    """Check samples and number their groups.

    Parameters
    ----------
    predictors : array_like, shape (n, k)
        Predictors without gaps.
    target : array_like, shape (n,)
        What they predict.
    groups : array_like, shape (n,), optional
        Group labels, for example stations.
    names : tuple of str, optional
        Names of the predictors; default the columns of a DataFrame, those of eq. 7 if there are
        three, else ``x1``, ``x2``, ...

    Returns
    -------
    Samples
        What the fits work on.

    Raises
    ------
    ValueError
        If shapes do not fit, values are missing, samples are too few, a predictor or the target is
        constant, or predictors are linearly dependent.
    """
    if names is None and hasattr(predictors, "columns"):
        names = tuple(str(c) for c in predictors.columns)
    x, y = np.asarray(predictors, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(
            f"expected predictors of shape (n, k) and a target of shape (n,), got {x.shape} and "
            f"{y.shape}"
        )
    n, k = x.shape
    if names is None:
        names = EQ7_PREDICTORS if k == 3 else tuple(f"x{i + 1}" for i in range(k))
    if len(names) != k:
        raise ValueError(f"{k} predictors but {len(names)} names: {', '.join(names)}")
    gaps = ~(np.isfinite(x).all(axis=1) & np.isfinite(y))
    if gaps.any():
        raise ValueError(
            f"{int(gaps.sum())} of {n} samples have a gap in a predictor or the target: drop them"
        )
    if n < k + 3:
        raise ValueError(f"{n} samples are too few for {k + 1} coefficients: need {k + 3} or more")
    codes = labels = None
    if groups is not None:
        groups = np.asarray(groups)
        if groups.shape != (n,):
            raise ValueError(f"expected one group per sample ({n}), got shape {groups.shape}")
        labels, codes = np.unique(groups, return_inverse=True)
    columns = np.column_stack([x, y])
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    constant = spread <= 1e-12 * np.abs(centre)
    if constant.any():
        which = [(*names, "the target")[i] for i in np.flatnonzero(constant)]
        raise ValueError(f"{', '.join(which)} does not vary: nothing can be fitted")
    samples = Samples(
        x=x, y=y, names=names, centre=centre, spread=spread, groups=codes, group_labels=labels
    )
    if np.linalg.matrix_rank(samples.standardised[:, : k + 1], tol=1e-9 * np.sqrt(n)) < k + 1:
        raise ValueError(
            f"the predictors {', '.join(names)} are linearly dependent: leave one of them out"
        )
    return samples
