"""The sample region mapped once for each pass, and a runner of the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gee_sm.cli.map import command

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Call ``gee-sm map`` in this process."""

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(command, [str(a) for a in (*arguments, "--quiet")])

    return call


@pytest.fixture(scope="session")
def mapped(
    sample_region: Path, tmp_path_factory: pytest.TempPathFactory, run: Run
) -> dict[str, tuple[Path, dict]]:
    """Folder and report of the sample's map, by pass, made with the defaults."""
    found = {}
    for orbit in ("A", "D"):
        out = tmp_path_factory.mktemp("maps") / orbit
        result = run("--emulator", sample_region, "--orbit", orbit, "--out", out)
        assert result.exit_code == 0, result.output
        found[orbit] = (out, json.loads((out / "report.json").read_text()))
    return found
