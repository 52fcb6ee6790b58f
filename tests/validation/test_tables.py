"""Tables in Markdown, LaTeX and CSV."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from local_core.validation import formatted_scores, latex_table, markdown_table, write_table


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": [100, 4],
            "r": [0.81234, np.nan],
            "r_lower": [0.7, np.nan],
            "r_upper": [0.9, np.nan],
            "bias": [-0.00001, np.nan],
            "status": [0, 1],
        },
        index=pd.Index(["Maqu_1", "50 % | x"], name="station"),
    )


def test_intervals_and_statuses_are_written_out(table):
    shown = formatted_scores(table)
    assert shown.loc["Maqu_1"].tolist() == ["100", "0.812 [0.700, 0.900]", "0.000", ""]
    assert shown.iloc[1].tolist() == ["4", "-", "-", "fewer valid pairs than min_n"]


def test_markdown_is_aligned_and_escaped(table):
    lines = markdown_table(formatted_scores(table)).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert r"50 % \| x" in lines[-1]
    assert lines[1].startswith("|:")
    assert lines[1].endswith(":|")


def test_latex_is_escaped_and_closed(table):
    text = latex_table(formatted_scores(table))
    assert r"Maqu\_1 & 100 & 0.812 [0.700, 0.900]" in text
    assert r"50 \% | x" in text
    assert text.startswith(r"\begin{tabular}{lrrrr}")
    assert text.rstrip().endswith(r"\end{tabular}")


def test_several_index_levels(table):
    stacked = pd.concat({"A": table, "B": table}, names=["product"])
    lines = markdown_table(formatted_scores(stacked)).splitlines()
    assert lines[0].startswith("| product | station")
    assert len(lines) == 6


def test_csv_keeps_every_digit(table, tmp_path):
    paths = write_table(table, tmp_path / "scores.by.station")
    assert [p.name for p in paths] == [
        "scores.by.station.csv",
        "scores.by.station.md",
        "scores.by.station.tex",
    ]
    read = pd.read_csv(paths[0], index_col=0)
    pd.testing.assert_frame_equal(read, table)
    with pytest.raises(ValueError, match="not as xlsx"):
        write_table(table, tmp_path / "x", formats=("xlsx",))
