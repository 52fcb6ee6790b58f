"""Figures of corrected series and of their scores: Chang et al. (2022), Figs. 5, 8 and 9."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from local_core.bias_correction.correction_run import CorrectionRun, Role

_UNIT = "m³ m⁻³"
#: Rows beyond this make a page nobody can read.
_MAX_STATIONS = 6


def series_figure(
    run: CorrectionRun, *, stations: Sequence[str] | None = None, title: str = ""
) -> Figure:
    """Draw in situ, initial and corrected series, a row a site (Figs. 5 and 8).

    Parameters
    ----------
    run : CorrectionRun
    stations : sequence of str, optional
        Which to draw; by default the first six that were corrected.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        A dotted line parts what was fitted from what is judged; the band is drawn where there is
        one.
    """
    dataset = run.dataset
    if stations is None:
        corrected = [
            str(n) for n, note in zip(dataset["station"].values, dataset["note"].values) if not note
        ]
        stations = corrected[:_MAX_STATIONS]
    layers = [str(layer) for layer in dataset["layer"].values]
    if not stations:
        raise ValueError("no station was corrected, so there is nothing to draw")
    figure = Figure(figsize=(3.7 * len(layers) + 0.6, 2.0 * len(stations) + 1.1))
    axes = figure.subplots(len(stations), len(layers), squeeze=False, sharex="row")
    for row, station in enumerate(stations):
        site = dataset.sel(station=station)
        for column, layer in enumerate(layers):
            axis = axes[row, column]
            part = site.sel(layer=layer)
            known = np.flatnonzero((part["role"] != Role.UNUSED).values)
            if known.size == 0 or not part["corrected"].notnull().any():
                axis.text(0.5, 0.5, "no data", transform=axis.transAxes, ha="center", fontsize=8)
                # Not set_xticks([]): the row shares the axis, and the others would lose theirs.
                axis.tick_params(bottom=False, labelbottom=False, left=False, labelleft=False)
                continue
            part = part.isel(time=slice(known[0], known[-1] + 1))
            time = part["time"].values
            if "lower" in part:
                axis.fill_between(
                    time, part["lower"], part["upper"], color="C0", alpha=0.2, linewidth=0
                )
            axis.plot(time, part["initial"], color="C1", linewidth=0.8, label="initial")
            axis.plot(time, part["corrected"], color="C0", linewidth=0.8, label="corrected")
            axis.plot(time, part["in_situ"], color="k", linewidth=0.9, label="in situ")
            # A band of few sites may be wide; the series decide what is seen.
            lines = part[["initial", "corrected", "in_situ"]].to_array()
            low, high = float(lines.min()), float(lines.max())
            axis.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
            fitted = np.flatnonzero((part["role"] == Role.FITTED).values)
            if fitted.size:
                axis.axvline(time[fitted[-1]], color="k", linestyle=":", linewidth=1.0)
            axis.tick_params(labelsize=7)
            axis.margins(x=0.01)
            locator = mdates.AutoDateLocator(minticks=2, maxticks=6)
            axis.xaxis.set_major_locator(locator)
            axis.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
        name = station.rsplit("/", 1)[-1]
        axes[row, 0].set_ylabel(f"{name}\n{_UNIT}", fontsize=8)
    for column, layer in enumerate(layers):
        axes[0, column].set_title(f"{layer} cm", fontsize=10)
    labelled = next((axis for axis in axes.ravel() if axis.get_legend_handles_labels()[0]), None)
    figure.suptitle(title or f"{run.mode} correction ({run.corrector.method})", fontsize=11)
    if labelled is not None:
        handles, labels = labelled.get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=3, fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    return figure


def comparison_figure(tables: dict[str, pd.DataFrame], *, title: str = "") -> Figure:
    """Compare mean scores of several runs by vegetation type (Fig. 9).

    Parameters
    ----------
    tables : dict of str to DataFrame
        Name of a run (such as "single-site") to its skill table. Only series that all runs have
        enter.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        Bars of R, absolute bias and RMSE: the uncorrected reanalysis, then the runs.
    """
    keys = ["vegetation_type", "station", "layer"]
    joined = None
    for name, table in tables.items():
        scored = table[table["rmse_corrected"].notna()].astype({"layer": str})
        columns = {f"{score}_corrected": f"{score}|{name}" for score in ("r", "bias", "rmse")}
        part = scored[[*keys, *columns]].rename(columns=columns)
        if joined is None:
            first = {f"{score}_initial": f"{score}|initial" for score in ("r", "bias", "rmse")}
            part = part.merge(scored[[*keys, *first]].rename(columns=first), on=keys)
            joined = part
        else:
            joined = joined.merge(part, on=keys)
    names = ["initial", *tables]
    figure = Figure(figsize=(11, 3.4))
    axes = figure.subplots(1, 3)
    if joined is None or joined.empty:
        raise ValueError("the runs have no series in common, so there is nothing to compare")
    kinds = list(dict.fromkeys(joined["vegetation_type"]))
    colours = ["C1", "C0", "C2", "C4", "C5", "C6", "C7"]
    for axis, (score, label) in zip(
        axes, (("r", "R"), ("bias", f"|bias| ({_UNIT})"), ("rmse", f"RMSE ({_UNIT})"))
    ):
        width = 0.8 / len(names)
        for index, name in enumerate(names):
            values = joined[f"{score}|{name}"]
            means = values.abs() if score == "bias" else values
            heights = means.groupby(joined["vegetation_type"]).mean().reindex(kinds)
            bars = axis.bar(
                np.arange(len(kinds)) + (index - (len(names) - 1) / 2) * width,
                heights,
                width,
                color=colours[index % len(colours)],
                label=name,
            )
            if len(names) <= 3:
                # More bars leave no room for numbers; the tables have them.
                axis.bar_label(
                    bars, fmt="%.2f" if score == "r" else "%.3f", fontsize=6.5, padding=1
                )
        axis.axhline(0.0, color="k", linewidth=0.7)
        below = [(kind or "all sites").replace(" ", "\n") for kind in kinds]
        axis.set_xticks(np.arange(len(kinds)), below, fontsize=8)
        axis.set_ylabel(label, fontsize=9)
        axis.tick_params(axis="y", labelsize=8)
        axis.margins(y=0.12)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=len(names), fontsize=8, frameon=False)
    figure.suptitle(title or "Mean scores on validation days", fontsize=11)
    figure.tight_layout(rect=(0, 0.07, 1, 1))
    return figure
