"""``gee-sm pull``: products at stations or as cubes, to files."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import click

from gee_sm.cli.input_errors import refuse_to_overwrite
from gee_sm.client_calls import EarthEngineCallError
from gee_sm.composites.periods import UnknownStepError
from gee_sm.connection import EarthEngineConnectionError, connect
from gee_sm.emulator.errors import CatalogError

_FAULTS = (
    ValueError,
    KeyError,
    OSError,
    EarthEngineCallError,
    EarthEngineConnectionError,
    CatalogError,
    UnknownStepError,
)
_MOST_BYTES = 1_000_000_000
"""A larger cube is written piece by piece, and neither summed up nor drawn."""

_STEPS = ("day", "8 days", "16 days", "month", "season")


def _region(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    if value is None:
        return None
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not west,south,east,north") from None


def _show_cache(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from gee_sm.pull import PullCache

    found = PullCache(ctx.params.get("cache_dir")).summary()
    click.echo(f"{found.folder}: {found.entries} answers, {found.bytes / 1e6:.1f} MB")
    for name, count in sorted(found.by_product.items()):
        click.echo(f"  {name}: {count}")
    ctx.exit()


def _clear_cache(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from gee_sm.pull import PullCache

    cache = PullCache(ctx.params.get("cache_dir"))
    click.echo(f"{cache.folder}: {cache.clear()} answers removed")
    ctx.exit()


@click.command()
@click.option("--emulator", type=click.Path(path_type=Path), help="Folder of a local catalog.")
@click.option("--project", help="Google Cloud project for Earth Engine.")
@click.option(
    "--product", "products", multiple=True, help="Such as smap; may be given more than once."
)
@click.option("--at", type=click.Choice(["stations"]), help="Series at places.")
@click.option(
    "--as", "form", type=click.Choice(["cube", "series"]), help="(time, y, x), or series."
)
@click.option(
    "--stations",
    "places",
    help="Places: CSV, GeoJSON, NetCDF, or a table asset.  [the catalog's own]",
)
@click.option("--footprint", type=float, help="Mean under a circle of so many metres, not a pixel.")
@click.option("--region", callback=_region, help="west,south,east,north.  [the catalog's own]")
@click.option("--start", help="First day, YYYY-MM-DD, UTC.  [the catalog's first]")
@click.option("--end", help="Day after the last one.  [the catalog's last]")
@click.option("--bands", help="Our names of the bands, separated by commas.  [all]")
@click.option(
    "--quality",
    type=click.Choice(["good", "usable", "none"]),
    default="good",
    show_default=True,
    help="Strictness of the product's quality rule.",
)
@click.option("--step", type=click.Choice(_STEPS), help="Composites.  [the product's own times]")
@click.option("--grid", help="Pixels of a cube, such as '0.25 degrees'.  [the product's own]")
@click.option("--asset", help="Your image collection, for products Earth Engine does not hold.")
@click.option("--file", "file", help="Your files of the product, instead of Earth Engine.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File: .nc, .zarr, .csv or .parquet. Of several products: a folder, or {product}.nc.",
)
@click.option("--workers", type=click.IntRange(1, 40), default=8, show_default=True)
@click.option(
    "--cache-dir",
    type=click.Path(path_type=Path, file_okay=False),
    is_eager=True,
    help="Where answers are kept.  [the user's cache]",
)
@click.option("--no-cache", is_flag=True, help="Keep no answers.")
@click.option(
    "--show-cache",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_cache,
    help="Say what is kept, and stop.",
)
@click.option(
    "--clear-cache",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_clear_cache,
    help="Remove what is kept, and stop.",
)
@click.option("--picture/--no-picture", default=True, show_default=True, help="Draw a quick look.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
def command(debug: bool, **options: Any) -> None:
    """Bring products to files: series at stations, or cubes over a region.

    Values are in physical units, NaN where there is none, with a status that says why. Finished
    requests are kept: a pull that was interrupted goes on, and the same pull again asks nothing.
    docs/coarse-products.md names the products and their bands, docs/pulling.md explains the files.

    \b
    gee-sm pull --emulator DIR --product smap --at stations --out smap.nc
    gee-sm pull --project P --product chirps --as cube --region 91,31,94,34 \\
        --start 2020-01-01 --end 2021-01-01 --out rain.zarr
    """  # noqa: D301 click marks what it shall not wrap by a backspace
    try:
        _pull(**options)
    except _FAULTS as error:
        if debug:
            raise
        click.echo(f"gee-sm pull: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        kept = "nothing was kept" if options["no_cache"] else "the same command goes on from here"
        click.echo(f"gee-sm pull: interrupted; {kept}", err=True)
        sys.exit(130)


def _pull(
    *,
    emulator: Path | None,
    project: str | None,
    products: tuple[str, ...],
    out: Path | None,
    at: str | None,
    form: str | None,
    places: str | None,
    footprint: float | None,
    region: Any,
    start: str | None,
    end: str | None,
    bands: str | None,
    grid: str | None,
    workers: int,
    cache_dir: Path | None,
    no_cache: bool,
    picture: bool,
    quiet: bool,
    file: str | None,
    **common: Any,
) -> None:
    """Pull each product into its file."""
    from local_core.gridded.product_files import files_of

    if not products or out is None:
        raise ValueError("--product and --out must be given, such as --product smap --out smap.nc")
    as_cube = form == "cube"
    if as_cube and (at or places or footprint):
        raise ValueError("--as cube has no stations: leave --at, --stations and --footprint out")
    if not as_cube and not (at or places or form):
        raise ValueError("say what is wanted: --at stations (series), or --as cube (time, y, x)")
    if not as_cube and (grid or region):
        raise ValueError("--grid and --region are for --as cube: stations have pixels of their own")
    targets = _targets(products, out)
    inputs = [] if file is None else files_of(file)
    for target in targets.values():
        refuse_to_overwrite(target, [*inputs, *([Path(places)] if places else [])])
    known = {} if emulator is None else _catalog_defaults(emulator)
    if file is None:
        connect(project, emulator=emulator)
    cache = False if no_cache else (cache_dir or True)
    common.update(
        start=start or known.get("start"),
        end=end or known.get("end"),
        bands=[band.strip() for band in bands.split(",")] if bands else None,
        file=file,
        cache=cache,
    )
    from gee_sm import pull

    for name, target in targets.items():
        if as_cube:
            within = region or known.get("region")
            if within is None:
                raise ValueError("--region must be given: no catalog names one")
            found = pull.cube(name, region=within, grid=grid, **common)
        else:
            points = places or known.get("stations")
            if points is None:
                raise ValueError("--stations must be given: no catalog has them")
            found = pull.stations(
                name,
                points,
                how="nearest" if footprint is None else "footprint",
                footprint_m=footprint,
                workers=workers,
                progress=not quiet,
                **common,
            )
        _finish(found, target, picture=picture, quiet=quiet)


def _finish(found: Any, target: Path, *, picture: bool, quiet: bool) -> None:
    """Write a product, and say what it is."""
    from tqdm.dask import TqdmCallback

    from gee_sm.pull.summary import summary
    from gee_sm.pull.writing import about_as_coordinates, write

    found = about_as_coordinates(found)
    in_memory = not found.chunks or found.nbytes < _MOST_BYTES
    if found.chunks and in_memory:
        with TqdmCallback(desc=found.attrs["product"], disable=quiet):
            found = found.compute()
    write(found, target, progress=not quiet)
    if in_memory:
        for line in summary(found):
            click.echo(line)
    click.echo(f"  -> {target}")
    if picture and in_memory:
        from gee_sm.pull.quick_look import draw

        click.echo(f"  -> {draw(found, target.with_suffix('.png'))}")


def _targets(products: tuple[str, ...], out: Path) -> dict[str, Path]:
    """Return the file of each product."""
    from gee_sm.catalog.products import product
    from gee_sm.pull.writing import SUFFIXES, check_output

    for name in products:
        product(name)
    if "{product}" in str(out):
        pattern = str(out)
    elif out.suffix in SUFFIXES:
        if len(products) > 1:
            raise ValueError(
                f"{len(products)} products need a file each: --out {out.parent}, a folder, or "
                f"--out '{out.with_name('{product}' + out.suffix)}'"
            )
        pattern = str(out)
    elif out.suffix and not out.is_dir():
        # No folder, but a file of a format that is not known.
        pattern = str(out)
    else:
        pattern = str(out / "{product}.nc")
    return {name: check_output(pattern.replace("{product}", name)) for name in products}


def _catalog_defaults(folder: Path) -> dict[str, Any]:
    """Return the region, period and stations that a catalog names as its own."""
    path = folder / "catalog.json"
    try:
        root = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(
            f"there is no catalog.json in {folder}: write the sample with `gee-sm sample {folder}`"
        ) from None
    found: dict[str, Any] = {}
    region = root.get("gee_sm:wide_region") or root.get("gee_sm:region")
    years = root.get("gee_sm:wide_years") or root.get("gee_sm:years")
    if region:
        found["region"] = tuple(region)
    if years:
        found["start"] = str(dt.date(min(years), 1, 1))
        found["end"] = str(dt.date(max(years) + 1, 1, 1))
    if root.get("gee_sm:stations"):
        found["stations"] = root["gee_sm:stations"]
    return found
