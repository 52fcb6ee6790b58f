"""Options of the commands that take several products: which files, and what of their errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from gee_sm.cli.option_types import EXISTING_FILE, NEW_FILE

_Command = Callable[..., Any]


def _group(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """Make one decorator of several, which ``--help`` lists in the order given."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


#: Which products: the files, what tells the products in them, and where the result goes.
product_files = _group(
    click.argument("files", nargs=-1, required=True, type=EXISTING_FILE),
    click.option("--out", required=True, type=NEW_FILE, help="NetCDF to write."),
    click.option(
        "--variable", multiple=True, help="NetCDF variable: one for all files or one each."
    ),
    click.option("--columns", default="", help="Columns of a CSV table, such as gldas,cci,merra2."),
    click.option("--missing", multiple=True, type=float, help="Value of a gap in a CSV table."),
)

#: What is known of the errors beforehand.
error_structure = _group(
    click.option(
        "--correlated", multiple=True, help="Pair with correlated errors (extended): A,B."
    ),
    click.option("--error-correlation", help="Known error correlation of a pair (tc): A,B,0.4."),
    click.option(
        "--outlier-sigma", type=float, help="Reject triplets by the sigma test; 4 is usual."
    ),
)

#: What the joint samples of a pixel must fulfil.
sample_requirements = _group(
    click.option("--min-samples", default=30, show_default=True, help="Fewest joint samples."),
    click.option("--alpha", default=0.05, show_default=True, help="Level of the correlation test."),
)


def product_name(value: str) -> int | str:
    """Read a product given by position or by name.

    Examples
    --------
    >>> product_name("-1"), product_name("gldas")
    (-1, 'gldas')
    """
    return int(value) if value.lstrip("-").isdigit() else value


def pair_of_products(value: str) -> tuple[int | str, int | str]:
    """Read ``A,B``.

    Examples
    --------
    >>> pair_of_products("gldas,2")
    ('gldas', 2)
    """
    parts = value.split(",")
    if len(parts) != 2:
        raise click.BadParameter(f"expected two products such as gldas,era5, got {value!r}")
    return product_name(parts[0]), product_name(parts[1])


def known_correlation(value: str) -> dict[tuple[int | str, int | str], float]:
    """Read ``A,B,0.4``.

    Examples
    --------
    >>> known_correlation("gldas,era5,0.4")
    {('gldas', 'era5'): 0.4}
    """
    parts = value.split(",")
    try:
        first, second, correlation = parts
        return {(product_name(first), product_name(second)): float(correlation)}
    except ValueError as error:
        raise click.BadParameter(
            f"expected two products and a number such as gldas,era5,0.4, got {value!r}"
        ) from error
