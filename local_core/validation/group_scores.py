"""Scores by station, network, season, land cover, or any combination."""

from __future__ import annotations

import numpy as np
import pandas as pd

from local_core.calendar_year import SEASONS
from local_core.metrics import ScoreStatus, scores

#: Fewer stations than this give no interval for a group: drawing stations needs several.
MIN_STATIONS = 5

#: Scores with an interval. Ranks would have to be taken anew in every replicate, which costs more
#: than all else together.
_WITH_INTERVAL = ("r", "p", "bias", "rmse", "ubrmse", "mae", "n_eff")

_FROZEN = {1.0: "frozen", 0.0: "thawed"}


def scores_by(
    pairs: pd.DataFrame,
    by: str,
    *,
    intervals: bool = True,
    confidence: float = 0.95,
    min_n: int = 10,
    n_boot: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Score the pairs of each group.

    Parameters
    ----------
    pairs : pandas.DataFrame
        Table of :class:`local_core.validation.Pairs`.
    by : str
        ``"all"``, a column (``"station"``, ``"network"``, ``"season"``, ``"land_cover"``, ...), or
        several joined by ``+`` such as ``"network+season"``.
    intervals : bool
        Groups of one station get closed-form intervals with the effective sample size of their
        memory; groups of at least five stations get intervals by drawing stations; groups of two
        to four get none.
    confidence : float
        Coverage of the intervals.
    min_n : int
        Fewer pairs give a status instead of scores.
    n_boot, seed : int
        Replicates and seed of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        One row per group: ``n_stations`` and everything :func:`local_core.metrics.scores` returns.

    Raises
    ------
    KeyError
        If the table has no such column.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.uniform(0.1, 0.4, 80)
    >>> pairs = pd.DataFrame({
    ...     "station": np.repeat(["a", "b"], 40), "reference": truth, "estimate": truth + 0.01,
    ...     "time": list(pd.date_range("2020-01-01", periods=40)) * 2,
    ... })
    >>> scores_by(pairs, "station")["bias"].round(3).tolist()
    [0.01, 0.01]
    """
    keys = [] if by == "all" else by.split("+")
    missing = [key for key in keys if key not in pairs]
    if missing:
        raise KeyError(
            f"the pairs cannot be grouped by {', '.join(missing)}; known are "
            f"{', '.join(c for c in pairs.columns if c not in ('estimate', 'reference'))}"
        )
    rows, labels = [], []
    for label, part in _groups(pairs, keys):
        stations = part["station"].nunique()
        options: dict[str, object] = {"min_n": min_n}
        if intervals and stations == 1:
            options |= {"interval": "analytic", "autocorrelation": "ar1", "confidence": confidence}
            part = on_regular_steps(part)
        elif intervals and stations >= MIN_STATIONS:
            options |= {
                "interval": "bootstrap",
                "groups": part["station"],
                "confidence": confidence,
                "n_boot": n_boot,
                "seed": seed,
            }
        estimate, reference = part["estimate"].to_numpy(), part["reference"].to_numpy()
        row = scores(estimate, reference, min_n=min_n)
        if len(options) > 1:
            row |= scores(estimate, reference, metrics=_WITH_INTERVAL, **options)
        rows.append({"n_stations": stations, **row})
        labels.append(label)
    index = (
        pd.MultiIndex.from_tuples(labels, names=keys)
        if len(keys) > 1
        else pd.Index([x[0] for x in labels] if keys else ["all"] * len(rows), name=by)
    )
    return pd.DataFrame(rows, index=index)


def median_over_stations(
    station_scores: pd.DataFrame, pairs: pd.DataFrame, by: str
) -> pd.DataFrame:
    """Median of the stations' own scores in each group: the usual form in publications.

    Pooling mixes differences between stations into r and RMSE; the median of the stations' scores
    tells of the course in time alone.

    Parameters
    ----------
    station_scores : pandas.DataFrame
        From :func:`scores_by` with ``by="station"``.
    pairs : pandas.DataFrame
        The pairs, to look up the group of each station.
    by : str
        ``"all"`` or a column that is constant at each station.

    Returns
    -------
    pandas.DataFrame
        Medians over the stations whose status is OK, with their number.
    """
    usable = station_scores[station_scores["status"] == ScoreStatus.OK]
    columns = ["r", "spearman_r", "bias", "rmse", "ubrmse", "mae"]
    if by == "all":
        label = pd.Series("all", index=usable.index)
    else:
        label = pairs.groupby("station")[by].first().reindex(usable.index)
    grouped = usable.groupby(label.to_numpy())
    table = grouped[columns].median()
    table.insert(0, "n_stations", grouped.size())
    return table.rename_axis(by)


def on_regular_steps(part: pd.DataFrame) -> pd.DataFrame:
    """Lay the pairs of one station on equal steps in time, gaps as NaN.

    The step is the most frequent one; memory is then measured between neighbours only. Series
    without a common step are returned in order of time.
    """
    part = part.sort_values("time")
    stamps = part["time"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    if stamps.size < 3:
        return part
    steps, counts = np.unique(np.diff(stamps), return_counts=True)
    step = steps[counts.argmax()]
    position = np.rint((stamps - stamps[0]) / max(step, 1)).astype(np.int64)
    irregular = np.any(np.diff(position) < 1) or position[-1] > 20 * stamps.size
    if irregular or counts.max() < 0.5 * (stamps.size - 1):
        return part
    laid = part.set_index(position)[["estimate", "reference"]]
    return laid.reindex(np.arange(position[-1] + 1))


def _groups(pairs: pd.DataFrame, keys: list[str]) -> list[tuple[tuple[object, ...], pd.DataFrame]]:
    if not keys:
        return [((), pairs)]
    labelled = pairs[keys]
    if "frozen" in keys:
        labelled = labelled.assign(frozen=labelled["frozen"].map(_FROZEN))
    labelled = labelled.astype(object)
    labelled = labelled.where(labelled.notna() & (labelled != ""), "unknown")
    order = {season: place for place, season in enumerate(SEASONS)}
    groups = [
        (label if isinstance(label, tuple) else (label,), part)
        for label, part in pairs.groupby([labelled[k] for k in keys], sort=True)
    ]
    return sorted(groups, key=lambda g: tuple((order.get(x, 0), str(x)) for x in g[0]))
