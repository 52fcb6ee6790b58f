"""Linear regression over thousands of random training/validation splits, as one batch.

Li et al. (2025) fit eq. 7 on 10,000 random 8:2 divisions. Neither a least-squares fit nor its R2
on either part needs single samples once the products of predictors and target are summed. So the
sums of every validation part are one matrix product of the 0/1 membership with the 15 product
columns, those of the training part are the totals minus that, and all normal equations are solved
together.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import ThreadpoolController

from local_core.calibration.coefficients import EQ7_PREDICTORS
from local_core.calibration.normal_equations import (
    NormalEquations,
    product_columns,
    summed_by_group,
)
from local_core.calibration.samples import checked_samples
from local_core.calibration.subsets import random_subsets


@dataclass(frozen=True, kw_only=True)
class SplitRegression:
    """Coefficients and R2 of every split.

    Attributes
    ----------
    values : ndarray, shape (n_splits, k + 1)
        Slopes and constant fitted on each training part.
    r2_training, r2_validation : ndarray, shape (n_splits,)
        Coefficient of determination on the two parts; NaN where the target does not vary.
    n_training : ndarray of int, shape (n_splits,)
        Samples in each training part.
    n_samples : int
        Samples in both parts.
    predictors : tuple of str
        Names of the predictors.
    """

    values: NDArray[np.float64]
    r2_training: NDArray[np.float64]
    r2_validation: NDArray[np.float64]
    n_training: NDArray[np.int64]
    n_samples: int
    predictors: tuple[str, ...]

    @property
    def r2_weighted(self) -> NDArray[np.float64]:
        """Sum of the two R2 weighted by their sample sizes, divided by all samples."""
        share = self.n_training / self.n_samples
        return share * self.r2_training + (1.0 - share) * self.r2_validation

    @property
    def best(self) -> int:
        """The split with the largest weighted R2: the paper's optimum (OPT)."""
        return int(np.nanargmax(self.r2_weighted))

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of the coefficients over splits."""
        return self.values.mean(axis=0)

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation of the coefficients over splits (``ddof=1``)."""
        return self.values.std(axis=0, ddof=1)

    @property
    def optimum(self) -> NDArray[np.float64]:
        """Coefficients of the split with the largest weighted R2.

        The R2 of the two parts mirror each other (see :attr:`r2_correlation`), so the winner among
        thousands is the luckiest division rather than a better model: prefer :attr:`mean` or the
        fit on all samples.
        """
        return self.values[self.best]

    @property
    def r2_correlation(self) -> float:
        """Correlation of training and validation R2 over splits; close to -1 is the rule."""
        both = np.isfinite(self.r2_training) & np.isfinite(self.r2_validation)
        return float(np.corrcoef(self.r2_training[both], self.r2_validation[both])[0, 1])

    def table(self) -> pd.DataFrame:
        """Mean, OPT and STD of coefficients and R2, in the form of the paper's Table 3."""
        names = list(self.predictors)
        if self.predictors == EQ7_PREDICTORS:
            names = ["a", "b", "c"]
        columns = [*names, "d" if self.predictors == EQ7_PREDICTORS else "constant", "r2"]
        weighted = self.r2_weighted
        rows = {
            "Mean": [*self.mean, np.nanmean(weighted)],
            "OPT": [*self.optimum, weighted[self.best]],
            "STD": [*self.std, np.nanstd(weighted, ddof=1)],
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def split_regression(
    predictors: ArrayLike,
    target: ArrayLike,
    *,
    n_splits: int = 10_000,
    training_share: float = 0.8,
    groups: ArrayLike | None = None,
    seed: int = 0,
    names: tuple[str, ...] | None = None,
) -> SplitRegression:
    """Fit a linear model on many random divisions into training and validation samples.

    Parameters
    ----------
    predictors : array_like, shape (n, k)
        For eq. 7: backscatter difference (dB), NDVI, NDMI. Rows with gaps must be removed before.
    target : array_like, shape (n,)
        In situ soil moisture, m3 m-3.
    n_splits : int
        Number of divisions.
    training_share : float
        Share of the samples (or groups) to train on.
    groups : array_like, shape (n,), optional
        Stations, or station-years: whole groups then go to one part or the other, which tells what
        to expect at a new place. Without it samples of one station land in both parts.
    seed : int
        Seed of the divisions.
    names : tuple of str, optional
        Names of the predictors; default those of eq. 7 if there are three.

    Returns
    -------
    SplitRegression
        Coefficients and R2 of every division, equal to scikit-learn's ``LinearRegression`` fitted
        and scored on each of them.

    Raises
    ------
    ValueError
        If shapes do not fit, values are missing, there are too few samples or groups for the
        split, or the predictors are linearly dependent.

    References
    ----------
    Li et al. (2025), eq. 7 and Table 3.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 3))
    >>> y = x @ [0.015, 0.2, 0.1] + 0.05 + rng.normal(0, 0.02, 500)
    >>> split_regression(x, y, n_splits=200).mean.round(2).tolist()
    [0.02, 0.2, 0.1, 0.05]
    """
    samples = checked_samples(predictors, target, groups=groups, names=names)
    products = product_columns(samples.standardised)
    if samples.groups is not None:
        products = summed_by_group(products, samples.groups, len(samples.group_labels))
    n_units = products.shape[0]
    n_validation = n_units - round(training_share * n_units)
    if not 0 < n_validation < n_units:
        raise ValueError(
            f"training_share={training_share} of {n_units} "
            f"{'samples' if groups is None else 'groups'} trains on {n_units - n_validation} and "
            f"validates on {n_validation}: choose a share that leaves some for both"
        )
    if n_splits < 2:
        raise ValueError(f"n_splits must be at least 2, got {n_splits}")
    totals = products.sum(axis=0)
    values = np.empty((n_splits, samples.x.shape[1] + 1))
    r2_training, r2_validation = np.empty(n_splits), np.empty(n_splits)
    n_training = np.empty(n_splits, dtype=np.int64)
    start = 0
    for members in random_subsets(n_units, n_validation, n_splits, seed=seed):
        rows = slice(start, start + members.shape[0])
        start = rows.stop
        with _blas_threads().limit(limits=1, user_api="blas"):
            sums = members.astype(np.float64) @ products
        validation = NormalEquations.from_sums(sums)
        training = NormalEquations.from_sums(totals - sums)
        fitted = training.solve()
        values[rows] = samples.in_units(fitted)
        r2_training[rows] = training.r2(fitted)
        r2_validation[rows] = validation.r2(fitted)
        n_training[rows] = training.n
    return SplitRegression(
        values=values,
        r2_training=r2_training,
        r2_validation=r2_validation,
        n_training=n_training,
        n_samples=samples.y.size,
        predictors=samples.names,
    )


@functools.cache
def _blas_threads() -> ThreadpoolController:
    """Handle on the threads of BLAS.

    The product is so thin that memory sets its pace: a second thread gains little on an idle
    machine, and on a busy one both spin waiting for each other, which costs ten times the work.
    """
    return ThreadpoolController()
