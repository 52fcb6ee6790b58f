"""Synthetic scenes for the tests of this folder."""

from __future__ import annotations

import pytest
import synthetic_scenes


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return synthetic_scenes.SyntheticScenes(tmp_path / "catalog")


@pytest.fixture
def days_after():
    """Shift a time stamp by days and milliseconds."""
    return synthetic_scenes.days_after
