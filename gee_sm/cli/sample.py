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
@click.option("--overwrite", is_flag=True, help="Replace a sample that is in FOLDER already.")
@click.option("--quiet", is_flag=True, help="Show no progress bar.")
def command(folder: Path, seed: int, years: tuple[int, ...], overwrite: bool, quiet: bool) -> None:
    """Write the sample region into FOLDER: scenes, stations and the truth behind them.

    The folder is a STAC catalog that the emulator serves as Earth Engine; FOLDER/truth holds the
    soil moisture that a map of it should show.
    """
    from gee_sm import sample

    try:
        sample.write(
            folder,
            seed=seed,
            years=years or (sample.DEFAULT_YEAR,),
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
            "Free some space (60 MB a year) or choose another folder."
        ) from error
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    parameters = sample.parameters_of(folder)
    west, south, east, north = parameters["region"]
    click.echo(
        f"Sample region in {folder}: {west} to {east} E, {south} to {north} N, "
        f"{', '.join(map(str, parameters['years']))}, {size / 1e6:.0f} MB."
    )
    for orbit, name in (("A", "ascending"), ("D", "descending")):
        floor = sample.noise_floor_for(folder, year=parameters["years"][0], orbit=orbit, scale=100)
        click.echo(
            f"Noise floor of a seasonal 100 m map, {name}: {floor.total:.5f} m3 m-3 "
            f"(speckle {floor.speckle:.5f}, optical {floor.optical:.5f}, "
            f"residual {floor.residual:.5f})."
        )
    click.echo(f"Next: gee-sm map --emulator {folder} --orbit A --out maps")
