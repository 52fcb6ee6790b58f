"""The rooms of the house keep their doors shut: what may import what."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
    return found


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", _modules("local_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_local_core_knows_no_earth_engine(path):
    for name in _imports(path):
        assert name.split(".")[0] not in ("ee", "gee_sm", "geemap", "xee"), name


def test_areas_of_the_local_core_import_what_the_page_allows():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = page.split("## The local core")[1].split("\n## ")[0].splitlines()
    cells = [row.split("|")[1:4] for row in rows if row.startswith("| `")]
    allowed = {area.strip(" `"): set(re.findall(r"`(\w+)`", names)) for area, _, names in cells}
    serving = {path.stem for path in (ROOT / "local_core").glob("*.py")}
    assert {path.name for path in (ROOT / "local_core").iterdir() if any(path.glob("*.py"))} == set(
        allowed
    )
    for area, names in allowed.items():
        for path in _modules(f"local_core/{area}"):
            parts = [name.split(".") for name in _imports(path) if name.startswith("local_core.")]
            used = {part[1] for part in parts} - serving - {area}
            assert used <= names, f"{path} imports {', '.join(used - names)}"


@pytest.mark.parametrize(
    "path", _modules("gee_sm/emulator"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_the_emulator_imports_nothing_of_the_rest(path):
    for name in _imports(path):
        assert name.split(".")[0] != "local_core", name
        assert not name.startswith("gee_sm.") or name.startswith("gee_sm.emulator"), name
        assert name != "gee_sm", name


@pytest.mark.parametrize(
    "folder",
    [
        f"gee_sm/{name}"
        for name in ("catalog", "composites", "pull", "sentinel1", "sentinel2", "retrieval")
    ],
)
def test_server_side_functions_never_wait(folder):
    for path in _modules(folder):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("getInfo", "computePixels", "evaluate"), path


def test_importing_the_package_starts_nothing():
    code = (
        "import sys, gee_sm, gee_sm.cli, local_core\n"
        "assert 'ee' not in sys.modules, 'ee is imported'\n"
        "assert 'matplotlib' not in sys.modules, 'matplotlib is imported'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_grab_bags():
    names = {path.stem for folder in ("gee_sm", "local_core") for path in _modules(folder)}
    assert not names & {"utils", "common", "helpers", "misc"}
