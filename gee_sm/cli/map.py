"""``gee-sm map``: soil-moisture maps from Sentinel-1."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gee_sm.client_calls import EarthEngineCallError
from gee_sm.connection import EarthEngineConnectionError
from gee_sm.emulator.errors import CatalogError
from gee_sm.mapping import MapResult, NoScenesError, RequestError, map
from gee_sm.mapping.geotiff import MapWriteError
from gee_sm.mapping.request import DESTINATIONS, ORBITS, PERIODS

_FAULTS = (
    RequestError,
    NoScenesError,
    EarthEngineCallError,
    EarthEngineConnectionError,
    CatalogError,
    MapWriteError,
)


class _Numbers(click.ParamType):
    """Numbers separated by commas."""

    def __init__(self, kind: type, name: str):
        self.kind = kind
        self.name = name

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(self.kind(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not {self.name}", param, ctx)


@click.command()
@click.option("--emulator", type=click.Path(path_type=Path), help="Folder of a local catalog.")
@click.option("--project", help="Google Cloud project for Earth Engine.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file of these options.")
@click.option(
    "--region",
    type=_Numbers(float, "west,south,east,north"),
    help="west,south,east,north in degrees.",
)
@click.option("--years", type=_Numbers(int, "a list of years"), help="Such as 2020 or 2019,2020.")
@click.option("--orbit", type=click.Choice(list(ORBITS)), help="Pass direction.  [both]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the maps.")
@click.option("--scale", type=float, help="Pixel size in metres.  [100]")
@click.option("--recipe", help="robust, or li2025: the paper to the letter.  [robust]")
@click.option("--period", type=click.Choice(PERIODS), help="One map per ...  [season]")
@click.option("--crs", help="Projected system of the maps.  [UTM zone of the region]")
@click.option("--coefficients", type=click.Path(path_type=Path), help="From gee-sm calibrate.")
@click.option("--stations", type=click.Path(path_type=Path), help="CSV to compare with.")
@click.option("--compare/--no-compare", default=None, help="Show the other recipe in the report.")
@click.option("--to", type=click.Choice(DESTINATIONS), help="Export by Earth Engine.  [local]")
@click.option("--destination", help="Drive folder, bucket or asset folder of an export.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
def command(quiet: bool, debug: bool, **options: Any) -> None:
    """Make soil-moisture maps from Sentinel-1.

    With --emulator the maps are computed here, on the scenes of a catalog whose region and years
    are the defaults; with --project on Earth Engine.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        result = map(progress=not quiet, **given)
    except _FAULTS as error:
        if debug:
            raise
        click.echo(f"gee-sm map: {error}", err=True)
        sys.exit(1)
    _tell(result)


def _tell(result: MapResult) -> None:
    for name, status in result.exports.items():
        where = ", ".join(status.get("destination_uris", []))
        click.echo(f"{name}: {status['state'].lower()} {where}")
    for path, entry in zip(result.maps, result.entries, strict=True):
        click.echo(f"\n{path}  ({100 * entry['valid_fraction']:.0f} % of the pixels)")
        for recipe, kinds in entry["recipes"].items():
            for kind, found in kinds.items():
                if found:
                    click.echo(f"  {recipe:8s} against {kind:9s} {_line(found)}")
    if result.report is not None:
        click.echo(f"\nreport: {result.report.with_suffix('.html')}")


def _line(found: dict[str, Any]) -> str:
    def number(key: str, form: str) -> str:
        return "-" if found[key] is None else format(found[key], form)

    text = (
        f"r {number('r', '.3f')}  bias {number('bias', '+.4f')}  RMSE {number('rmse', '.4f')}  "
        f"ubRMSE {number('ubrmse', '.4f')}  n {found['n']}"
    )
    if "noise_floor" in found:
        text += f"  noise floor {found['noise_floor']:.4f} m3 m-3"
    return text
