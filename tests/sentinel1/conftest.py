"""Synthetic scenes and the refined Lee twin for the tests of this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def _load(path):
    name = f"gee_sm_tests_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


_HERE = Path(__file__).parent
_SCENES = _load(_HERE / "synthetic_scenes.py")


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return _SCENES.SyntheticScenes(tmp_path / "catalog")


@pytest.fixture(scope="session")
def twin():
    """The module with both numpy versions of the refined Lee filter."""
    return _load(_HERE / "refined_lee_twin.py")
