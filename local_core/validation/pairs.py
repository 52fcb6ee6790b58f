"""All pairs of estimate and reference at all stations, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
import pandas as pd

from local_core.calendar_year import SEASONS, season_index
from local_core.metrics import anomaly
from local_core.validation.station_series import SITE_COLUMNS, StationSeries
from local_core.validation.time_collocation import collocate_time


class PairStatus(IntEnum):
    """Why a station takes part, or does not."""

    PAIRED = 0
    NO_ESTIMATE = 1
    NO_REFERENCE = 2
    NO_OVERLAP = 3

    @property
    def meaning(self) -> str:
        """One line for a report."""
        return (
            "paired",
            "no estimate for this station",
            "no reference for this station",
            "no two values within the window",
        )[self]


@dataclass(frozen=True)
class Pairs:
    """Pairs of all stations.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair: ``station``, ``time``, ``estimate``, ``reference``, ``season``, ``month``,
        ``year``, and what is known of ``network``, ``land_cover``, ``vegetation_type``,
        ``climate``, ``frozen`` and ``distance_km``.
    status : pandas.Series
        :class:`PairStatus` of every station of either side.
    """

    table: pd.DataFrame
    status: pd.Series


def pair_stations(
    estimate: StationSeries,
    reference: StationSeries,
    *,
    window: str | pd.Timedelta = "12h",
    method: Literal["nearest", "mean"] = "nearest",
    each_reference_once: bool = False,
    anomalies: Literal["none", "moving_window", "climatology"] = "none",
    rescale: Literal["none", "mean_std"] = "none",
) -> Pairs:
    """Pair estimates with references, station by station.

    Parameters
    ----------
    estimate, reference : StationSeries
        Joined by station name ("network/station" also finds "station"); if both hold one series
        only, they are taken to belong together.
    window, method, each_reference_once
        See :func:`local_core.validation.collocate_time`.
    anomalies : {"none", "moving_window", "climatology"}
        Turn both series into anomalies, each from its own whole record, before pairing.
    rescale : {"none", "mean_std"}
        Bring the estimate to the mean and standard deviation of the reference at each station, for
        products in another unit (degree of saturation): bias is then zero by construction.

    Returns
    -------
    Pairs
        The table and a status for every station; nothing about a station raises.

    Raises
    ------
    ValueError
        If an option is unknown.
    """
    if rescale not in ("none", "mean_std"):
        raise ValueError(f"rescale must be 'none' or 'mean_std', got {rescale!r}")
    if anomalies not in ("none", "moving_window", "climatology"):
        raise ValueError(
            f"anomalies must be 'none', 'moving_window' or 'climatology', got {anomalies!r}"
        )
    partner = _partners(estimate, reference)
    status: dict[str, PairStatus] = {}
    parts: list[pd.DataFrame] = []
    for name, measured in reference.series.items():
        other = partner.get(name)
        if other is None:
            status[name] = PairStatus.NO_ESTIMATE
            continue
        estimated = estimate.series[other]
        if anomalies != "none":
            estimated, measured = (_anomaly(s, anomalies) for s in (estimated, measured))
        pairs = collocate_time(
            estimated,
            measured,
            window=window,
            method=method,
            each_reference_once=each_reference_once,
        )
        if pairs.empty:
            status[name] = PairStatus.NO_OVERLAP
            continue
        status[name] = PairStatus.PAIRED
        if rescale == "mean_std":
            pairs["estimate"] = _rescaled(pairs["estimate"], pairs["reference"])
        parts.append(_described(pairs, name, other, estimate, reference))
    used = set(partner.values())
    status |= {n: PairStatus.NO_REFERENCE for n in estimate.series if n not in used}
    columns = ["station", "time", "estimate", "reference", "season", "month", "year"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return Pairs(table, pd.Series(status, name="status").rename_axis("station"))


def season_of(month: np.ndarray) -> np.ndarray:
    """Three-month season (DJF, MAM, JJA, SON) of months 1 to 12."""
    return np.array(SEASONS)[season_index(month)]


def _partners(estimate: StationSeries, reference: StationSeries) -> dict[str, str]:
    """Map the reference's station names to the estimate's."""
    if len(estimate.series) == 1 and len(reference.series) == 1:
        return {next(iter(reference.series)): next(iter(estimate.series))}
    short = {name.rsplit("/", 1)[-1]: name for name in estimate.series}
    found = {}
    for name in reference.series:
        if name in estimate.series:
            found[name] = name
        elif name.rsplit("/", 1)[-1] in short:
            found[name] = short[name.rsplit("/", 1)[-1]]
    return found


def _anomaly(series: pd.Series, method: str) -> pd.Series:
    series = series[~series.index.duplicated()].sort_index()
    return anomaly(series, method=method) if len(series) else series


def _rescaled(estimate: pd.Series, reference: pd.Series) -> pd.Series:
    spread = estimate.std(ddof=0)
    factor = reference.std(ddof=0) / spread if spread > 0 else 0.0
    return (estimate - estimate.mean()) * factor + reference.mean()


def _described(
    pairs: pd.DataFrame, name: str, other: str, estimate: StationSeries, reference: StationSeries
) -> pd.DataFrame:
    time = pairs.index
    pairs = pairs.assign(
        station=name,
        time=time,
        season=season_of(time.month.to_numpy()),
        month=time.month,
        year=time.year,
    )
    for column in SITE_COLUMNS:
        for side, key in ((reference, name), (estimate, other)):
            if column in side.sites and key in side.sites.index:
                pairs[column] = side.sites.at[key, column]
                break
    if "distance_km" in estimate.sites:
        pairs["distance_km"] = estimate.sites.at[other, "distance_km"]
    if name in reference.frozen:
        day = time.floor("D")
        pairs["frozen"] = reference.frozen[name].reindex(day).to_numpy()
    return pairs.reset_index(drop=True)
