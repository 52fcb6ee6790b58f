"""Synthetic scenes and rows of stored pixels for the tests of this folder."""

from __future__ import annotations

import numpy as np
import pytest
import synthetic_scenes


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return synthetic_scenes.SyntheticScenes(tmp_path / "catalog")


@pytest.fixture
def row(synthetic):
    """One row of pixels: stored numbers in, values out."""
    synthetic.size = 12

    class Row:
        def add(self, asset_id, time, dtype="float32", **bands):
            arrays = {}
            for name, values in bands.items():
                kind = dtype if not isinstance(values, tuple) else values[1]
                numbers = values if not isinstance(values, tuple) else values[0]
                line = np.zeros(synthetic.size)
                line[: np.size(numbers) if np.ndim(numbers) else None] = numbers
                arrays[name] = np.tile(line, (synthetic.size, 1)).astype(kind)
            index = None if time is None else "i" + time.replace("-", "").replace(":", "")
            synthetic.add(asset_id, index, arrays, time=time)
            return self

        def connect(self):
            synthetic.connect()

        def read(self, image, count):
            return {k: v[0, :count] for k, v in synthetic.read(image, size=count).items()}

    return Row()
