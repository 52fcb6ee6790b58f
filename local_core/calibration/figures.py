"""The picture of a calibration: divisions, and what is predicted at places left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from local_core.atomic_write import replacing
from local_core.calibration.run import Calibration
from local_core.validation.scatter_figure import draw_hexagons

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def calibration_figure(calibration: Calibration) -> Figure:
    """Draw R2 of both parts over the divisions, and predictions at groups left out.

    Parameters
    ----------
    calibration : Calibration
        What :func:`local_core.calibration.calibrate` returned.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels, or one without groups.
    """
    from matplotlib.figure import Figure

    held_out = calibration.held_out is not None
    figure = Figure(figsize=(9.5 if held_out else 5.0, 4.4), layout="constrained")
    axes = figure.subplots(1, 2 if held_out else 1, squeeze=False)[0]
    _draw_divisions(axes[0], calibration)
    if held_out:
        _draw_held_out(axes[1], calibration)
    return figure


def write_calibration_figure(calibration: Calibration, path: str | os.PathLike[str]) -> Path:
    """Draw :func:`calibration_figure` into a PNG."""
    with replacing(Path(path)) as temporary:
        calibration_figure(calibration).savefig(temporary, dpi=150, format="png")
    return Path(path)


def _draw_divisions(ax: Axes, calibration: Calibration) -> None:
    splits = calibration.random_splits
    shown = slice(0, 3000)
    grouped = calibration.grouped_splits
    clouds = [(splits, "tab:blue", f"samples (correlation {splits.r2_correlation:.3f})")]
    if grouped is not None:
        clouds.insert(0, (grouped, "tab:orange", f"whole groups ({calibration.group})"))
    for cloud, colour, label in clouds:
        ax.plot(
            cloud.r2_training[shown],
            cloud.r2_validation[shown],
            ".",
            ms=3,
            alpha=0.25,
            color=colour,
            rasterized=True,
            label=label,
        )
    best = splits.best
    ax.plot(
        splits.r2_training[best],
        splits.r2_validation[best],
        "*",
        ms=12,
        color="black",
        label="optimum of the samples' divisions",
    )
    low = np.nanquantile(splits.r2_validation, 0.001)
    if grouped is not None:
        low = min(low, np.nanquantile(grouped.r2_validation, 0.02))
    high = np.nanmax(splits.r2_validation)
    if grouped is not None:
        high = max(high, np.nanquantile(grouped.r2_validation, 0.999))
    low = max(low, -1.0)
    ax.set_ylim(low, high + 0.05 * (high - low))
    legend = ax.legend(fontsize="small", loc="lower left")
    for handle in legend.legend_handles:
        handle.set_alpha(1.0)
    ax.set_xlabel("R$^2$ on the training part")
    ax.set_ylabel("R$^2$ on the validation part")
    ax.set_title(f"{len(splits.values)} random divisions", fontsize="medium")
    ax.grid(alpha=0.3)


def _draw_held_out(ax: Axes, calibration: Calibration) -> None:
    result = calibration.held_out
    scores = result.scores()
    low = float(min(result.reference.min(), result.prediction.min()))
    high = float(max(result.reference.max(), result.prediction.max()))
    if result.reference.size > 1500:
        draw_hexagons(
            ax, result.reference, result.prediction, (low, high), gridsize=45, label="samples"
        )
    else:
        ax.plot(result.reference, result.prediction, ".", ms=5, alpha=0.5)
    ax.plot([low, high], [low, high], color="black", lw=1)
    ax.set_xlabel("measured soil moisture [m$^3$ m$^{-3}$]")
    ax.set_ylabel("predicted soil moisture [m$^3$ m$^{-3}$]")
    ax.set_title(f"each {calibration.group} predicted by the others", fontsize="medium")
    ax.text(
        0.03,
        0.97,
        f"r = {scores['r']:.2f} [{scores['r_lower']:.2f}, {scores['r_upper']:.2f}]\n"
        f"RMSE = {scores['rmse']:.3f} (mean of others: {calibration.baseline_rmse:.3f})\n"
        f"bias = {scores['bias']:+.3f}\nn = {scores['n']}, "
        f"{len(result.group_labels)} groups",
        transform=ax.transAxes,
        va="top",
        fontsize="small",
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none"},
    )
    ax.set_aspect("equal")
    ax.grid(alpha=0.3)
