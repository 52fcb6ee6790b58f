"""The notebook of the coarse products runs on the emulator, and is kept without outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "coarse_products.ipynb"


def test_it_is_kept_without_outputs():
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.slow
def test_it_finds_the_errors_that_should_be_found(coarse_sample, tmp_path, monkeypatch):
    monkeypatch.setenv("GEE_SM_CATALOG", str(coarse_sample))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("GEE_SM_PROJECT", raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)  # pictures are shown in line
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=280, kernel_name="python3").execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    printed = "".join(o.get("text", "") for cell in code for o in cell.outputs)
    rows = re.findall(r"^\S.*?((?:\s+\d\.\d+){4})$", printed, re.MULTILINE)
    assert len(rows) == 3
    for row in rows:
        _, lower, upper, expected = map(float, row.split())
        assert lower < expected < upper
    pictures = [o for c in code for o in c.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == 2
    widgets = [o for o in code[-1].outputs if "application/vnd.jupyter.widget-view+json" in o.data]
    assert widgets
