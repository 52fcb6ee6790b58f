"""What the retrieval is worth at a place it has not seen: leave one station out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from local_core.calibration.normal_equations import (
    NormalEquations,
    product_columns,
    summed_by_group,
)
from local_core.calibration.samples import checked_samples
from local_core.metrics import scores

_SCORES = ("n", "r", "bias", "rmse", "ubrmse", "mae", "r2", "status")


@dataclass(frozen=True, kw_only=True)
class LeaveGroupOut:
    """Predictions for every group by a fit that never saw it.

    Attributes
    ----------
    prediction : ndarray, shape (n,)
        Out-of-group prediction of every sample, m3 m-3.
    reference : ndarray, shape (n,)
        What was measured.
    groups : ndarray, shape (n,)
        Label of the group of every sample.
    values : ndarray, shape (n_groups, k + 1)
        Coefficients without each group, in the order of ``group_labels``.
    group_labels : ndarray, shape (n_groups,)
        Sorted labels.
    """

    prediction: NDArray[np.float64]
    reference: NDArray[np.float64]
    groups: NDArray
    values: NDArray[np.float64]
    group_labels: NDArray

    def scores(
        self, *, confidence: float = 0.95, n_boot: int = 1000, seed: int = 0
    ) -> dict[str, Any]:
        """Scores over all samples, intervals by drawing whole groups."""
        return scores(
            self.prediction,
            self.reference,
            metrics=_SCORES,
            interval="bootstrap",
            confidence=confidence,
            n_boot=n_boot,
            groups=self.groups,
            seed=seed,
        )

    def by_group(self, *, min_n: int = 3) -> pd.DataFrame:
        """Scores of each left-out group, one row per group."""
        rows = [
            scores(self.prediction[rows], self.reference[rows], metrics=_SCORES, min_n=min_n)
            for rows in (self.groups == label for label in self.group_labels)
        ]
        return pd.DataFrame(rows, index=pd.Index(self.group_labels, name="group"))


def leave_group_out(
    predictors: ArrayLike,
    target: ArrayLike,
    groups: ArrayLike,
    *,
    names: tuple[str, ...] | None = None,
) -> LeaveGroupOut:
    """Predict each group by the linear fit on all others.

    Equal to scikit-learn's ``cross_val_predict(LinearRegression(), cv=LeaveOneGroupOut())``; the
    normal equations without a group are the totals minus the group's own.

    Parameters
    ----------
    predictors : array_like, shape (n, k)
        For eq. 7: backscatter difference (dB), NDVI, NDMI, without gaps.
    target : array_like, shape (n,)
        In situ soil moisture, m3 m-3.
    groups : array_like, shape (n,)
        Stations, or station-years.
    names : tuple of str, optional
        Names of the predictors.

    Returns
    -------
    LeaveGroupOut
        Predictions, coefficients and scores.

    Raises
    ------
    ValueError
        If there is only one group, or the others do not determine the coefficients.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(300, 3))
    >>> y = x @ [0.015, 0.2, 0.1] + 0.05 + rng.normal(0, 0.02, 300)
    >>> result = leave_group_out(x, y, np.repeat(np.arange(10), 30))
    >>> round(result.scores()["rmse"], 2)
    0.02
    """
    samples = checked_samples(predictors, target, groups=groups, names=names)
    labels = samples.group_labels
    if len(labels) < 2:
        raise ValueError(
            f"all samples belong to one group ({labels[0]}): name the column that tells stations "
            "apart, or choose no group"
        )
    own = summed_by_group(product_columns(samples.standardised), samples.groups, len(labels))
    values = samples.in_units(NormalEquations.from_sums(own.sum(axis=0) - own).solve())
    fitted = values[samples.groups]
    prediction = np.einsum("ij,ij->i", samples.x, fitted[:, :-1]) + fitted[:, -1]
    return LeaveGroupOut(
        prediction=prediction,
        reference=samples.y,
        groups=labels[samples.groups],
        values=values,
        group_labels=labels,
    )
