"""Synthetic scenes and the refined Lee twin for the tests of this folder."""

from __future__ import annotations

import pytest
import refined_lee_twin
import synthetic_scenes


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return synthetic_scenes.SyntheticScenes(tmp_path / "catalog")


@pytest.fixture(scope="session")
def twin():
    """The module with both numpy versions of the refined Lee filter."""
    return refined_lee_twin
