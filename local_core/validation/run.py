"""One validation: products against stations, scored in every grouping asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from local_core.validation.group_scores import median_over_stations, scores_by
from local_core.validation.pairs import Pairs, PairStatus, pair_stations
from local_core.validation.station_series import StationSeries, at_stations

#: Groupings that are made if the stations have what it takes.
USUAL_GROUPINGS = ("station", "network", "season", "land_cover")

#: Columns that are the same all the time at one station.
_SITE_GROUPINGS = ("network", "land_cover", "vegetation_type", "climate")

Kind = Literal["values", "moving_window", "climatology"]


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Pairs and scores of one or more products.

    Attributes
    ----------
    pairs : dict
        Kind (``"values"``, ``"moving_window"``, ``"climatology"``) to product to
        :class:`~local_core.validation.pairs.Pairs`.
    tables : dict
        (kind, grouping) to scores; index product and group.
    medians : dict
        (kind, grouping) to medians over stations; index product and group.
    confidence : float
        Coverage of the intervals.
    notes : tuple of str
        How pairs were made, for the report.
    """

    pairs: dict[Kind, dict[str, Pairs]]
    tables: dict[tuple[Kind, str], pd.DataFrame]
    medians: dict[tuple[Kind, str], pd.DataFrame]
    confidence: float
    notes: tuple[str, ...]

    @property
    def products(self) -> list[str]:
        """Names of the products."""
        return list(self.pairs["values"])


def validate(
    estimates: Mapping[str, StationSeries | xr.DataArray],
    reference: StationSeries,
    *,
    by: Sequence[str] | None = None,
    anomalies: Sequence[Literal["moving_window", "climatology"]] = (),
    window: str = "12h",
    method: Literal["nearest", "mean"] = "nearest",
    each_reference_once: bool = False,
    rescale: Literal["none", "mean_std"] = "none",
    common: bool = True,
    max_distance_km: float = np.inf,
    intervals: bool = True,
    confidence: float = 0.95,
    min_n: int = 10,
    seed: int = 0,
) -> Validation:
    """Score products against stations.

    Parameters
    ----------
    estimates : mapping of str to StationSeries or xarray.DataArray
        Products by name; of a grid the nearest pixels are taken.
    reference : StationSeries
        What was measured.
    by : sequence of str, optional
        Groupings: station, network, season, land_cover, month, year, frozen, vegetation_type,
        climate, or several joined by ``+``. Default: the usual ones the stations allow. All pairs
        together are always scored.
    anomalies : sequence of {"moving_window", "climatology"}
        Kinds of anomalies to score besides the values.
    window, method, each_reference_once, rescale
        See :func:`local_core.validation.pair_stations`.
    common : bool
        With several products, use only the times all of them have at a station.
    max_distance_km : float
        Farthest pixel centre to accept.
    intervals, confidence, min_n, seed
        See :func:`local_core.validation.scores_by`.

    Returns
    -------
    Validation
        Pairs and tables.

    Raises
    ------
    ValueError
        If no product has a single pair, or an option is unknown.
    KeyError
        If a grouping is asked for that the stations do not allow.
    """
    if not estimates:
        raise ValueError("no product to validate: give at least one estimate")
    at = {
        name: at_stations(e, reference.sites, max_distance_km=max_distance_km)
        if isinstance(e, xr.DataArray)
        else e
        for name, e in estimates.items()
    }
    kinds: list[Kind] = ["values", *anomalies]
    pairs: dict[Kind, dict[str, Pairs]] = {}
    for kind in kinds:
        pairs[kind] = {
            name: pair_stations(
                series,
                reference,
                window=window,
                method=method,
                each_reference_once=each_reference_once,
                anomalies="none" if kind == "values" else kind,
                rescale=rescale,
            )
            for name, series in at.items()
        }
        if common and len(at) > 1:
            pairs[kind] = _common(pairs[kind])
    if all(p.table.empty for p in pairs["values"].values()):
        raise ValueError(_no_pairs(pairs["values"], window, common and len(at) > 1))
    groupings = ["all", *(by if by is not None else _usual(pairs["values"]))]
    groupings = list(dict.fromkeys(groupings))
    if by is None and len(reference.series) == 1:
        groupings.remove("station")
    tables, medians = {}, {}
    options = {"intervals": intervals, "confidence": confidence, "min_n": min_n, "seed": seed}
    for kind in kinds:
        for grouping in groupings:
            tables[kind, grouping] = _stacked(
                {
                    name: scores_by(p.table, grouping, **options)
                    for name, p in pairs[kind].items()
                    if len(p.table)
                }
            )
        per_station = {
            name: scores_by(p.table, "station", **{**options, "intervals": False})
            for name, p in pairs[kind].items()
            if len(p.table)
        }
        for grouping in groupings:
            if grouping == "all" or grouping in _SITE_GROUPINGS:
                medians[kind, grouping] = _stacked(
                    {
                        name: median_over_stations(table, pairs[kind][name].table, grouping)
                        for name, table in per_station.items()
                    }
                )
    notes = [
        f"pairs: {'nearest reference' if method == 'nearest' else 'mean of the reference'} within "
        f"{window} of each estimate"
        + (", each reference once" if each_reference_once else "")
        + (", only times all products have" if common and len(at) > 1 else "")
    ]
    if rescale == "mean_std":
        notes.append(
            "estimates rescaled to the mean and standard deviation of the reference at each "
            "station: bias is zero by construction, RMSE tells of correlation alone"
        )
    return Validation(
        pairs=pairs, tables=tables, medians=medians, confidence=confidence, notes=tuple(notes)
    )


def _usual(pairs: Mapping[str, Pairs]) -> list[str]:
    known = set.union(*(set(p.table.columns) for p in pairs.values()))
    return [name for name in USUAL_GROUPINGS if name in known]


def _common(pairs: dict[str, Pairs]) -> dict[str, Pairs]:
    """Keep the station-days that every product has."""
    shared: pd.MultiIndex | None = None
    days = {}
    for name, p in pairs.items():
        time = pd.DatetimeIndex(p.table["time"]) if len(p.table) else pd.DatetimeIndex([])
        days[name] = pd.MultiIndex.from_arrays([p.table["station"], time.floor("D")])
        shared = days[name] if shared is None else shared.intersection(days[name])
    return {
        name: Pairs(p.table[days[name].isin(shared)].reset_index(drop=True), p.status)
        for name, p in pairs.items()
    }


def _stacked(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, names=["product"]) if tables else pd.DataFrame()


def _no_pairs(pairs: Mapping[str, Pairs], window: str, common: bool) -> str:
    reasons = [
        f"{name}: "
        + ", ".join(f"{n} x {s}" for s, n in p.status.map(_meaning).value_counts().items())
        for name, p in pairs.items()
    ]
    text = f"not a single pair within {window} ({'; '.join(reasons)})"
    if common and any((p.status == 0).any() for p in pairs.values()):
        return text + ": the products have no day in common"
    return text + ": check station names, coordinates and dates of the two sides"


def _meaning(code: int) -> str:
    return PairStatus(code).meaning
