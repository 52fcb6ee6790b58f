"""Boxes and violins of the scores of many stations, product by product or group by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELS = {
    "r": "r",
    "spearman_r": "Spearman's rho",
    "bias": "bias [m$^3$ m$^{-3}$]",
    "rmse": "RMSE [m$^3$ m$^{-3}$]",
    "ubrmse": "ubRMSE [m$^3$ m$^{-3}$]",
    "mae": "MAE [m$^3$ m$^{-3}$]",
}


def draw_distributions(
    axes: Sequence[Axes],
    tables: Mapping[str, pd.DataFrame],
    *,
    scores: Sequence[str] = ("r", "bias", "ubrmse"),
) -> None:
    """Draw one panel per score, one violin with its box and stations per table.

    Parameters
    ----------
    axes : sequence of matplotlib.axes.Axes
        As many as scores.
    tables : mapping of str to pandas.DataFrame
        Name (of a product or a group) to the scores of its stations.
    scores : sequence of str
        Columns to show.

    Raises
    ------
    ValueError
        If there are fewer axes than scores.
    """
    if len(axes) < len(scores):
        raise ValueError(f"{len(scores)} scores need as many axes, got {len(axes)}")
    for ax, name in zip(axes, scores):
        values = [table[name].dropna().to_numpy() for table in tables.values()]
        _draw_panel(ax, list(tables), values)
        ax.set_ylabel(_LABELS.get(name, name))
        if name == "bias":
            ax.axhline(0.0, color="black", lw=0.8, zorder=0)
        ax.grid(axis="y", alpha=0.3)


def _draw_panel(ax: Axes, names: list[str], values: list[np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    for place, (sample, color) in enumerate(zip(values, _colors(len(values))), start=1):
        if sample.size >= 5 and np.ptp(sample) > 0:
            body = ax.violinplot([sample], [place], widths=0.8, showextrema=False)["bodies"][0]
            body.set_facecolor(color)
            body.set_alpha(0.3)
        if sample.size >= 3:
            ax.boxplot(
                [sample],
                positions=[place],
                widths=0.22,
                showfliers=False,
                medianprops={"color": "black"},
                boxprops={"color": color},
                whiskerprops={"color": color},
                capprops={"color": color},
            )
        jitter = rng.uniform(-0.1, 0.1, sample.size)
        ax.plot(place + jitter, sample, ".", ms=3, color=color, alpha=0.7)
    counts = [f"{name}\n(n={sample.size})" for name, sample in zip(names, values)]
    ax.set_xticks(range(1, len(names) + 1), counts, fontsize="small")
    if max((len(name) for name in names), default=0) > 9:
        ax.tick_params(axis="x", rotation=25)
    ax.set_xlim(0.4, len(names) + 0.6)


def _colors(n: int) -> list[str]:
    return [f"C{k % 10}" for k in range(n)]
