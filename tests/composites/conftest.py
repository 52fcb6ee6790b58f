"""Small catalogs for the tests of this folder."""

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
    """A catalog of 6 x 6 pixels to be filled, connected and read."""
    return _scenes().SyntheticScenes(tmp_path / "catalog", size=6)


@pytest.fixture
def read_at():
    """Read an image on any grid: ``read_at(image, scale=, width=, west=, north=)``."""
    return _scenes().read
