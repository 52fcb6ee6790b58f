"""``gee-sm stations``: read, screen and layer station records."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from gee_sm.cli.input_errors import explained, refuse_to_overwrite
from gee_sm.cli.option_types import EXISTING_FILE, NEW_FILE
from local_core.atomic_write import write_text
from local_core.stations import (
    LAYER_SETS,
    ColumnMapping,
    ScreeningRules,
    layered_stations,
    parse_layers,
    read_stations,
    station_dataset,
    station_report,
    write_station_file,
)

_DEFAULTS = ScreeningRules()


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=NEW_FILE, help="NetCDF to write.")
@click.option(
    "--layers",
    help=f"Average over soil layers: {', '.join(LAYER_SETS)}, or limits in cm such as 0-7,7-28.",
)
@click.option(
    "--reach-cm",
    default=0,
    show_default=True,
    help="Let the profile's end stand for a layer it misses by so many cm (3 gives the paper's "
    "0-7 cm from a sensor at 10 cm).",
)
@click.option(
    "--min-cover",
    default=0.0,
    show_default=True,
    help="Smallest share of a layer the sensors must cover; 0 is the paper's rule.",
)
@click.option(
    "--flags",
    default="good",
    show_default=True,
    help="Accepted quality flags: good (G; U where a network has no G), good+frozen (and those "
    "that only say it was below 0 degC: needed for permafrost), all, or a list such as G,D04.",
)
@click.option(
    "--min-share",
    default=0.5,
    show_default=True,
    help="Share of a day's values that a daily mean needs.",
)
@click.option(
    "--frozen",
    type=click.Choice(["keep", "remove"]),
    default="keep",
    show_default=True,
    help="Keep or remove days with frozen soil; they are marked either way.",
)
@click.option(
    "--max-moisture",
    default=_DEFAULTS.valid_range[1],
    show_default=True,
    help="Largest possible soil moisture [m3 m-3]; raise it for peat.",
)
@click.option(
    "--flat-days",
    default=_DEFAULTS.flat_days,
    show_default=True,
    help="Shortest time without change that counts as a stuck sensor [days].",
)
@click.option(
    "--sites",
    type=EXISTING_FILE,
    help="CSV about the stations: station, vegetation_type, evi, latitude, longitude, elevation.",
)
@click.option(
    "--mapping",
    type=EXISTING_FILE,
    help="TOML that says what the columns of CSV tables are (docs/stations.md).",
)
@click.option(
    "--reader",
    type=click.Choice(["plain", "ismn"]),
    default="plain",
    show_default=True,
    help="Who parses ISMN files: this package or the ismn package.",
)
@click.option("--report", is_flag=True, help="Also print the report.")
def command(
    paths: tuple[Path, ...],
    out: Path,
    layers: str | None,
    reach_cm: int,
    min_cover: float,
    flags: str,
    min_share: float,
    frozen: str,
    max_moisture: float,
    flat_days: float,
    sites: Path | None,
    mapping: Path | None,
    reader: str,
    report: bool,
) -> None:
    """Read station records, screen them, and write daily values.

    PATHS are ISMN archives (folder, zip or .stm), CSV tables or NetCDF files; several become one
    network. Beside --out come a readable report (.report.md) and every removal with its reason
    (.removals.csv).
    """
    with explained():
        refuse_to_overwrite(out, paths)
        described = ColumnMapping.from_toml(mapping) if mapping else None
        wanted = parse_layers(layers) if layers else None
        records = [
            record
            for path in paths
            for record in read_stations(path, mapping=described, reader=reader)
        ]
        data = station_dataset(
            records,
            flag_policy=flags,
            rules=ScreeningRules(
                valid_range=(_DEFAULTS.valid_range[0], max_moisture), flat_days=flat_days
            ),
            min_share=min_share,
            frozen_soil=frozen,
            sites=pd.read_csv(sites) if sites else None,
        )
        layered = None
        if wanted:
            layered = layered_stations(data.dataset, wanted, reach_cm=reach_cm, min_cover=min_cover)
        page = station_report(data, layered=layered)
        result = data.dataset if layered is None else layered
        removals, page_file = out.with_suffix(".removals.csv"), out.with_suffix(".report.md")
        write_text(removals, data.removals.to_csv(index=False))
        write_text(page_file, page)
        write_station_file(result, out)
    if report:
        click.echo(page)
    days = result["soil_moisture"].notnull().sum().item()
    click.echo(
        f"{result.sizes['station']} stations, {days} daily values "
        f"({len(data.removals)} stretches removed)"
    )
    for written in (out, page_file, removals):
        click.echo(f"  {written}")
