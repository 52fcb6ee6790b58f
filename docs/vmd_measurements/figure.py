"""The figure of the page: settings against separation, and one decomposition."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.vmd import LITERATURE
from vmd_measurements.separation import bases, fitted, quiet
from vmd_measurements.series import Record
from vmd_measurements.settings_grid import HALF_WIDTHS

DOCS = Path(__file__).resolve().parents[1]
FIGURE = DOCS / "figures" / "vmd_defaults.png"
COLOURS = {
    "uniform": "#999999",
    "zero": "#56b4e9",
    "zero, lowest held": "#0072b2",
    "annual": "#e69f00",
    "annual, lowest held": "#d55e00",
}


def draw(scores: pd.DataFrame, example: Record) -> None:
    """Scores over the half width, and one observed series under two settings."""
    figure = plt.figure(figsize=(11, 8.2), layout="constrained")
    grid = figure.add_gridspec(2, 6, height_ratios=[1, 1.15])
    panels = (
        ("observed 6 years annual", "IMF4 annual, share of series", "Observed, windows of 6 years"),
        ("planted 6 annual", "IMF4 annual, share of series", "Planted, 6 years"),
        ("error", "RMSE / RMSE of direct fit", "Planted, 6 years: year + trend"),
    )
    scores = scores.assign(error=scores["planted 6 rmse"] / scores["planted 6 rmse_direct"])
    for place, (column, label, title) in enumerate(panels):
        axis = figure.add_subplot(grid[0, 2 * place : 2 * place + 2])
        for name, colour in COLOURS.items():
            part = scores[scores["start"] == name]
            dashed = "--" if name.startswith("zero") else "-"
            axis.plot(
                part["half width"], part[column], dashed, marker="o", ms=4, color=colour, label=name
            )
        axis.axvline(1.0, color="black", lw=0.8, ls=":")
        axis.set_xscale("log")
        axis.set_xticks(HALF_WIDTHS, [f"{width:.2g}" for width in HALF_WIDTHS], fontsize=8)
        axis.minorticks_off()
        axis.set_xlabel("half width of the filters, cycles a year")
        axis.set_ylabel(label)
        axis.set_title(title, fontsize=10)
        if column == "error":
            axis.set_ylim(0.9, None)
        else:
            axis.set_ylim(-0.03, 1.03)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        title="start of the centre frequencies",
        loc="outside upper center",
        ncols=len(COLOURS),
        fontsize=9,
        title_fontsize=9,
    )
    years = 2000 + np.arange(example.values.size) / DAYS_PER_YEAR
    sine, _ = bases(example.values.size)
    views = (("alpha 2000, uniform start", dict(LITERATURE)), ("default settings", {}))
    shared = None
    for place, (title, options) in enumerate(views):
        axis = figure.add_subplot(grid[1, 3 * place : 3 * place + 3], sharey=shared)
        shared = axis
        result = quiet(example.values, **options)
        known = np.isfinite(example.values)
        axis.plot(years, example.values, color="#cccccc", lw=0.5, label="difference")
        for mode, colour in ((3, "#d55e00"), (4, "#0072b2")):
            period = result.center_periods[mode]
            centre = f"{period:.0f} d" if period < 1e4 else "more than 10,000 d"
            axis.plot(
                years[known],
                result.modes[mode, known],
                color=colour,
                lw=1.4,
                label=f"IMF{mode + 1}, {centre}",
            )
        axis.plot(
            years,
            fitted(sine, result.modes[3])[0],
            color="black",
            lw=0.9,
            ls="--",
            label="eq. 6 fitted to IMF4",
        )
        axis.set_title(f"ESA CCI minus GLDAS at grid point {example.name}: {title}", fontsize=10)
        axis.set_ylabel("soil moisture, m$^3$ m$^{-3}$")
        axis.set_xlabel("year")
        axis.set_xlim(years[0], years[-1])
        axis.set_ylim(-0.16, 0.16)
        axis.legend(fontsize=8, ncols=2, loc="lower left")
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, dpi=130)
    plt.close(figure)
