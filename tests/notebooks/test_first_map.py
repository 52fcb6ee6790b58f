"""The notebook runs from top to bottom on the emulator, and is kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "first_map.ipynb"


def test_it_is_kept_without_outputs():
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.slow
def test_it_runs_and_shows_map_and_truth(sample_region, tmp_path, monkeypatch):
    monkeypatch.setenv("GEE_SM_CATALOG", str(sample_region))
    monkeypatch.setenv("GEE_SM_OUT", str(tmp_path / "maps"))
    monkeypatch.delenv("GEE_SM_PROJECT", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=280, kernel_name="python3").execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    printed = "".join(o.get("text", "") for cell in code for o in cell.outputs)
    assert "against truth: n" in printed
    assert "noise floor" in printed
    pictures = [o for c in code for o in c.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == 1
    widgets = [o for o in code[-1].outputs if "application/vnd.jupyter.widget-view+json" in o.data]
    assert widgets
    assert (tmp_path / "maps" / "SM_2020_A.tif").exists()
