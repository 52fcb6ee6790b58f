"""``gee-sm merge``: one product from several, weighted by their errors."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from gee_sm.cli.input_errors import explained, refuse_to_overwrite
from gee_sm.cli.option_types import comma_separated
from gee_sm.cli.product_options import (
    error_structure,
    known_correlation,
    pair_of_products,
    product_files,
    product_name,
    sample_requirements,
)
from local_core.collocation.product_files import read_products, write_result
from local_core.markdown_table import aligned_table
from local_core.merging import ProductMerger, Weighting
from local_core.merging.fallbacks import FALLBACKS
from local_core.merging.product_merger import METHODS


@click.command()
@product_files
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="tc",
    show_default=True,
    help="Errors by triple or extended collocation or three-cornered hat; or equal weights.",
)
@click.option(
    "--reference",
    default="0",
    show_default=True,
    help="Product, by name or position, whose units and range the merged one has.",
)
@click.option(
    "--rescaling",
    type=click.Choice(["auto", "tc", "mean_std", "none"]),
    default="auto",
    show_default=True,
    help="How products come into one space; none with tc is the paper to the letter.",
)
@click.option(
    "--fallback",
    default="floor,two_products,mean",
    show_default=True,
    help=f"What to do where errors are unresolved, in order, from {', '.join(FALLBACKS)}.",
)
@click.option("--window", help="Weights by season, month, or windows of so many days.")
@error_structure
@sample_requirements
@click.option("--name", default="soil_moisture", show_default=True, help="Merged variable.")
def command(
    files: tuple[Path, ...],
    out: Path,
    variable: tuple[str, ...],
    columns: str,
    missing: tuple[float, ...],
    method: str,
    reference: str,
    rescaling: str,
    fallback: str,
    window: str | None,
    correlated: tuple[str, ...],
    error_correlation: str | None,
    outlier_sigma: float | None,
    min_samples: int,
    alpha: float,
    name: str,
) -> None:
    """Merge collocated products.

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
        merger = ProductMerger(
            method=method,
            reference=product_name(reference),
            rescaling=rescaling,
            fallback=comma_separated(fallback),
            window=int(window) if window is not None and window.isdigit() else window,
            correlated=[pair_of_products(pair) for pair in correlated],
            error_correlation=known_correlation(error_correlation) if error_correlation else None,
            outlier_sigma=outlier_sigma,
            min_samples=min_samples,
            alpha=alpha,
        )
        merged = merger.fit_predict(products, name=name)
        write_result(merged, out, progress=True)
    click.echo(aligned_table(_weight_table(merger)), nl=False)
    codes = merger.weighting_.values.ravel()
    shares = [
        f"{code.name.lower()} {100.0 * (codes == code).mean():.1f} %"
        for code in Weighting
        if (codes == code).any()
    ]
    click.echo(f"weights: {', '.join(shares)} of {codes.size} series")
    click.echo(f"  {out}")


def _weight_table(merger: ProductMerger) -> pd.DataFrame:
    """Mean weight of every product, a row per window of time."""
    weights = merger.weights_
    grid = [d for d in weights.dims if d not in ("window", "product")]
    mean = weights.mean(grid)
    table = pd.DataFrame(mean.values, columns=merger.names_)
    table.insert(0, "window", merger.windows_.labels)
    return table
