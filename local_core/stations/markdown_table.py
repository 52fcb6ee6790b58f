"""Tables as Markdown, for reports people read."""

from __future__ import annotations

import pandas as pd


def markdown_table(table: pd.DataFrame, *, decimals: int = 2, missing: str = "/") -> str:
    """Write a table as Markdown.

    Parameters
    ----------
    table : DataFrame
        The index is not written.
    decimals : int, optional
        Of floating-point columns.
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

    def text(value: object) -> str:
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            return missing
        if isinstance(value, float):
            # "-0.00" is a rounding artefact, not a sign.
            return f"{round(value, decimals) + 0.0:.{decimals}f}"
        if isinstance(value, pd.Timestamp):
            return f"{value:%Y-%m-%d}"
        return str(value).replace("|", "\\|")

    lines = [
        "| " + " | ".join(text(str(column)) for column in table.columns) + " |",
        "|" + "---|" * len(table.columns),
    ]
    columns = [table[column].tolist() for column in table.columns]
    lines += ["| " + " | ".join(map(text, row)) + " |" for row in zip(*columns)]
    return "\n".join(lines) + "\n"
