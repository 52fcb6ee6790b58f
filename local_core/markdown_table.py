"""Tables in Markdown: for reports, printed results and the project's own pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd


def markdown_table(table: pd.DataFrame, *, decimals: int = 2, missing: str = "/") -> str:
    """Write a table for a page: cells at their own width, numbers with fixed decimals.

    Parameters
    ----------
    table : DataFrame
        The index is not written.
    decimals : int, optional
        Of floating-point numbers.
    missing : str, optional
        Text for NaN, NaT and None; "/" as in the tables of Chang et al. (2022).

    Returns
    -------
    str
        Ends with a line end.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"site": ["A", "B"], "R": [0.912, None]})), end="")
    | site | R |
    |---|---|
    | A | 0.91 |
    | B | / |
    """
    columns = [table[name].tolist() for name in table.columns]
    rows = (
        [cell_text(value, decimals=decimals, missing=missing) for value in row]
        for row in zip(*columns)
    )
    return markdown_from_text([str(name) for name in table.columns], rows)


def aligned_table(table: pd.DataFrame) -> str:
    """Write a table for a terminal: cells padded, numbers with four significant digits.

    Parameters
    ----------
    table : DataFrame
        The index is not written.

    Returns
    -------
    str
        Ends with a line end.

    Examples
    --------
    >>> table = pd.DataFrame({"product": ["gldas"], "error_std": [0.0123456]})
    >>> print(aligned_table(table), end="")
    | product | error_std |
    |:--------|----------:|
    | gldas   |   0.01235 |
    """

    def text(value: object) -> str:
        if isinstance(value, float | np.floating):
            return "-" if np.isnan(value) else f"{value:.4g}"
        return str(value)

    return markdown_from_text(
        [str(name) for name in table.columns],
        ([text(value) for value in row] for row in table.itertuples(index=False)),
        right_aligned=[pd.api.types.is_numeric_dtype(table[name]) for name in table.columns],
    )


def markdown_from_text(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right_aligned: Sequence[bool] | None = None,
) -> str:
    """Write cells that are text already as a Markdown table.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences of str
        As long as the header.
    right_aligned : sequence of bool, optional
        For every column, whether it ends at its right edge, as numbers do; cells are then padded,
        so that the table can be read in a terminal. Without it cells keep their own width, which
        long texts in a page want.

    Returns
    -------
    str
        Ends with a line end.

    Examples
    --------
    >>> print(markdown_from_text(["site", "n"], [["A", "9"]], right_aligned=[False, True]), end="")
    | site | n |
    |:-----|--:|
    | A    | 9 |
    """
    lines = [[cell.replace("|", "\\|") for cell in row] for row in [header, *rows]]
    if right_aligned is None:
        rule = ["---"] * len(header)
    else:
        widths = [max(map(len, column)) for column in zip(*lines)]
        lines = [
            [
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, right_aligned)
            ]
            for line in lines
        ]
        rule = [
            "-" * (width + 1) + ":" if right else ":" + "-" * (width + 1)
            for width, right in zip(widths, right_aligned)
        ]
    written = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([written[0], f"|{'|'.join(rule)}|", *written[1:]]) + "\n"


def cell_text(value: object, *, decimals: int, missing: str) -> str:
    """Write a value for a table: numbers with fixed decimals, dates as days.

    Parameters
    ----------
    value : object
    decimals : int
        Of floating-point numbers; whole numbers have none.
    missing : str
        Text for None, NaN, NaT and infinities.

    Returns
    -------
    str

    Examples
    --------
    >>> [cell_text(v, decimals=2, missing="-") for v in (0.125, -0.001, 7, float("nan"), "ok")]
    ['0.12', '0.00', '7', '-', 'ok']
    """
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return missing
    if isinstance(value, float | np.floating):
        # "-0.00" is a rounding artefact, not a sign.
        rounded = round(float(value), decimals) + 0.0
        return f"{rounded:.{decimals}f}" if np.isfinite(value) else missing
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return str(value)
