"""Estimate against reference, with the density of points and the scores beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from local_core.metrics import scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Up to so many points each one is drawn, coloured by the density around it.
_MAX_POINTS = 4000


def draw_scatter(
    ax: Axes,
    estimate: ArrayLike,
    reference: ArrayLike,
    *,
    label: str = "soil moisture",
    units: str = "m$^3$ m$^{-3}$",
    title: str = "",
) -> None:
    """Draw a density scatter with the 1:1 line, the regression line and the scores.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    estimate, reference : array_like, shape (n,)
        Paired values.
    label, units : str
        What is compared, for the axes.
    title : str
        Title.
    """
    estimate, reference = np.asarray(estimate, float), np.asarray(reference, float)
    both = np.isfinite(estimate) & np.isfinite(reference)
    estimate, reference = estimate[both], reference[both]
    ax.set_xlabel(f"measured {label} [{units}]")
    ax.set_ylabel(f"estimated {label} [{units}]")
    ax.set_title(title, fontsize="medium")
    if estimate.size == 0:
        ax.text(0.5, 0.5, "no pairs", transform=ax.transAxes, ha="center", va="center")
        return
    low, high = _limits(np.concatenate([estimate, reference]))
    if estimate.size > _MAX_POINTS:
        draw_hexagons(ax, reference, estimate, (low, high), gridsize=50, label="pairs")
    else:
        density = point_density(reference, estimate)
        order = np.argsort(density)
        ax.scatter(
            reference[order], estimate[order], c=density[order], s=9, cmap="viridis", linewidths=0
        )
    ax.plot([low, high], [low, high], color="black", lw=1, label="1:1")
    result = scores(estimate, reference, min_n=3)
    if np.isfinite(result["slope"]):
        ends = np.array([reference.min(), reference.max()])
        line = result["slope"] * ends + result["intercept"]
        ax.plot(ends, line, color="tab:red", lw=1.2, label=f"slope {result['slope']:.2f}")
    numbers = (
        f"r = {result['r']:.2f}, bias = {result['bias']:+.3f}, RMSE = {result['rmse']:.3f}, "
        f"ubRMSE = {result['ubrmse']:.3f}, n = {result['n']}"
    )
    ax.set_title(f"{title}\n{numbers}" if title else numbers, fontsize="small")
    ax.legend(loc="lower right", fontsize="small", framealpha=0.8)
    ax.set_xlim(low, high)
    ax.set_ylim(low, high)
    ax.set_aspect("equal")
    ax.grid(alpha=0.3)


def draw_hexagons(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    limits: tuple[float, float],
    *,
    gridsize: int,
    label: str,
) -> None:
    """Draw how many points lie where, on a logarithmic scale, with its colour bar.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x, y : array_like, shape (n,)
        Points.
    limits : (float, float)
        Of both axes.
    gridsize : int
        Hexagons across.
    label : str
        What is counted.
    """
    low, high = limits
    image = ax.hexbin(
        x,
        y,
        gridsize=gridsize,
        extent=(low, high, low, high),
        mincnt=1,
        bins="log",
        cmap="viridis",
    )
    ax.figure.colorbar(image, ax=ax, label=label, shrink=0.85)


def point_density(x: ArrayLike, y: ArrayLike, *, n_cells: int = 60) -> np.ndarray:
    """Density of points around each point, from a smoothed two-dimensional histogram.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points.
    n_cells : int
        Cells along each side of the histogram.

    Returns
    -------
    ndarray, shape (n,)
        Relative density, largest 1.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    x, y = np.asarray(x, float), np.asarray(y, float)
    counts, x_edges, y_edges = np.histogram2d(x, y, bins=n_cells)
    smooth = gaussian_filter(counts, sigma=1.5)
    where = [
        (v - edges[0]) / (edges[1] - edges[0]) - 0.5 for v, edges in ((x, x_edges), (y, y_edges))
    ]
    density = map_coordinates(smooth, where, order=1, mode="nearest")
    return density / max(density.max(), 1e-300)


def _limits(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.04 * (high - low) or 0.05
    return low - margin, high + margin
