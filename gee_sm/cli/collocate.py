"""``gee-sm collocate``: errors of three or more products without a truth."""

from __future__ import annotations

from pathlib import Path

import click
import xarray as xr

from gee_sm.cli.input_errors import explained, refuse_to_overwrite
from gee_sm.cli.option_types import NEW_FILE, comma_separated
from gee_sm.cli.product_options import (
    error_structure,
    known_correlation,
    pair_of_products,
    product_files,
    product_name,
    sample_requirements,
)
from local_core.atomic_write import write_text
from local_core.collocation import (
    best_product,
    extended_collocation,
    three_cornered_hat,
    triple_collocation,
)
from local_core.collocation.collocation_table import (
    collocation_table,
    join_intervals,
    status_counts,
)
from local_core.collocation.product_files import read_products, write_result
from local_core.markdown_table import aligned_table

_TABLES = (".csv", ".md")


@click.command()
@product_files
@click.option(
    "--method",
    type=click.Choice(["auto", "tc", "extended", "tch"]),
    default="auto",
    show_default=True,
    help="Triple collocation, extended collocation or three-cornered hat; auto takes the first "
    "for three products and the second for more.",
)
@click.option("--reference", default="0", show_default=True, help="Product by name or position.")
@error_structure
@click.option(
    "--negative",
    type=click.Choice(["nan", "clip", "abs"]),
    default="nan",
    show_default=True,
    help="What becomes of estimates from negative variances.",
)
@sample_requirements
@click.option("--bootstrap", type=int, help="Replicates for confidence intervals, such as 1000.")
@click.option(
    "--block-length", type=int, help="With --bootstrap: days drawn in a run; 1 draws single days."
)
@click.option("--confidence", default=0.95, show_default=True, help="Coverage of the intervals.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the bootstrap.")
@click.option(
    "--table",
    type=NEW_FILE,
    help="Also write the table (.csv or .md).",
)
def command(
    files: tuple[Path, ...],
    out: Path,
    variable: tuple[str, ...],
    columns: str,
    missing: tuple[float, ...],
    method: str,
    reference: str,
    correlated: tuple[str, ...],
    error_correlation: str | None,
    outlier_sigma: float | None,
    negative: str,
    min_samples: int,
    alpha: float,
    bootstrap: int | None,
    block_length: int | None,
    confidence: float,
    seed: int | None,
    table: Path | None,
) -> None:
    """Estimate the random errors of collocated products.

    FILES are NetCDF files, one product each, with dimensions (time), (time, y, x) or
    (station, time); or CSV tables with dates in the first column and a product in each further one.
    """
    with explained():
        refuse_to_overwrite(out, files)
        products = read_products(
            files,
            variables=variable,
            columns=comma_separated(columns),
            missing=missing,
        )
        if method == "auto":
            method = "tc" if len(products) == 3 else "extended"
        if method == "tc" and len(products) != 3:
            raise ValueError(
                f"triple collocation takes three products, got {len(products)}: {list(products)}"
            )
        if correlated and method != "extended":
            raise ValueError("--correlated needs --method extended")
        if (error_correlation or outlier_sigma) and method != "tc":
            raise ValueError("--error-correlation and --outlier-sigma need --method tc")
        if block_length is not None and bootstrap is None:
            raise ValueError("--block-length needs --bootstrap")
        if table is not None and table.suffix.lower() not in _TABLES:
            raise ValueError(f"--table {table} must end in one of {', '.join(_TABLES)}")
        options = {
            "reference": product_name(reference),
            "min_samples": min_samples,
            "bootstrap": bootstrap,
            "block_length": block_length,
            "confidence": confidence,
            "random_state": seed,
        }
        if method == "tch":
            result = three_cornered_hat(products, **options)
        elif method == "extended":
            result = extended_collocation(
                products,
                correlated=[pair_of_products(pair) for pair in correlated],
                alpha=alpha,
                negative=negative,
                **options,
            )
        else:
            result = triple_collocation(
                *products.values(),
                names=list(products),
                alpha=alpha,
                negative=negative,
                outlier_sigma=outlier_sigma,
                error_correlation=(
                    known_correlation(error_correlation) if error_correlation else None
                ),
                **options,
            )
        result["best_product"] = best_product(result["error_std"], status=result["status"])
        write_result(result, out, progress=True)
        if any(array.chunks is not None for array in result.data_vars.values()):
            # Lazy results were computed into the file; the table is made from there.
            result = xr.load_dataset(out)
        page = collocation_table(result)
        if table is not None:
            if table.suffix.lower() == ".csv":
                write_text(table, page.to_csv(index=False))
            else:
                write_text(table, aligned_table(join_intervals(page)))
    # fMSE is 1 - r² and is left to the file, so that the table fits a screen.
    shown = page.loc[:, ~page.columns.str.startswith("fmse")]
    click.echo(aligned_table(join_intervals(shown)), nl=False)
    if "status" not in page.columns:
        click.echo("")
        click.echo(aligned_table(status_counts(result)), nl=False)
    click.echo(f"{result.attrs['method']} of {', '.join(products)}")
    for written in filter(None, (out, table)):
        click.echo(f"  {written}")
