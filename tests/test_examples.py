"""Every example in the documentation of the code runs as it stands."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from gee_sm.emulator import CatalogWriter

ROOT = Path(__file__).resolve().parents[1]
#: Modules whose examples are not run here, and why.
NOT_RUN = {"gee_sm.sample.writing": "writes a whole sample region, which other tests do"}


def _modules_with_examples() -> list[str]:
    """Names by the text of the files, so that collecting the tests imports nothing."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in ("gee_sm", "local_core")
        for path in (ROOT / package).rglob("*.py")
        if ">>>" in path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("name", _modules_with_examples())
def test_examples_run(name, tmp_path, monkeypatch):
    if name in NOT_RUN:
        pytest.skip(NOT_RUN[name])
    monkeypatch.chdir(tmp_path)
    if name == "gee_sm.connection":
        with CatalogWriter("catalog", title="Nothing yet"):
            pass
    module = importlib.import_module(name)
    examples = [test for test in doctest.DocTestFinder().find(module) if test.examples]
    assert examples, f"{name} has '>>>' where no docstring is"
    runner = doctest.DocTestRunner()
    for example in examples:
        runner.run(example)
    assert runner.failures == 0
    asked_for_more = [
        line.source
        for example in examples
        for line in example.examples
        if doctest.SKIP in line.options
    ]
    if len(asked_for_more) == sum(len(example.examples) for example in examples):
        pytest.skip("needs files that only a user has: " + asked_for_more[0].strip())
