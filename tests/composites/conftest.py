"""Small catalogs for the tests of this folder."""

from __future__ import annotations

import pytest
import synthetic_scenes


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of 6 x 6 pixels to be filled, connected and read."""
    return synthetic_scenes.SyntheticScenes(tmp_path / "catalog", size=6)


@pytest.fixture
def read_at():
    """Read an image on any grid: ``read_at(image, scale=, width=, west=, north=)``."""
    return synthetic_scenes.read
