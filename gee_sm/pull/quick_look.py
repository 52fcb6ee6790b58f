"""A picture of a pull, to see whether it is what was wanted."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from gee_sm.pull.status import PullStatus
from local_core.atomic_write import replacing

__all__ = ["draw"]

_COLOURS = {
    PullStatus.OK: "#2b7a78",
    PullStatus.SOME_BANDS_MISSING: "#9ad0c2",
    PullStatus.REMOVED_BY_QUALITY_RULE: "#e07a3f",
    PullStatus.NO_STORED_VALUE: "#f2d6a2",
    PullStatus.NO_VALID_VALUE: "#e0a458",
    PullStatus.NO_IMAGE: "#bdbdbd",
    PullStatus.OUTSIDE_COVERAGE: "#6b4a86",
    PullStatus.NO_COORDINATES: "#222222",
}
_MOST_LINES = 12


def draw(dataset: xr.Dataset, target: Path, *, band: str | None = None) -> Path:
    """Draw one band of a pulled Dataset, and what became of every value, into a PNG.

    Parameters
    ----------
    dataset : xarray.Dataset
        From :func:`gee_sm.pull.stations` or :func:`gee_sm.pull.cube`, computed.
    target : Path
        The picture.
    band : str, optional
        By default the first.

    Returns
    -------
    Path
        The picture.
    """
    name = band or str(next(iter(dataset.data_vars)))
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        if "station" in dataset.dims:
            figure = Figure(figsize=(9.5, 5.6), layout="constrained")
            axes = figure.subplots(2, 1, height_ratios=(3, 2))
            _draw_series(axes[0], dataset, name)
            _draw_status(axes[1], dataset["status"].transpose("station", ...))
        else:
            figure = Figure(figsize=(9.5, 4.2), layout="constrained")
            _draw_cube(figure, figure.subplots(1, 2), dataset, name)
        title = f"{dataset.attrs.get('product', '')}: {_titled(dataset[name])}"
        figure.suptitle(f"{title} ({dataset.attrs.get('engine', '')})", fontsize=10)
        with replacing(target) as temporary:
            figure.savefig(temporary, dpi=110, format="png")
    return target


def _draw_series(axes: Axes, dataset: xr.Dataset, name: str) -> None:
    array = dataset[name]
    axes.set_ylabel(_labelled(array))
    if "time" not in array.dims:
        axes.plot(np.arange(array.size), array.values, "o", color="#2b7a78")
        return
    shown = array.isel(station=slice(0, _MOST_LINES))
    colours = mpl.colormaps["viridis"](np.linspace(0, 0.9, max(1, shown.sizes["station"])))
    for colour, station in zip(colours, shown["station"].values, strict=True):
        series = shown.sel(station=station)
        valid = series.dropna("time")
        if not valid.size:
            continue
        axes.plot(valid["time"], valid, ".", markersize=2.2, color=colour, label=str(station))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            ncols=1,
            fontsize=7,
            frameon=False,
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
            markerscale=3,
        )
    if array.sizes["station"] > _MOST_LINES:
        axes.set_title(f"first {_MOST_LINES} of {array.sizes['station']} places", fontsize=8)
    axes.set_xlim(array["time"].values[0], array["time"].values[-1])
    _dates(axes)


def _draw_cube(figure: Figure, axes: np.ndarray, dataset: xr.Dataset, name: str) -> None:
    array = dataset[name]
    mean = array.mean("time") if "time" in array.dims else array
    x, y = dataset["x"].values, dataset["y"].values
    drawn = axes[0].pcolormesh(x, y, mean.values, shading="nearest", cmap="YlGnBu")
    geographic = dataset["x"].attrs.get("units", "").startswith("degree")
    axes[0].set_aspect(1 / np.cos(np.radians(y.mean())) if geographic else "equal")
    over = "mean over time, " if "time" in array.dims else ""
    figure.colorbar(drawn, ax=axes[0], label=over + _labelled(array), shrink=0.85)
    if "time" not in array.dims:
        axes[1].axis("off")
        return
    codes = dataset["status"].values
    share = [(codes == code).mean(axis=(1, 2)) for code in PullStatus]
    times = dataset["time"].values
    kept = [code for code in PullStatus if (codes == code).any()]
    axes[1].stackplot(
        times,
        [share[int(code)] for code in kept],
        colors=[_COLOURS[code] for code in kept],
        step="post",
    )
    axes[1].set(ylim=(0, 1), xlim=(times[0], times[-1]), ylabel="share of the pixels")
    _dates(axes[1])
    _legend(axes[1], kept, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def _draw_status(axes: Axes, status: xr.DataArray) -> None:
    codes = status.values if status.ndim == 2 else status.values[:, None]
    colours = ListedColormap([_COLOURS[code] for code in PullStatus])
    # Ticks in time are shared with the series above only where there is time.
    extent = None
    if "time" in status.dims:
        times = date2num(status["time"].values[[0, -1]])
        extent = (times[0], times[1] + 1, codes.shape[0] - 0.5, -0.5)
    axes.imshow(
        codes,
        aspect="auto",
        cmap=colours,
        vmin=-0.5,
        vmax=len(PullStatus) - 0.5,
        interpolation="nearest",
        extent=extent,
    )
    if extent is not None:
        axes.xaxis_date()
        _dates(axes)
    if codes.shape[0] <= 30:
        axes.set_yticks(np.arange(codes.shape[0]), [str(v) for v in status["station"].values])
        axes.tick_params(axis="y", labelsize=7)
    else:
        axes.set_ylabel("places")
    _legend(axes, [code for code in PullStatus if (codes == code).any()])


def _dates(axes: Axes) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _legend(
    axes: Axes,
    codes: list[PullStatus],
    *,
    loc: str = "center left",
    bbox_to_anchor: tuple[float, float] = (1.0, 0.5),
    ncols: int = 1,
) -> None:
    patches = [
        Patch(color=_COLOURS[code], label=code.name.lower().replace("_", " ")) for code in codes
    ]
    axes.legend(
        handles=patches,
        fontsize=7,
        frameon=False,
        loc=loc,
        bbox_to_anchor=bbox_to_anchor,
        ncols=ncols,
    )


def _labelled(array: xr.DataArray) -> str:
    unit = array.attrs.get("units", "")
    return _titled(array) + (f" [{unit}]" if unit not in ("", "1") else "")


def _titled(array: xr.DataArray) -> str:
    return str(array.attrs.get("long_name", array.name)).replace("_", " ")
