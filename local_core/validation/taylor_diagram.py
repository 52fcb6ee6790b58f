"""Taylor diagram: correlation, standard deviation and ubRMSE of several products in one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from local_core.metrics import scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes

_CORRELATIONS = np.array([0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0])


def taylor_points(
    estimates: Mapping[str, ArrayLike], reference: ArrayLike
) -> dict[str, tuple[float, float]]:
    """Angle and radius of each product.

    Parameters
    ----------
    estimates : mapping of str to array_like, shape (n,)
        Products paired with the reference.
    reference : array_like, shape (n,)
        Reference.

    Returns
    -------
    dict of str to (float, float)
        ``arccos(r)`` and the standard deviation of the estimate divided by that of the reference;
        products without a correlation are left out. By the law of cosines the distance to the
        point (0, 1) is the ubRMSE over the reference's standard deviation.

    References
    ----------
    Taylor (2001).
    """
    points = {}
    for name, estimate in estimates.items():
        result = scores(estimate, reference, min_n=3)
        if np.isfinite(result["r"]):
            x, y = np.asarray(estimate, float), np.asarray(reference, float)
            both = np.isfinite(x) & np.isfinite(y)
            ratio = np.std(x[both]) / np.std(y[both])
            points[name] = (float(np.arccos(result["r"])), float(ratio))
    return points


def draw_taylor(
    figure: Figure,
    points: Mapping[str, tuple[float, float]],
    *,
    position: tuple[int, int, int] = (1, 1, 1),
    title: str = "",
) -> PolarAxes:
    """Draw a Taylor diagram.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Figure to add the axes to.
    points : mapping of str to (float, float)
        From :func:`taylor_points`.
    position : (int, int, int)
        As for ``Figure.add_subplot``.
    title : str
        Title.

    Returns
    -------
    matplotlib.projections.polar.PolarAxes
        The axes.
    """
    negative = any(angle > np.pi / 2 for angle, _ in points.values())
    widest = np.pi if negative else np.pi / 2
    largest = max([1.0, *(radius for _, radius in points.values())]) * 1.15
    ax = figure.add_subplot(*position, projection="polar")
    ax.set_thetamin(0)
    ax.set_thetamax(np.degrees(widest))
    ax.set_rlim(0, largest)
    ticks = np.concatenate([-_CORRELATIONS[:0:-1], _CORRELATIONS]) if negative else _CORRELATIONS
    ax.set_thetagrids(np.degrees(np.arccos(ticks)), [f"{t:g}" for t in ticks], fontsize="small")
    _draw_ubrmse_circles(ax, widest, largest)
    arc = np.linspace(0, widest, 200)
    ax.plot(arc, np.ones_like(arc), color="black", lw=0.8, ls="--")
    ax.plot(0, 1, "k*", ms=12, clip_on=False, zorder=5, label="reference")
    for k, (name, (angle, radius)) in enumerate(points.items()):
        marker = "osD^vP"[k // 10 % 6]
        ax.plot(angle, radius, marker, ms=8, color=f"C{k % 10}", label=name, zorder=4)
    ax.plot([], [], color="tab:green", lw=0.7, label="ubRMSE / sd of reference")
    ax.set_title(title, fontsize="medium")
    ax.text(
        widest / 2,
        largest * 1.14,
        "correlation",
        rotation=np.degrees(widest / 2) - 90,
        ha="center",
        va="center",
    )
    ax.set_rticks(np.arange(0.0, largest, 0.5 if largest > 1.5 else 0.25))
    ax.tick_params(axis="y", labelsize="small")
    ax.set_xlabel("standard deviation / that of the reference", fontsize="small", labelpad=16)
    ax.grid(alpha=0.5)
    ax.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.02, 1.0))
    return ax


def _draw_ubrmse_circles(ax: PolarAxes, widest: float, largest: float) -> None:
    """Circles of equal ubRMSE around the reference."""
    step = 0.25 if largest < 1.5 else 0.5
    for size in np.arange(step, largest + 1.0, step):
        around = np.linspace(0, np.pi, 300)
        x, y = 1.0 + size * np.cos(around), size * np.sin(around)
        angle, radius = np.arctan2(y, x), np.hypot(x, y)
        inside = (radius <= largest) & (angle <= widest + 1e-9)
        if inside.sum() < 10:
            continue
        angle, radius = np.where(inside, angle, np.nan), np.where(inside, radius, np.nan)
        ax.plot(angle, radius, color="tab:green", lw=0.7, alpha=0.7)
        middle = np.flatnonzero(inside)[inside.sum() // 2]
        ax.text(
            angle[middle],
            radius[middle],
            f"{size:g}",
            color="tab:green",
            fontsize="x-small",
            ha="center",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
        )
