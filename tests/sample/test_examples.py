"""The examples in the documentation of the sample run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import gee_sm.sample

# The one example of `writing` writes a whole sample, which other tests do.
MODULES = sorted(
    f"gee_sm.sample.{module.name}"
    for module in pkgutil.iter_modules(gee_sm.sample.__path__)
    if module.name != "writing"
)


@pytest.mark.parametrize(
    "name", [*MODULES, "gee_sm.emulator.catalog.writer", "gee_sm.emulator.catalog.cog"]
)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert doctest.testmod(importlib.import_module(name)).failed == 0
