"""``gee-sm calibrate``: refit the retrieval's coefficients on station samples."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from gee_sm.cli.input_errors import explained
from gee_sm.cli.option_types import EXISTING_FILE, NEW_FOLDER, comma_separated
from local_core.calibration import (
    EQ7_PREDICTORS,
    PRESETS,
    BackscatterReference,
    SampleColumns,
    calibrate,
    calibration_report,
    read_sample_table,
    write_calibration,
)
from local_core.calibration.figures import write_calibration_figure


@click.command()
@click.argument("table", type=EXISTING_FILE)
@click.option(
    "--out",
    required=True,
    type=NEW_FOLDER,
    help="Folder to write.",
)
@click.option(
    "--truth", type=EXISTING_FILE, help="Second CSV, row by row beside TABLE, with the target."
)
@click.option(
    "--preset", type=click.Choice(list(PRESETS)), help="Column mapping of a public data set."
)
@click.option("--target", help="Column of measured soil moisture.  [soil_moisture]")
@click.option("--target-unit", type=click.Choice(["m3 m-3", "percent"]), help="Its unit.  [m3 m-3]")
@click.option(
    "--predictors",
    default=",".join(EQ7_PREDICTORS),
    show_default=True,
    help="Columns to predict from, separated by commas.",
)
@click.option("--station", help="Column of the station; 'none' if all rows are one.  [station]")
@click.option("--time", help="Column of dates; 'none' if there is none.  [time]")
@click.option(
    "--group",
    default="station",
    show_default=True,
    help="What is left out whole to judge the fit: station, year, station-year, any column, none.",
)
@click.option("--sigma0", help="Column of VV backscatter, to make delta_sigma0_db from.")
@click.option(
    "--sigma0-unit", type=click.Choice(["db", "linear"]), help="Its unit (linear power).  [db]"
)
@click.option("--angle", help="Column of incidence angle [degrees]: normalise to 38 degrees.")
@click.option(
    "--angle-slope",
    type=float,
    help="dB per degree; 0.16 (ascending) and 0.10 (descending) in the paper.  [fitted]",
)
@click.option(
    "--reference",
    type=click.Choice(["winter", "driest"]),
    help="What backscatter is taken relative to: the mean of --winter-months, or the "
    "--driest-share quantile of each station.  [winter]",
)
@click.option("--winter-months", help="Months of the winter reference.  [1,2]")
@click.option("--driest-share", type=float, help="Quantile of the driest reference.  [0.05]")
@click.option("--nir", help="Column of near-infrared reflectance (Sentinel-2 B8).")
@click.option("--red", help="Column of red reflectance (B4), for NDVI.")
@click.option("--swir", help="Column of shortwave-infrared reflectance (B11), for NDMI.")
@click.option(
    "--where", help='Keep rows that fulfil this, e.g. "month in [7, 8] and delta_sigma0_db > 0".'
)
@click.option(
    "--splits",
    default=10_000,
    show_default=True,
    type=click.IntRange(min=2),
    help="Number of random divisions.",
)
@click.option(
    "--training-share",
    default=0.8,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share to train on.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Seed of the divisions.",
)
@click.option("--orbit", type=click.Choice(["ascending", "descending"]), help="Noted in the file.")
@click.option("--source", default="", help="Where the samples come from, noted in the file.")
@click.option("--report", is_flag=True, help="Also print the report.")
def command(
    table: Path,
    out: Path,
    truth: Path | None,
    preset: str | None,
    predictors: str,
    group: str,
    splits: int,
    training_share: float,
    seed: int,
    orbit: str | None,
    source: str,
    report: bool,
    **mapping: Any,
) -> None:
    """Refit soil moisture = a * difference + b * NDVI + c * NDMI + d on a TABLE of samples.

    TABLE is a CSV with one row per sample. Columns named soil_moisture [m3 m-3], delta_sigma0_db,
    ndvi, ndmi, station and time are taken as they are; options say what is called otherwise or has
    to be derived. The folder gets coefficients.toml (for 'gee-sm map'), splits.csv (Table 3 of Li
    et al. 2025), held_out.csv, report.md and calibration.png. What counts is the score at stations
    left out; random divisions of samples come second.
    """
    with explained():
        columns = sample_columns(PRESETS[preset] if preset else SampleColumns(), mapping)
        samples = read_sample_table(table, columns, truth=truth)
        result = calibrate(
            samples,
            predictors=tuple(comma_separated(predictors)),
            group=None if group == "none" else group,
            n_splits=splits,
            training_share=training_share,
            seed=seed,
            orbit=orbit,
            source=source or table.name,
        )
        written = write_calibration(result, out)
        written.append(write_calibration_figure(result, out / "calibration.png"))
    if report:
        click.echo(calibration_report(result))
    names = [*result.coefficients.predictors, "constant"]
    for name, value, std in zip(names, result.coefficients.values, result.coefficients.std):
        click.echo(f"{name:>16} {value:9.4f} +- {std:.4f}")
    if result.held_out is not None:
        scores = result.held_out.scores(seed=seed)
        click.echo(
            f"at a {group} left out: r {scores['r']:.2f}, RMSE {scores['rmse']:.3f} m3 m-3 "
            f"({result.baseline_rmse:.3f} by the mean of the others), n {scores['n']}"
        )
    for path in written:
        click.echo(f"  {path}")


def sample_columns(base: SampleColumns, options: dict[str, Any]) -> SampleColumns:
    """Replace what the options give in a column mapping; ``"none"`` unsets a column."""
    given = {name: value for name, value in options.items() if value is not None}
    reference = base.reference
    if "reference" in given:
        reference = replace(reference, kind=given.pop("reference"))
    if "winter_months" in given:
        reference = replace(reference, months=_months(given.pop("winter_months")))
    if "driest_share" in given:
        reference = replace(reference, share=given.pop("driest_share"))
    optional = {f.name for f in fields(SampleColumns) if f.default is None} | {"station", "time"}
    for name, value in given.items():
        if value == "none" and name in optional:
            given[name] = None
    return replace(base, reference=reference, **given)


def _months(text: str) -> tuple[int, ...]:
    try:
        return BackscatterReference(months=tuple(int(m) for m in text.split(","))).months
    except ValueError:
        raise ValueError(
            f"--winter-months takes numbers from 1 to 12 such as 1,2, got {text!r}"
        ) from None
