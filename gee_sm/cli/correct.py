"""``gee-sm correct``: correct a reanalysis against stations."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from gee_sm.cli.input_errors import explained
from gee_sm.cli.option_types import EXISTING_FILE, EXISTING_PATH, NEW_FOLDER
from local_core.bias_correction import METHODS
from local_core.bias_correction.correction_outputs import write_run
from local_core.bias_correction.correction_workflow import CorrectionTask, summary
from local_core.bias_correction.observed_layers import read_observed_layers
from local_core.bias_correction.reanalysis_source import at_stations, read_reanalysis
from local_core.bias_correction.vegetation_map import read_vegetation_map
from local_core.stations import ColumnMapping


@click.command()
@click.argument("stations", type=EXISTING_PATH)
@click.argument("reanalysis", type=EXISTING_PATH)
@click.option(
    "--out",
    required=True,
    type=NEW_FOLDER,
    help="Folder for the results.",
)
@click.option(
    "--mode",
    type=click.Choice(["single", "cross", "regional"]),
    default="single",
    show_default=True,
    help="By the site's own past, by the other sites of its type, or a whole grid by type.",
)
@click.option(
    "--method",
    type=click.Choice(list(METHODS)),
    default="vmd",
    show_default=True,
    help="Correction.",
)
@click.option("--compare", is_flag=True, help="Score all methods on the same days, too.")
@click.option(
    "--train-share",
    default=0.6,
    show_default=True,
    help="single: share of a site's record that is fitted; the rest is judged.",
)
@click.option("--train-until", metavar="DATE", help="single: last day fitted, for all sites.")
@click.option(
    "--min-years", default=3.0, show_default=True, help="single: shorter records are left out."
)
@click.option(
    "--min-days",
    type=int,
    help="Fewest common days in a fit; by default 365 for vmd and harmonic, 100 for the others.",
)
@click.option(
    "--leave-out",
    multiple=True,
    metavar="STATION",
    help="cross, regional: correct, but never fit, this station (repeatable).",
)
@click.option(
    "--trend",
    type=click.Choice(["line", "constant"]),
    default="line",
    show_default=True,
    help="Slow part of the curve; a line is extrapolated into the future.",
)
@click.option("--frozen-term", is_flag=True, help="Add a step on days with frozen soil.")
@click.option("--anomaly-term", is_flag=True, help="Scale the departures from the annual cycle.")
@click.option(
    "--literal",
    is_flag=True,
    help="vmd: modes four and five, sine and line fitted apart, as the paper prints it.",
)
@click.option(
    "--time-origin", default="2000-01-01", show_default=True, help="Zero of the phase and trend."
)
@click.option(
    "--confidence",
    default=0.95,
    show_default=True,
    help="Share of days inside the band of vmd and harmonic; 0 draws none.",
)
@click.option(
    "--layers", help="Layers to average stations over that are by depth (as in gee-sm stations)."
)
@click.option(
    "--sites",
    type=EXISTING_FILE,
    help="CSV with station, vegetation_type, latitude, longitude.",
)
@click.option(
    "--mapping",
    type=EXISTING_FILE,
    help="TOML: columns of STATIONS, if it is a table (docs/stations.md).",
)
@click.option(
    "--reanalysis-mapping",
    type=EXISTING_FILE,
    help="TOML: columns of REANALYSIS, if it is a table.",
)
@click.option(
    "--max-distance-km",
    default=25.0,
    show_default=True,
    help="Farthest grid point that may stand for a station.",
)
@click.option(
    "--vegetation-map",
    type=EXISTING_FILE,
    help="regional: NetCDF or GeoTIFF of vegetation types.",
)
@click.option(
    "--classes",
    metavar="1=TYPE,2=TYPE",
    help="regional: what the map's numbers mean, if it does not say.",
)
@click.option(
    "--chunk-days",
    default=365,
    show_default=True,
    help="regional: days in memory at a time (methods that correct day by day).",
)
@click.option(
    "--chunk-rows",
    default=8,
    show_default=True,
    help="regional: rows of the grid in memory at a time (terms that need whole series).",
)
@click.option("--no-figures", is_flag=True, help="Write no pictures.")
def command(
    stations: Path,
    reanalysis: Path,
    out: Path,
    mode: str,
    method: str,
    compare: bool,
    train_share: float,
    train_until: str | None,
    min_years: float,
    min_days: int | None,
    leave_out: tuple[str, ...],
    trend: str,
    frozen_term: bool,
    anomaly_term: bool,
    literal: bool,
    time_origin: str,
    confidence: float,
    layers: str | None,
    sites: Path | None,
    mapping: Path | None,
    reanalysis_mapping: Path | None,
    max_distance_km: float,
    vegetation_map: Path | None,
    classes: str | None,
    chunk_days: int,
    chunk_rows: int,
    no_figures: bool,
) -> None:
    """Correct a REANALYSIS against STATIONS, and judge the result on days that were not fitted.

    STATIONS is the NetCDF of gee-sm stations (or a table with --mapping). REANALYSIS is NetCDF of
    ERA5-Land, GLDAS or MERRA-2, a grid or by station (or a table with --reanalysis-mapping).
    """
    if mode == "regional" and vegetation_map is None:
        raise click.UsageError("--mode regional needs --vegetation-map")
    if mode == "single" and leave_out:
        raise click.UsageError("--leave-out needs --mode cross or --mode regional")
    if mode != "single" and train_until is not None:
        raise click.UsageError("--train-until needs --mode single")
    if literal and method != "vmd" and not compare:
        raise click.UsageError("--literal needs --method vmd (or --compare)")
    if (frozen_term or anomaly_term) and method not in ("vmd", "harmonic") and not compare:
        raise click.UsageError(
            "--frozen-term and --anomaly-term need --method vmd or harmonic (or --compare)"
        )
    whole_series = frozen_term or anomaly_term
    with explained():
        observed = read_observed_layers(
            stations,
            mapping=ColumnMapping.from_toml(mapping) if mapping else None,
            layers=layers,
            sites=pd.read_csv(sites) if sites else None,
        )
        model = read_reanalysis(
            reanalysis,
            mapping=ColumnMapping.from_toml(reanalysis_mapping) if reanalysis_mapping else None,
            chunks=_chunks(chunk_days, chunk_rows, whole_series) if mode == "regional" else None,
        )
        near = at_stations(
            model,
            station=observed["station"],
            latitude=observed["latitude"],
            longitude=observed["longitude"],
            max_distance_km=max_distance_km,
        )
        if frozen_term and "soil_temperature" not in near:
            raise ValueError(
                f"--frozen-term needs soil temperature in {reanalysis} (such as stl1 of ERA5-Land)"
            )
        settings = {
            "trend": trend,
            "frozen_term": frozen_term,
            "anomaly_term": anomaly_term,
            "time_origin": time_origin,
        }
        if min_days is not None:
            settings["min_days"] = min_days
        if literal:
            settings |= {"selection": "last_two", "regression": "separate"}
        task = CorrectionTask(
            observed=observed,
            near=near.load(),
            settings=settings,
            train_share=train_share,
            train_until=train_until,
            min_years=min_years,
            leave_out=leave_out,
            confidence=confidence or None,
        )
        # What a region's fits are worth is judged across sites, where there are several of a type.
        judged = mode if mode != "regional" else "cross"
        run, written = None, []
        if mode != "regional" or task.has_neighbours:
            run = task.run(judged, method)
            written += write_run(run, out, figures=not no_figures).values()
            if judged == "cross" and not no_figures:
                written += task.against_single(run, method, out)
            if compare:
                written += task.compare(judged, out, figures=not no_figures)
        if vegetation_map is not None and mode == "regional":
            written += task.correct_region(
                method,
                model,
                read_vegetation_map(vegetation_map, like=model["soil_moisture"]),
                out,
                classes=_class_names(classes) if classes else None,
            )
    for line in summary(run) if run is not None else []:
        click.echo(line)
    for path in written:
        click.echo(f"  {path}")


def _chunks(days: int, rows: int, whole_series: bool) -> dict[str, int]:
    if not whole_series:
        return {"time": days}
    return {"time": -1, "latitude": rows}


def _class_names(text: str) -> dict[int, str]:
    names = {}
    for part in text.split(","):
        number, _, name = part.partition("=")
        if not number.strip().lstrip("-").isdigit() or not name.strip():
            raise ValueError(f"--classes {text!r} not understood; give 1=TYPE,2=TYPE")
        names[int(number)] = name.strip()
    return names
