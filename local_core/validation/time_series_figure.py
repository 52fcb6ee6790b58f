"""Estimate and reference over time, with rain hanging from the top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A line is broken where two values are farther apart than this many usual steps and days.
_BREAK_STEPS, _BREAK_DAYS = 5, 10


def draw_time_series(
    ax: Axes,
    series: Mapping[str, pd.Series],
    *,
    reference: str | None = None,
    rain: pd.Series | None = None,
    label: str = "soil moisture [m$^3$ m$^{-3}$]",
    title: str = "",
) -> Axes | None:
    """Draw series over time; the reference in black below, rain from above.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    series : mapping of str to pandas.Series
        Name to values on a DatetimeIndex.
    reference : str, optional
        Which of them is the reference.
    rain : pandas.Series, optional
        Precipitation in mm per day.
    label : str
        Label of the values' axis.
    title : str
        Title.

    Returns
    -------
    matplotlib.axes.Axes or None
        The axis of the rain.
    """
    colors = iter(f"C{k}" for k in range(10))
    for name, values in series.items():
        values = values.dropna().sort_index()
        if name == reference:
            ax.plot(*_with_breaks(values), color="black", lw=0.9, label=name, zorder=2)
            continue
        overpasses = len(values) < 60 or _is_irregular(values)
        style = {"marker": "o", "ms": 2.5, "lw": 0, "alpha": 0.8} if overpasses else {"lw": 0.9}
        ax.plot(*_with_breaks(values), color=next(colors, "C0"), label=name, zorder=3, **style)
    ax.set_ylabel(label)
    ax.set_title(title, fontsize="medium")
    ax.grid(alpha=0.3)
    rain_ax = None
    handles, names = ax.get_legend_handles_labels()
    if rain is not None and len(rain.dropna()):
        rain_ax = ax.twinx()
        bars = rain_ax.bar(rain.index, rain.to_numpy(), width=1.0, color="tab:blue", alpha=0.45)
        rain_ax.set_ylim(3.0 * float(rain.max()) or 1.0, 0.0)
        rain_ax.set_ylabel("precipitation [mm d$^{-1}$]", color="tab:blue")
        rain_ax.tick_params(axis="y", colors="tab:blue")
        handles, names = [*handles, bars], [*names, "precipitation"]
    ax.legend(handles, names, fontsize="small", ncols=len(names), loc="upper left")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + (0.25 if rain_ax is not None else 0.12) * (high - low))
    return rain_ax


def _is_irregular(values: pd.Series) -> bool:
    """Whether more than a tenth of the steps differ from the usual one."""
    steps = np.diff(values.index.to_numpy()) / np.timedelta64(1, "D")
    return bool(np.mean(np.abs(steps - np.median(steps)) > 0.1 * np.median(steps)) > 0.1)


def _with_breaks(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Insert a gap where the record pauses, so that no line spans it."""
    time, numbers = values.index.to_numpy(), values.to_numpy(dtype=np.float64)
    if len(values) < 3:
        return time, numbers
    steps = np.diff(time)
    longest = max(_BREAK_STEPS * np.median(steps), np.timedelta64(_BREAK_DAYS, "D"))
    pauses = np.flatnonzero(steps > longest) + 1
    return np.insert(time, pauses, time[pauses - 1]), np.insert(numbers, pauses, np.nan)
