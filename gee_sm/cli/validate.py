"""``gee-sm validate``: score estimates against references."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pandas as pd
import xarray as xr

from gee_sm.cli.input_errors import explained
from gee_sm.cli.option_types import EXISTING_FILE, NEW_FOLDER, comma_separated
from local_core.validation import (
    SeriesOptions,
    StationSeries,
    formatted_scores,
    markdown_table,
    read_series,
    validate,
    validation_report,
    write_validation,
)

_ANOMALIES = ("moving_window", "climatology")


@click.command()
@click.argument("estimates", nargs=-1, required=True, metavar="ESTIMATE...")
@click.argument("reference", metavar="REFERENCE")
@click.option(
    "--out",
    required=True,
    type=NEW_FOLDER,
    help="Folder to write.",
)
@click.option(
    "--by",
    help="Groupings, separated by commas: station, network, season, land_cover, month, year, "
    "frozen, vegetation_type, climate; joined by + for combinations (network+season).  "
    "[station,network,season,land_cover where known]",
)
@click.option(
    "--anomalies",
    type=click.Choice(["none", *_ANOMALIES, "both"]),
    default="none",
    show_default=True,
    help="Also score anomalies: from a 35-day moving window, from the climatology.",
)
@click.option(
    "--window",
    default="12h",
    show_default=True,
    help="How far in time a reference may be from an estimate, e.g. 30min, 1h, 1d.",
)
@click.option(
    "--pairing",
    type=click.Choice(["nearest", "mean"]),
    default="nearest",
    show_default=True,
    help="Take the nearest reference within the window or the mean of all.",
)
@click.option(
    "--each-reference-once", is_flag=True, help="Never pair one reference with two estimates."
)
@click.option(
    "--rescale",
    type=click.Choice(["none", "mean_std"]),
    default="none",
    show_default=True,
    help="Bring estimates to the reference's mean and standard deviation at each station.",
)
@click.option(
    "--common/--own-times",
    default=True,
    show_default=True,
    help="With several estimates: only the days all of them have, or each one's own.",
)
@click.option(
    "--max-distance-km",
    type=float,
    default=np.inf,
    help="Farthest pixel centre from a station (grids).  [no limit]",
)
@click.option(
    "--variable", help="Variable or column of the estimates.  [soil_moisture or only one]"
)
@click.option("--factor", type=float, default=1.0, help="Multiplies the estimates (0.01: percent).")
@click.option("--reference-variable", help="Variable or column of the reference.")
@click.option("--reference-factor", type=float, default=1.0, help="Multiplies the reference.")
@click.option("--reference-where", help="Rows of a reference table to keep, as an expression.")
@click.option("--time-column", help="Column of dates, tables.  [time, date or the first]")
@click.option("--station-column", help="Column of stations, tables.  [station, if there is one]")
@click.option("--depth", type=float, help="Depth of a station file [m].  [the shallowest]")
@click.option("--layer", help="Layer of a layered station file, e.g. 0-7.  [the first]")
@click.option(
    "--rain",
    type=EXISTING_FILE,
    help="Precipitation [mm per day] for the time-series figure (CSV or NetCDF).",
)
@click.option("--rain-variable", help="Its variable or column.")
@click.option(
    "--intervals/--no-intervals", default=True, show_default=True, help="Confidence intervals."
)
@click.option(
    "--confidence",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Coverage of the intervals.",
)
@click.option(
    "--min-n", default=10, show_default=True, help="Fewer pairs give a status instead of scores."
)
@click.option("--formats", default="csv,md,tex", show_default=True, help="Formats of the tables.")
@click.option("--figures/--no-figures", default=True, show_default=True, help="Draw pictures.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Seed of the bootstrap.",
)
@click.option("--report", is_flag=True, help="Also print the report.")
def command(
    estimates: tuple[str, ...],
    reference: str,
    out: Path,
    by: str | None,
    anomalies: str,
    window: str,
    pairing: str,
    each_reference_once: bool,
    rescale: str,
    common: bool,
    max_distance_km: float,
    variable: str | None,
    factor: float,
    reference_variable: str | None,
    reference_factor: float,
    reference_where: str | None,
    time_column: str | None,
    station_column: str | None,
    depth: float | None,
    layer: str | None,
    rain: Path | None,
    rain_variable: str | None,
    intervals: bool,
    confidence: float,
    min_n: int,
    formats: str,
    figures: bool,
    seed: int,
    report: bool,
) -> None:
    """Score one or more ESTIMATEs against a REFERENCE.

    Both are NetCDF (stations over time as 'gee-sm stations' writes them, or a grid over time) or
    CSV (one series, or many with a station column). ESTIMATE is [NAME=]FILE[:VARIABLE]. Bias is
    estimate minus reference. The folder gets scores (CSV, Markdown, LaTeX) by station, network,
    season and land cover, the pairs themselves, pictures and report.md.
    """
    kinds = {"none": (), "both": _ANOMALIES}.get(anomalies, (anomalies,))
    with explained():
        wanted = tuple(comma_separated(formats))
        options = SeriesOptions(
            time=time_column, station=station_column, depth_m=depth, layer=layer
        )
        measured = _stations(
            read_series(
                reference,
                replace(
                    options,
                    variable=reference_variable,
                    factor=reference_factor,
                    where=reference_where,
                ),
            ),
            reference,
        )
        products = {}
        for text in estimates:
            name, path, own = _parsed(text)
            if name in products:
                raise ValueError(f"two estimates are called {name!r}: write NAME=FILE")
            products[name] = read_series(
                path, replace(options, variable=own or variable, factor=factor)
            )
        falls = None
        if rain is not None:
            series = _stations(read_series(rain, SeriesOptions(variable=rain_variable)), str(rain))
            falls = series.series
        result = validate(
            products,
            measured,
            by=comma_separated(by) if by else None,
            anomalies=kinds,
            window=window,
            method=pairing,
            each_reference_once=each_reference_once,
            rescale=rescale,
            common=common,
            max_distance_km=max_distance_km,
            intervals=intervals,
            confidence=confidence,
            min_n=min_n,
            seed=seed,
        )
        written = write_validation(result, out, formats=wanted, figures=figures, rain=falls)
    if report:
        click.echo(validation_report(result))
    else:
        click.echo(_summary(result.tables["values", "all"]))
    click.echo(f"{len(written)} files in {out}; begin with {written[-1]}")


def _parsed(text: str) -> tuple[str, Path, str | None]:
    """Split ``[NAME=]FILE[:VARIABLE]``; what exists as a file is taken whole."""
    name, separator, rest = text.partition("=")
    if not separator or Path(text).exists():
        name, rest = "", text
    path, variable = Path(rest), None
    if not path.exists() and ":" in rest:
        before, _, after = rest.rpartition(":")
        if Path(before).exists():
            path, variable = Path(before), after
    return name or variable or path.stem, path, variable


def _stations(series: StationSeries | xr.DataArray, path: str) -> StationSeries:
    if isinstance(series, xr.DataArray):
        raise ValueError(
            f"{path}: holds a grid {series.dims}, but stations are needed here: write them with "
            "'gee-sm stations'"
        )
    return series


def _summary(table: pd.DataFrame) -> str:
    shown = formatted_scores(table.droplevel(1), ("n", "r", "bias", "rmse", "ubrmse"))
    return markdown_table(shown)
