"""What a validation leaves behind: tables, pictures, and a report to read."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from local_core.atomic_write import replacing, write_text
from local_core.validation.distribution_figure import draw_distributions
from local_core.validation.pairs import PairStatus
from local_core.validation.run import Validation
from local_core.validation.scatter_figure import draw_scatter
from local_core.validation.tables import (
    TableFormat,
    check_formats,
    formatted_scores,
    markdown_table,
    write_table,
)
from local_core.validation.taylor_diagram import draw_taylor, taylor_points
from local_core.validation.time_series_figure import draw_time_series

logger = logging.getLogger(__name__)

_KINDS = {
    "values": "Values",
    "moving_window": "Anomalies from a 35-day moving window",
    "climatology": "Anomalies from the climatology",
}


def write_validation(
    validation: Validation,
    folder: str | os.PathLike[str],
    *,
    formats: Sequence[TableFormat] = ("csv", "md", "tex"),
    figures: bool = True,
    max_time_series: int = 6,
    rain: Mapping[str, pd.Series] | None = None,
) -> list[Path]:
    """Write tables, figures, pairs and the readable report.

    Parameters
    ----------
    validation : Validation
        From :func:`local_core.validation.validate`.
    folder : path
        Made if it does not exist.
    formats : sequence of {"csv", "md", "tex"}
        Formats of the tables.
    figures : bool
        Whether to draw.
    max_time_series : int
        Draw the series of so many stations, those with most pairs.
    rain : mapping of str to pandas.Series, optional
        Precipitation in mm per day by station (``"all"`` for every one).

    Returns
    -------
    list of Path
        Files written; the report, ``report.md``, is the last.

    Raises
    ------
    ValueError
        If a format is unknown; nothing is written then.
    """
    check_formats(formats)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for (kind, grouping), table in validation.tables.items():
        stem = folder / _stem("scores", kind, grouping)
        written += write_table(table, stem, formats=formats)
    for (kind, grouping), table in validation.medians.items():
        if not (table["n_stations"] > 1).any():
            continue
        stem = folder / _stem("medians", kind, grouping)
        written += write_table(table, stem, formats=formats, columns=("n_stations", *table.columns))
    for name, pairs in validation.pairs["values"].items():
        path = folder / f"pairs_{_file_name(name)}.csv"
        written.append(write_text(path, pairs.table.to_csv(index=False)))
    pictures = _write_figures(validation, folder, max_time_series, rain or {}) if figures else []
    written += pictures
    written.append(write_text(folder / "report.md", validation_report(validation, pictures)))
    logger.info("wrote %d files to %s", len(written), folder)
    return written


def validation_report(validation: Validation, pictures: Sequence[Path] = ()) -> str:
    """Readable report in Markdown.

    Parameters
    ----------
    validation : Validation
        What to report.
    pictures : sequence of Path
        Figures to show, beside the report.
    """
    lines = [
        f"# Validation of {', '.join(validation.products)}",
        "",
        "Bias is estimate minus reference: positive means too wet. Divisors are n. Intervals "
        f"({100 * validation.confidence:.0f} %): at single stations in closed form with the "
        "effective sample size of an AR(1) memory, for groups of at least 5 stations by drawing "
        "stations, else none.",
        "",
        *(f"- {note}" for note in validation.notes),
        "",
    ]
    for kind in validation.pairs:
        lines += [f"## {_KINDS[kind]}", ""]
        for (k, grouping), table in validation.tables.items():
            if k == kind and len(table):
                lines += _section(validation, kind, grouping, table)
    lines += _left_out(validation)
    lines += [f"![{path.stem}]({path.name})\n" for path in pictures]
    return "\n".join(lines)


def _section(validation: Validation, kind: str, grouping: str, table: pd.DataFrame) -> list[str]:
    if len(validation.products) == 1:
        table = table.droplevel("product")
    title = "All pairs" if grouping == "all" else f"By {grouping.replace('_', ' ')}"
    shown = formatted_scores(table)
    if "n_stations" in table and grouping != "station":
        shown.insert(0, "stations", table["n_stations"].astype(str))
    lines = [f"### {title}", "", markdown_table(shown)]
    medians = validation.medians.get((kind, grouping))
    if medians is not None and len(medians) and (medians["n_stations"] > 1).any():
        if len(validation.products) == 1:
            medians = medians.droplevel("product")
        lines += ["Median of the stations' own scores:", "", markdown_table(medians)]
    return lines


def _left_out(validation: Validation) -> list[str]:
    rows = [
        {"product": name, "station": station, "why": PairStatus(code).meaning}
        for name, pairs in validation.pairs["values"].items()
        for station, code in pairs.status.items()
        if code != PairStatus.PAIRED
    ]
    if not rows:
        return []
    table = pd.DataFrame(rows).groupby(["product", "why"])["station"].agg(["size", _listed])
    table.columns = ["stations", "which"]
    return ["## Stations without a score", "", markdown_table(table)]


def _listed(names: pd.Series) -> str:
    shown = ", ".join(map(str, names[:8]))
    return shown if len(names) <= 8 else f"{shown}, ..."


def _write_figures(
    validation: Validation, folder: Path, max_time_series: int, rain: Mapping[str, pd.Series]
) -> list[Path]:
    from matplotlib.figure import Figure

    written = []

    def save(figure: Figure, name: str) -> None:
        path = folder / name
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=150, format="png")
        written.append(path)

    products = {n: p.table for n, p in validation.pairs["values"].items() if len(p.table)}
    columns = min(3, len(products))
    rows = -(-len(products) // columns)
    figure = Figure(figsize=(4.8 * columns, 4.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (name, table) in zip(axes, products.items()):
        draw_scatter(ax, table["estimate"], table["reference"], title=name)
    for ax in axes[len(products) :]:
        ax.set_visible(False)
    save(figure, "scatter.png")
    stations = validation.tables.get(("values", "station"))
    if stations is not None and stations.index.get_level_values("station").nunique() >= 3:
        figure = Figure(figsize=(9.5, 3.8), layout="constrained")
        draw_distributions(figure.subplots(1, 3), _violins(validation, stations))
        save(figure, "distributions.png")
    points = _taylor(validation, products)
    if points:
        figure = Figure(figsize=(6.8, 4.6), layout="constrained")
        draw_taylor(figure, points)
        save(figure, "taylor.png")
    if max_time_series > 0:
        figure = _time_series(products, max_time_series, rain)
        save(figure, "time_series.png")
    return written


def _violins(validation: Validation, stations: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """One violin per product, or per network if there is one product and several networks."""
    if len(validation.products) > 1:
        return {name: stations.xs(name, level="product") for name in validation.products}
    name = validation.products[0]
    table, pairs = stations.xs(name, level="product"), validation.pairs["values"][name].table
    if "network" in pairs and pairs["network"].nunique() > 1:
        network = pairs.groupby("station")["network"].first().reindex(table.index)
        return {str(n): part for n, part in table.groupby(network.to_numpy())}
    return {name: table}


def _taylor(
    validation: Validation, products: Mapping[str, pd.DataFrame]
) -> dict[str, tuple[float, float]]:
    """Products, or the stations of a single product."""
    if len(products) > 1:
        parts = products
    else:
        table = next(iter(products.values()))
        parts = {str(name): part for name, part in list(table.groupby("station"))[:20]}
    points = {}
    for name, part in parts.items():
        points |= taylor_points({name: part["estimate"]}, part["reference"])
    return points


def _time_series(
    products: Mapping[str, pd.DataFrame], max_stations: int, rain: Mapping[str, pd.Series]
) -> object:
    from matplotlib.figure import Figure

    counts = pd.concat([t["station"] for t in products.values()]).value_counts()
    chosen = list(counts.index[:max_stations])
    figure = Figure(figsize=(10, 2.6 * len(chosen)), layout="constrained")
    for ax, station in zip(figure.subplots(len(chosen), 1, squeeze=False)[:, 0], chosen):
        series: dict[str, pd.Series] = {}
        for name, table in products.items():
            part = table[table["station"] == station].set_index("time").sort_index()
            series[name] = part["estimate"]
            series.setdefault("measured", part["reference"])
        series = {"measured": series.pop("measured"), **series}
        falls = rain.get(station, rain.get("all"))
        if falls is not None:
            time = series["measured"].index
            falls = falls[(falls.index >= time.min()) & (falls.index <= time.max())]
        draw_time_series(
            ax, series, reference="measured", rain=falls, title=station, label="[m$^3$ m$^{-3}$]"
        )
    return figure


def _stem(what: str, kind: str, grouping: str) -> str:
    return "_".join([what, grouping.replace("+", "_"), *([] if kind == "values" else [kind])])


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)
