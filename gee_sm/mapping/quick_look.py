"""Pictures of maps: moisture, its error and what is masked, and the truth where it is known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import rasterio
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from gee_sm.mapping.output_grid import OutputGrid
from gee_sm.retrieval.status import Status
from local_core.atomic_write import replacing

_MOISTURE = "YlGnBu"
_BACKGROUND = "#e8e6e1"
_STATUS_COLOURS = {
    Status.VALID: "#f7f7f2",
    Status.NO_THAW_SCENE: "#bdbdbd",
    Status.NO_FREEZE_SCENE: "#969696",
    Status.FOREST: "#2d6a36",
    Status.CROPLAND: "#e3c23c",
    Status.BUILT_UP: "#c0392b",
    Status.SNOW_AND_ICE: "#a9e2f3",
    Status.WATER: "#2b6cb0",
    Status.LAYOVER_OR_SHADOW: "#6b4a86",
    Status.BACKSCATTER_OUT_OF_RANGE: "#8d6e63",
    Status.NO_OPTICAL_VIEW: "#f4a582",
    Status.NEGATIVE_DIFFERENCE: "#111111",
}


def draw_map(
    paths: Mapping[str, Path],
    grid: OutputGrid,
    target: Path,
    *,
    title: str,
    truth: np.ndarray | None = None,
    scores: Mapping[str, Any] | None = None,
) -> Path:
    """Draw a map's layers into a PNG.

    Parameters
    ----------
    paths : mapping
        Files by layer.
    grid : OutputGrid
        Pixels of the map.
    target : Path
        The picture.
    title : str
        Above the picture.
    truth : ndarray, optional
        What the map should show; adds the truth and the difference.
    scores : mapping, optional
        Scores against the truth, written below the difference.
    """
    moisture, error, status = (
        _read(paths[k]) for k in ("soil_moisture", "standard_error", "status")
    )
    columns = 3 if truth is not None else 2
    aspect = grid.height / grid.width
    row = 3.9 * aspect + 1.0
    figure = Figure(figsize=(5.3 * columns, (2 if columns == 3 else 1) * row + 1.2))
    figure.set_layout_engine("constrained", hspace=0.06)
    figure.suptitle(title, fontsize=14, fontweight="bold")
    low, high = _range(moisture, truth)
    scale = {"vmin": low, "vmax": high, "cmap": _MOISTURE}
    if truth is None:
        panels = figure.subplots(1, 2)
        _panel(figure, panels[0], moisture, grid, "Soil moisture", "m³ m⁻³", scale)
        _status_panel(panels[1], status, grid)
    else:
        panels = figure.subplots(2, 3)
        _panel(figure, panels[0, 0], moisture, grid, "Map", "soil moisture, m³ m⁻³", scale)
        masked = np.where(np.isfinite(moisture), truth, np.nan)
        _panel(figure, panels[0, 1], masked, grid, "Truth", "soil moisture, m³ m⁻³", scale)
        difference = moisture - truth
        reach = max(float(np.nanpercentile(np.abs(difference), 99)), 1e-3)
        _panel(
            figure,
            panels[0, 2],
            difference,
            grid,
            "Map minus truth",
            "m³ m⁻³",
            {"vmin": -reach, "vmax": reach, "cmap": "RdBu"},
        )
        limits = np.nanpercentile(error, [1, 99]) if np.isfinite(error).any() else (0, 0.1)
        spread = {"vmin": limits[0] * 0.98, "vmax": limits[1] * 1.02, "cmap": "magma_r"}
        _panel(figure, panels[1, 0], error, grid, "Standard error", "m³ m⁻³", spread)
        _status_panel(panels[1, 1], status, grid)
        _scatter(panels[1, 2], moisture, truth, scores or {}, (low, high))
    with replacing(target) as partial, mpl.rc_context({"font.size": 10}):
        figure.savefig(partial, dpi=130, format="png")
    return target


def _read(path: Path) -> np.ndarray:
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def _range(moisture: np.ndarray, truth: np.ndarray | None) -> tuple[float, float]:
    values = moisture[np.isfinite(moisture)]
    if truth is not None:
        values = np.concatenate([values, truth[np.isfinite(truth)]])
    if not values.size:
        return 0.0, 0.5
    low, high = np.percentile(values, [1, 99])
    return float(low), float(max(high, low + 0.01))


def _extent(grid: OutputGrid) -> tuple[float, float, float, float]:
    west, south, east, north = grid.bounds
    return west / 1000, east / 1000, south / 1000, north / 1000


def _frame(axes: Axes, grid: OutputGrid, title: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set_facecolor(_BACKGROUND)
    axes.set_xlabel(f"easting, km ({grid.crs})", fontsize=8)
    axes.set_ylabel("northing, km", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.ticklabel_format(useOffset=False)
    west, east, south, north = _extent(grid)
    length = _round_length((east - west) / 4)
    x, y = west + 0.05 * (east - west), south + 0.05 * (north - south)
    axes.plot([x, x + length], [y, y], color="black", lw=3, solid_capstyle="butt")
    axes.text(
        x + length / 2, y + 0.015 * (north - south), f"{length:g} km", ha="center", fontsize=8
    )
    axes.annotate(
        "N",
        xy=(0.95, 0.97),
        xytext=(0.95, 0.86),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=9,
        arrowprops={"arrowstyle": "-|>", "color": "black"},
    )


def _round_length(kilometres: float) -> float:
    power = 10 ** np.floor(np.log10(kilometres))
    return float(max(step for step in (1, 2, 5) if step * power <= kilometres) * power)


def _panel(
    figure: Figure,
    axes: Axes,
    values: np.ndarray,
    grid: OutputGrid,
    title: str,
    label: str,
    style: dict[str, Any],
) -> None:
    picture = axes.imshow(values, extent=_extent(grid), interpolation="nearest", **style)
    _frame(axes, grid, title)
    bar = figure.colorbar(picture, ax=axes, fraction=0.046 * grid.height / grid.width, pad=0.02)
    bar.set_label(label, fontsize=9)
    bar.ax.tick_params(labelsize=8)


def _status_panel(axes: Axes, status: np.ndarray, grid: OutputGrid) -> None:
    codes = list(_STATUS_COLOURS)
    colours = ListedColormap([_STATUS_COLOURS[code] for code in codes])
    norm = BoundaryNorm(np.arange(len(codes) + 1) - 0.5, len(codes))
    axes.imshow(status, extent=_extent(grid), cmap=colours, norm=norm, interpolation="nearest")
    _frame(axes, grid, "Status")
    present = [code for code in codes if (status == code).any()]
    share = {code: (status == code).mean() for code in present}
    axes.legend(
        handles=[
            Patch(
                facecolor=_STATUS_COLOURS[code],
                edgecolor="grey",
                label=f"{code.name.lower().replace('_', ' ')} {100 * share[code]:.1f} %",
            )
            for code in present
        ],
        fontsize=7.5,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        borderaxespad=0.0,
        ncols=2,
        columnspacing=1.0,
        frameon=False,
    )


def _scatter(
    axes: Axes,
    moisture: np.ndarray,
    truth: np.ndarray,
    scores: Mapping[str, Any],
    limits: tuple[float, float],
) -> None:
    both = np.isfinite(moisture) & np.isfinite(truth)
    axes.hexbin(truth[both], moisture[both], gridsize=45, bins="log", cmap="viridis", mincnt=1)
    axes.plot(limits, limits, color="black", lw=1)
    axes.set_xlim(limits)
    axes.set_ylim(limits)
    axes.set_aspect("equal")
    axes.set_xlabel("truth, m³ m⁻³", fontsize=9)
    axes.set_ylabel("map, m³ m⁻³", fontsize=9)
    axes.tick_params(labelsize=8)
    if scores:
        text = (
            f"n = {scores['n']}\nr = {scores['r']:.3f}\nbias = {scores['bias']:+.4f}\n"
            f"RMSE = {scores['rmse']:.4f}\nnoise floor = {scores['noise_floor']:.4f}"
        )
        axes.text(0.04, 0.96, text, transform=axes.transAxes, va="top", fontsize=9)
    axes.set_title("Every pixel", fontsize=11)
