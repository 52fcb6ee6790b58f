"""Figures of the decomposition and of the fitted curve: Chang et al. (2022), Figs. 3 and 4."""

from __future__ import annotations

import matplotlib.dates as mdates
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

_UNIT = "m³ m⁻³"


def modes_figure(modes: xr.Dataset, *, title: str = "") -> Figure:
    """Draw the difference and its modes, a column a layer (Fig. 3).

    Parameters
    ----------
    modes : Dataset (layer, time), (layer, mode, time)
        From :func:`~local_core.bias_correction.difference_modes.difference_modes`, at one site.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        Each panel names the period of its mode, which tells whether the fourth is the year.
    """
    layers = [str(layer) for layer in np.atleast_1d(modes["layer"].values)]
    n_modes = modes.sizes["mode"]
    figure = Figure(figsize=(3.6 * len(layers) + 0.8, 1.35 * (n_modes + 1) + 0.8))
    axes = figure.subplots(n_modes + 1, len(layers), sharex=True, squeeze=False)
    for column, layer in enumerate(layers):
        part = modes.sel(layer=layer)
        time = part["time"].values
        axes[0, column].plot(time, part["difference"], color="0.3", linewidth=0.7)
        axes[0, column].set_title(f"{layer} cm", fontsize=10)
        for row in range(n_modes):
            axis = axes[row + 1, column]
            axis.plot(time, part["modes"].isel(mode=row), color="C0", linewidth=0.8)
            period = float(part["center_periods"].isel(mode=row))
            axis.margins(y=0.25)
            axis.text(
                0.98,
                0.95,
                _period_text(period),
                transform=axis.transAxes,
                fontsize=7,
                ha="right",
                va="top",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
            )
    for row in range(n_modes + 1):
        axes[row, 0].set_ylabel("D" if row == 0 else f"IMF{row}", fontsize=9)
    for axis in axes.ravel():
        axis.tick_params(labelsize=7)
        axis.margins(x=0.01)
    for axis in axes[-1]:
        _date_axis(axis)
    figure.suptitle(title or "Modes of in situ minus reanalysis", fontsize=11)
    figure.supylabel(_UNIT, fontsize=9)
    figure.tight_layout()
    return figure


def _period_text(days: float) -> str:
    if not np.isfinite(days):
        return "no data" if np.isnan(days) else "trend"
    return f"{days:.0f} d" if days < 10_000 else "trend"


def fit_figure(
    low: xr.DataArray,
    curve: xr.DataArray,
    errors: xr.Dataset,
    *,
    split: np.datetime64 | None = None,
    title: str = "",
) -> Figure:
    """Draw the curve over the modes it was fitted to, and the errors before and after (Fig. 4).

    Parameters
    ----------
    low : DataArray (layer, time)
        The modes that were fitted, together.
    curve : DataArray (layer, time)
        Fitted sine and line.
    errors : Dataset (layer, time)
        ``initial`` and ``corrected``, estimate minus in situ, on validation days.
    split : datetime64, optional
        Last day that was fitted.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    layers = [str(layer) for layer in low["layer"].values]
    figure = Figure(figsize=(9.5, 1.9 * len(layers) + 0.8))
    axes = figure.subplots(len(layers), 2, squeeze=False, width_ratios=(2.2, 1))
    for row, layer in enumerate(layers):
        left, right = axes[row]
        left.plot(
            low["time"], low.sel(layer=layer), color="0.25", linewidth=1.0, label="slow modes"
        )
        left.plot(curve["time"], curve.sel(layer=layer), color="C3", linewidth=1.0, label="curve")
        if split is not None:
            left.axvline(split, color="k", linestyle=":", linewidth=0.9)
        left.set_ylabel(f"{layer} cm\n{_UNIT}", fontsize=8)
        _date_axis(left)
        found = {name: errors[name].sel(layer=layer).values for name in ("initial", "corrected")}
        found = {name: values[np.isfinite(values)] for name, values in found.items()}
        everything = np.concatenate([*found.values(), [0.0]])
        bins = np.linspace(everything.min(), everything.max(), 60)
        for (name, values), colour in zip(found.items(), ("C1", "C0")):
            if values.size:
                label = f"{name}, mean |error| {np.abs(values).mean():.3f}"
                right.hist(values, bins=bins, color=colour, alpha=0.7, label=label)
        right.axvline(0.0, color="k", linewidth=0.7)
        right.set_ylabel("days", fontsize=8)
        # Room for the legend above the highest bar.
        right.margins(y=0.45)
        right.legend(fontsize=7, loc="upper center")
        for axis in (left, right):
            axis.tick_params(labelsize=7)
    axes[0, 0].legend(fontsize=7, ncols=2)
    axes[-1, 1].set_xlabel(f"estimate minus in situ ({_UNIT})", fontsize=8)
    figure.suptitle(title or "Fitted curve and errors", fontsize=11)
    figure.tight_layout()
    return figure


def _date_axis(axis: object) -> None:
    locator = mdates.AutoDateLocator(minticks=2, maxticks=7)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    axis.tick_params(axis="x", labelsize=7)
