"""What was read, what screening removed and what is left, as a page a person can read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.markdown_table import markdown_table
from local_core.stations.freeze_thaw import onsets
from local_core.stations.station_dataset import StationData


def station_report(data: StationData, *, layered: xr.Dataset | None = None) -> str:
    """Describe screened stations in Markdown.

    Parameters
    ----------
    data : StationData
        From :func:`~local_core.stations.station_dataset.station_dataset`.
    layered : Dataset, optional
        The same stations on layers; adds a table of them.

    Returns
    -------
    str
        Markdown.
    """
    dataset = data.dataset
    attributes = dataset.attrs
    parts = [
        "# Stations",
        f"Accepted quality flags: `{attributes['flag_policy']}`. Daily means (UTC) need "
        f"{attributes['min_share']:.0%} of a day's values. Frozen soil: "
        f"{attributes['frozen_soil']}. Screening: {attributes['screening_rules']}.",
        "## Sites",
        markdown_table(_sites(dataset), decimals=3),
        "## Sensors",
        "Days with a daily mean, of the days between the first and the last; then the days without "
        "one, by reason.",
        markdown_table(_sensors(dataset)),
    ]
    if len(data.removals):
        removed = (
            data.removals.groupby(["station", "depth_cm", "reason", "resolution"])["n"]
            .agg(["size", "sum"])
            .reset_index()
            .rename(columns={"size": "stretches", "sum": "removed", "resolution": "counted in"})
        )
        parts += ["## Removals", markdown_table(removed)]
    flags = data.flag_counts[data.flag_counts["flag"] != ""]
    if len(flags):
        parts += ["## Quality flags of the archive", markdown_table(flags)]
    seasons = _seasons(dataset)
    if len(seasons):
        parts += [
            "## Freezing and thawing",
            "Mean day of the year of the onsets (three consecutive days).",
            markdown_table(seasons, decimals=0),
        ]
    if layered is not None:
        parts += ["## Layers", markdown_table(_layers(layered))]
    if len(data.reclassified) and data.reclassified["reclassified"].any():
        moved = data.reclassified[data.reclassified["reclassified"]]
        parts += [
            "## Vegetation types changed by greenness",
            markdown_table(moved.drop(columns="reclassified")),
        ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _sites(dataset: xr.Dataset) -> pd.DataFrame:
    names = ("latitude", "longitude", "elevation", "vegetation_type", "land_cover", "climate")
    table = pd.DataFrame(
        {"station": dataset["station"].values} | {name: dataset[name].values for name in names}
    )
    return table.replace("", None)


def _sensors(dataset: xr.Dataset) -> pd.DataFrame:
    meanings = str(dataset["status"].attrs["flag_meanings"]).split()
    rows = []
    for station in dataset["station"].values:
        for depth in dataset["depth"].values:
            sensor = dataset.sel(station=station, depth=depth)
            name = str(sensor["sensor"].item())
            touched = np.flatnonzero(sensor["status"].values != meanings.index("not_recorded"))
            if touched.size == 0:
                continue
            status = sensor["status"].values[touched[0] : touched[-1] + 1]
            counts = np.bincount(status, minlength=len(meanings))
            rows.append(
                {
                    "station": station,
                    "depth (cm)": round(float(depth) * 100),
                    "sensor": name,
                    "from": pd.Timestamp(dataset["time"].values[touched[0]]),
                    "to": pd.Timestamp(dataset["time"].values[touched[-1]]),
                    "days": int(status.size),
                }
                | {meaning.replace("_", " "): int(n) for meaning, n in zip(meanings, counts)}
            )
    table = pd.DataFrame(rows)
    reasons = [meaning.replace("_", " ") for meaning in meanings[1:]]
    return table.drop(columns=[reason for reason in reasons if not table[reason].any()])


def _seasons(dataset: xr.Dataset) -> pd.DataFrame:
    meanings = str(dataset["frozen_source"].attrs["flag_meanings"]).split()
    rows = []
    for station in dataset["station"].values:
        for depth in dataset["depth"].values:
            sensor = dataset.sel(station=station, depth=depth)
            events = onsets(sensor["frozen"].values, dataset["time"].values)
            if events.empty:
                continue
            row: dict[str, object] = {
                "station": station,
                "depth (cm)": round(float(depth) * 100),
                "from": meanings[int(sensor["frozen_source"].item())].replace("_", " "),
            }
            for event in ("freezing", "thawing"):
                days = events.loc[events["event"] == event, "day_of_year"].to_numpy()
                row[f"{event} seen"] = days.size
                row[f"{event} (day of year)"] = _circular_mean_day(days)
            rows.append(row)
    return pd.DataFrame(rows)


def _circular_mean_day(days: np.ndarray) -> float:
    """Mean day of year; 31 December and 1 January are neighbours."""
    if days.size == 0:
        return float("nan")
    on_circle = np.exp(2j * np.pi * days / DAYS_PER_YEAR)
    day = float(np.angle(on_circle.mean()) / (2 * np.pi) * DAYS_PER_YEAR)
    return day if day > 0 else day + DAYS_PER_YEAR


def _layers(layered: xr.Dataset) -> pd.DataFrame:
    moisture = layered["soil_moisture"]
    table = xr.Dataset(
        {
            "days": moisture.count("time"),
            "mean (m3 m-3)": moisture.mean("time"),
            "covered share": layered["covered_fraction"].where(moisture.notnull()).mean("time"),
            "frozen days": (layered["frozen"] == 1).sum("time"),
        }
    ).to_dataframe()[["days", "mean (m3 m-3)", "covered share", "frozen days"]]
    table = table.reset_index().rename(columns={"layer": "layer (cm)"})
    return table[table["days"] > 0]
