"""One calibration: the fit, the divisions, and the scores at places left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from local_core.calibration.coefficients import EQ7_PREDICTORS, RetrievalCoefficients
from local_core.calibration.held_out_groups import LeaveGroupOut, leave_group_out
from local_core.calibration.linear_retrieval import LinearRetrieval
from local_core.calibration.sample_tables import SampleTable, SampleTableError
from local_core.calibration.splits import SplitRegression, split_regression
from local_core.metrics import rmse


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Everything a calibration found.

    Attributes
    ----------
    coefficients : RetrievalCoefficients
        For the map: fit on all samples, covariance by station, and as residual the RMSE at groups
        left out (the fit's own residual where there are no groups).
    fit : LinearRetrieval
        The fit on all samples.
    random_splits : SplitRegression
        The paper's 8:2 divisions of samples.
    grouped_splits : SplitRegression or None
        The same divisions of whole groups.
    held_out : LeaveGroupOut or None
        Predictions of each group by the others.
    baseline_rmse : float or None
        RMSE of predicting each group by the mean of the others: what a retrieval has to beat.
    samples : SampleTable
        What was fitted.
    group : str or None
        What a group is.
    """

    coefficients: RetrievalCoefficients
    fit: LinearRetrieval
    random_splits: SplitRegression
    grouped_splits: SplitRegression | None
    held_out: LeaveGroupOut | None
    baseline_rmse: float | None
    samples: SampleTable
    group: str | None


def calibrate(
    samples: SampleTable,
    *,
    predictors: tuple[str, ...] = EQ7_PREDICTORS,
    target: str = "soil_moisture",
    group: str | None = "station",
    n_splits: int = 10_000,
    training_share: float = 0.8,
    seed: int = 0,
    orbit: str | None = None,
    source: str = "",
) -> Calibration:
    """Refit the retrieval on a table of samples and find out what it is worth.

    Parameters
    ----------
    samples : SampleTable
        From :func:`local_core.calibration.read_sample_table`.
    predictors : tuple of str
        Columns to predict from; default those of eq. 7.
    target : str
        Column to predict, m3 m-3.
    group : str, optional
        Column of groups that are left out whole, or ``"station-year"``; None if there are none.
    n_splits : int
        Number of random divisions.
    training_share : float
        Share of samples (groups) to train on.
    seed : int
        Seed of the divisions.
    orbit : str, optional
        ``"ascending"`` or ``"descending"``, noted in the file.
    source : str
        Where the samples come from, noted in the file.

    Returns
    -------
    Calibration
        Results.

    Raises
    ------
    SampleTableError
        If a column is missing or no row is complete.
    ValueError
        If the samples do not determine the coefficients, a predictor is named twice, or there are
        too few groups.

    References
    ----------
    Li et al. (2025), eq. 7 and Table 3.
    """
    if not predictors or len(set(predictors)) < len(predictors):
        raise ValueError(f"predictors must be one or more different columns, got {[*predictors]}")
    samples = samples.complete([*predictors, target])
    x, y = samples.frame[list(predictors)].to_numpy(), samples.frame[target].to_numpy()
    labels = None if group is None else group_labels(samples.frame, group)
    if labels is not None and len(set(labels)) <= len(predictors) + 1:
        raise ValueError(
            f"grouping by {group!r} makes groups: {len(set(labels))}; more than "
            f"{len(predictors) + 1} are needed to judge as many coefficients by leaving groups "
            "out: group by something else, or by none"
        )
    fit = LinearRetrieval()
    fit.fit(samples.frame[list(predictors)], y, groups=labels)
    options: dict[str, Any] = {
        "n_splits": n_splits,
        "training_share": training_share,
        "seed": seed,
        "names": predictors,
    }
    random_splits = split_regression(x, y, **options)
    held_out = grouped_splits = baseline = None
    residual_std = fit.residual_std_
    details: dict[str, Any] = {
        "fit": {"r2": fit.r2_, "residual_std": fit.residual_std_},
        "random_splits": _split_details(random_splits),
    }
    if labels is not None:
        held_out = leave_group_out(x, y, labels, names=predictors)
        grouped_splits = split_regression(x, y, groups=labels, **options)
        baseline = _baseline_rmse(y, labels)
        scores = held_out.scores(seed=seed)
        residual_std = scores["rmse"]
        details["held_out"] = {
            "group": group,
            "n_groups": len(held_out.group_labels),
            "baseline_rmse": baseline,
            **{k: float(v) for k, v in scores.items() if k not in ("n", "status")},
        }
        details["grouped_splits"] = _split_details(grouped_splits)
    coefficients = fit.to_coefficients(
        residual_std=residual_std, orbit=orbit, source=source, details=details
    )
    return Calibration(
        coefficients=coefficients,
        fit=fit,
        random_splits=random_splits,
        grouped_splits=grouped_splits,
        held_out=held_out,
        baseline_rmse=baseline,
        samples=samples,
        group=group,
    )


def group_labels(frame: pd.DataFrame, group: str) -> np.ndarray:
    """Labels of the groups; ``"station-year"`` joins the two columns.

    Raises
    ------
    SampleTableError
        If there is no such column, or it has gaps.
    """
    columns = ["station", "year"] if group == "station-year" else [group]
    missing = [c for c in columns if c not in frame]
    if missing:
        raise SampleTableError(
            f"grouping by {group!r} needs the column {', '.join(missing)}; the table has "
            f"{', '.join(map(str, frame.columns))}"
        )
    if frame[columns].isna().any().any():
        raise SampleTableError(f"grouping by {group!r}: some rows have no value there")
    return frame[columns].astype(str).agg(" ".join, axis=1).to_numpy()


def _split_details(splits: SplitRegression) -> dict[str, Any]:
    best = splits.best
    return {
        "n_splits": len(splits.values),
        "mean": [float(v) for v in splits.mean],
        "optimum": [float(v) for v in splits.optimum],
        "std": [float(v) for v in splits.std],
        "r2_weighted_mean": float(np.nanmean(splits.r2_weighted)),
        "r2_weighted_optimum": float(splits.r2_weighted[best]),
        "r2_validation_median": float(np.nanmedian(splits.r2_validation)),
        "r2_correlation": splits.r2_correlation,
    }


def _baseline_rmse(y: np.ndarray, labels: np.ndarray) -> float:
    group = np.unique(labels, return_inverse=True)[1]
    total, count = np.bincount(group, weights=y), np.bincount(group)
    others = (total.sum() - total) / (count.sum() - count)
    return rmse(others[group], y)
