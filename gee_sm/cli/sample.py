"""``gee-sm sample``: write the sample region."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("sample")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Same seed, same values.",
)
@click.option(
    "--year",
    "years",
    type=click.IntRange(2015, 2100),
    multiple=True,
    help="Year of the scenes; may be given more than once.  [default: 2020]",
)
@click.option(
    "--only",
    type=click.Choice(["scenes", "coarse"]),
    help="scenes: only the small region of Sentinel-1 and Sentinel-2, which is quick; coarse: only "
    "the products of 3 x 3 degrees.",
)
@click.option("--overwrite", is_flag=True, help="Replace a sample that is in FOLDER already.")
@click.option("--quiet", is_flag=True, help="Show no progress bar.")
def command(
    folder: Path,
    seed: int,
    years: tuple[int, ...],
    only: str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write the sample region into FOLDER: scenes, coarse products, stations and their truth.

    The folder is a STAC catalog that the emulator serves as Earth Engine; FOLDER/truth holds the
    soil moisture behind it. Sentinel-1 and Sentinel-2 show some 70 square kilometres; SMAP,
    ERA5-Land, GLDAS, MODIS and rain show 3 x 3 degrees around them in three years.
    """
    from gee_sm import sample

    try:
        sample.write(
            folder,
            seed=seed,
            years=years or (sample.DEFAULT_YEAR,),
            parts=sample.PARTS if only is None else (only,),
            overwrite=overwrite,
            progress=not quiet,
        )
    except sample.SampleExistsError as error:
        raise click.ClickException(
            f"{error}. Option --overwrite replaces a sample, and nothing else."
        ) from error
    except OSError as error:
        raise click.ClickException(
            f"{folder} cannot be written: {error.strerror or error}. "
            "Free some space (60 MB a year of scenes, 90 MB for the coarse products) or choose "
            "another folder."
        ) from error
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if only != "coarse":
        _tell_of_scenes(folder, years or (sample.DEFAULT_YEAR,))
    if only != "scenes":
        west, south, east, north = sample.wide_parameters_of(folder)["region"]
        click.echo(
            f"Coarse products: {west} to {east} E, {south} to {north} N, "
            f"{sample.COARSE_YEARS[0]} to {sample.COARSE_YEARS[-1]}: "
            f"{', '.join(sample.COARSE_PRODUCTS)}."
        )
    click.echo(f"{folder}: {size / 1e6:.0f} MB.")
    if only != "coarse":
        click.echo(f"Next: gee-sm map --emulator {folder} --orbit A --out maps")


def _tell_of_scenes(folder: Path, years: tuple[int, ...]) -> None:
    from gee_sm import sample

    west, south, east, north = sample.parameters_of(folder)["region"]
    click.echo(
        f"Sample region in {folder}: {west} to {east} E, {south} to {north} N, "
        f"{', '.join(map(str, sorted(set(years))))}."
    )
    for orbit, name in (("A", "ascending"), ("D", "descending")):
        floor = sample.noise_floor_for(folder, year=years[0], orbit=orbit, scale=100)
        click.echo(
            f"Noise floor of a seasonal 100 m map, {name}: {floor.total:.5f} m3 m-3 "
            f"(speckle {floor.speckle:.5f}, optical {floor.optical:.5f}, "
            f"residual {floor.residual:.5f})."
        )
