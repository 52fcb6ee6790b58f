"""Tables of scores as people read them: Markdown, LaTeX and CSV."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from local_core.atomic_write import write_text
from local_core.markdown_table import cell_text, markdown_from_text
from local_core.metrics import ScoreStatus

#: Scores of a printed table, in order; the CSV has all of them.
PRINTED_SCORES = ("n", "r", "spearman_r", "bias", "rmse", "ubrmse", "mae")

TableFormat = Literal["csv", "md", "tex"]


def formatted_scores(
    scores: pd.DataFrame, columns: Sequence[str] = PRINTED_SCORES, *, digits: int = 3
) -> pd.DataFrame:
    """Numbers as text, with the interval beside the score and a word where there is none.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per group, columns as returned by :func:`local_core.metrics.scores`.
    columns : sequence of str
        Scores to show; absent ones are left out.
    digits : int
        Decimals.

    Returns
    -------
    pandas.DataFrame of str
        A last column names the status of rows that are not OK, if there are any.

    Examples
    --------
    >>> table = pd.DataFrame({"n": [50], "r": [0.8123], "r_lower": [0.7], "r_upper": [0.9]})
    >>> formatted_scores(table).iloc[0].tolist()
    ['50', '0.812 [0.700, 0.900]']
    """
    shown: dict[str, list[str]] = {}
    for name in columns:
        if name not in scores:
            continue
        lower, upper = f"{name}_lower", f"{name}_upper"
        if lower in scores:
            triples = zip(scores[name], scores[lower], scores[upper])
            shown[name] = [_with_interval(*triple, digits) for triple in triples]
        else:
            shown[name] = [_number(value, digits) for value in scores[name]]
    table = pd.DataFrame(shown, index=scores.index)
    if "status" in scores and (scores["status"] != ScoreStatus.OK).any():
        table["status"] = [
            "" if code == ScoreStatus.OK else ScoreStatus(int(code)).meaning
            for code in scores["status"]
        ]
    return table


def markdown_table(frame: pd.DataFrame, *, digits: int = 3) -> str:
    """Write a table in Markdown, numbers right-aligned.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"r": [0.5]}, index=pd.Index(["a"], name="site"))))
    | site |     r |
    |:-----|------:|
    | a    | 0.500 |
    <BLANKLINE>
    """
    header, rows, n_index = _cells(frame, digits)
    right_aligned = [position >= n_index for position in range(len(header))]
    return markdown_from_text(header, rows, right_aligned=right_aligned)


def latex_table(frame: pd.DataFrame, *, digits: int = 3) -> str:
    r"""Write a table as a LaTeX ``tabular`` with plain rules (no package needed).

    Examples
    --------
    >>> print(latex_table(pd.DataFrame({"r": [0.5]}, index=pd.Index(["a_1"], name="site"))))
    \begin{tabular}{lr}
    \hline
    site & r \\
    \hline
    a\_1 & 0.500 \\
    \hline
    \end{tabular}
    <BLANKLINE>
    """
    header, rows, n_index = _cells(frame, digits)
    form = "l" * n_index + "r" * (len(header) - n_index)
    body = [" & ".join(map(_latex_text, row)) + r" \\" for row in rows]
    head = " & ".join(map(_latex_text, header)) + r" \\"
    lines = [rf"\begin{{tabular}}{{{form}}}", r"\hline", head, r"\hline", *body, r"\hline"]
    return "\n".join([*lines, r"\end{tabular}"]) + "\n"


def write_table(
    scores: pd.DataFrame,
    stem: str | os.PathLike[str],
    *,
    formats: Sequence[TableFormat] = ("csv", "md", "tex"),
    columns: Sequence[str] = PRINTED_SCORES,
    digits: int = 3,
) -> list[Path]:
    """Write one table of scores in several formats (temporary name, then renamed).

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per group.
    stem : path
        File name without its ending.
    formats : sequence of {"csv", "md", "tex"}
        The CSV holds every column at full precision, the others the printed scores.
    columns : sequence of str
        Scores of the printed formats.
    digits : int
        Decimals of the printed formats.

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    ValueError
        If a format is unknown.
    """
    check_formats(formats)
    written = []
    for form in formats:
        if form == "csv":
            text = scores.to_csv()
        elif form == "md":
            text = markdown_table(formatted_scores(scores, columns, digits=digits))
        else:
            text = latex_table(formatted_scores(scores, columns, digits=digits))
        stem = Path(stem)
        written.append(write_text(stem.with_name(f"{stem.name}.{form}"), text))
    return written


def check_formats(formats: Sequence[str]) -> None:
    """Raise ValueError if one of the formats is unknown."""
    unknown = [form for form in formats if form not in get_args(TableFormat)]
    if unknown:
        raise ValueError(f"tables are written as csv, md or tex, not as {', '.join(unknown)}")


def _cells(frame: pd.DataFrame, digits: int) -> tuple[list[str], list[list[str]], int]:
    n_index = frame.index.nlevels
    names = [str(name) if name is not None else "" for name in frame.index.names]
    header = [*names, *(str(c) for c in frame.columns)]
    rows = []
    for label, values in zip(frame.index, frame.itertuples(index=False, name=None)):
        labels = label if isinstance(label, tuple) else (label,)
        rows.append([*(str(part) for part in labels), *(_number(v, digits) for v in values)])
    return header, rows, n_index


def _number(value: object, digits: int) -> str:
    return cell_text(value, decimals=digits, missing="-")


def _with_interval(value: float, lower: float, upper: float, digits: int) -> str:
    text = _number(value, digits)
    if text == "-" or not (np.isfinite(lower) and np.isfinite(upper)):
        return text
    return f"{text} [{_number(lower, digits)}, {_number(upper, digits)}]"


def _latex_text(text: str) -> str:
    replacements = {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
    replacements |= {c: "\\" + c for c in "&%$#_{}"}
    return "".join(replacements.get(c, c) for c in text)
