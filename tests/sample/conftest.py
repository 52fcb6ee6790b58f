"""The sample, its ground on the 10 m grid, and the refined Lee twin."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from gee_sm.sample.ground import Ground
from gee_sm.sample.region import scene_grid

_TWIN = Path(__file__).parents[1] / "sentinel1" / "refined_lee_twin.py"


@pytest.fixture(scope="session")
def folder(sample_region):
    """Folder of the sample of seed 1."""
    return sample_region


@pytest.fixture(scope="session")
def grid():
    """The 10 m grid of the scenes."""
    return scene_grid()


@pytest.fixture(scope="session")
def ground():
    """The truth of seed 1."""
    return Ground(1)


@pytest.fixture(scope="session")
def places(ground, grid):
    """The ground of seed 1 on the 10 m grid."""
    return ground.at(grid.x, grid.y)


@pytest.fixture(scope="session")
def refined_lee():
    """The refined Lee filter in numpy, as the tests of the Sentinel-1 chain wrote it."""
    spec = importlib.util.spec_from_file_location("refined_lee_twin_of_sample", _TWIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.refined_lee_twin


@pytest.fixture(scope="session")
def block_mean():
    """Mean of square blocks; NaN where a block has any."""

    def mean(values, size):
        rows, columns = (n // size for n in values.shape)
        cut = values[: rows * size, : columns * size]
        return cut.reshape(rows, size, columns, size).mean(axis=(1, 3))

    return mean


@pytest.fixture(scope="session")
def decibel():
    """Power to dB."""
    return lambda power: 10 * np.log10(power)
