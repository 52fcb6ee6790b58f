"""Synthetic scenes for the tests of this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).parents[1] / "sentinel1" / "synthetic_scenes.py"
_NAME = f"gee_sm_tests_{_PATH.stem}"


def _scenes():
    if _NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(_NAME, _PATH)
        module = importlib.util.module_from_spec(spec)
        sys.modules[_NAME] = module
        spec.loader.exec_module(module)
    return sys.modules[_NAME]


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return _scenes().SyntheticScenes(tmp_path / "catalog")


@pytest.fixture
def days_after():
    """Shift a time stamp by days and milliseconds."""
    return _scenes().days_after
