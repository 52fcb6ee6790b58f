"""Layers reduced in turn give what the reducers give of the whole stack, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.running_reduction import running_reductions
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.values.reducer import settled

SHAPE = (3, 4)
GRID = Grid.of(DEFAULT, 4, 3)
TYPES = (np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64)


def reducer(kind: str):
    constructor = implementations()[f"Reducer.{kind}"].function
    return constructor(1) if kind in ("min", "max") else constructor()


@st.composite
def layers(draw) -> tuple[list[Tile], np.dtype]:
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    found = []
    masks = st.one_of(
        st.none(),
        arrays.arrays(bool, SHAPE),
        arrays.arrays(np.float32, SHAPE, elements=st.sampled_from([0, 0.25, 0.5, 1])),
    )
    for _ in range(draw(st.integers(1, 5))):
        shape = draw(st.sampled_from([SHAPE, ()]))
        # Infinities of both signs have no sum; what is masked may be anything.
        data = draw(arrays.arrays(dtype, shape, elements=numbers(dtype)))
        mask = draw(masks)
        if mask is not None and dtype.kind == "f" and shape:
            data = np.where(mask > 0, data, draw(st.sampled_from([np.nan, np.inf, 0.0])))
            data = data.astype(dtype)
        found.append(Tile(data, mask))
    return found, dtype


def numbers(dtype: np.dtype):
    if dtype.kind == "f":
        return st.floats(-1e6, 1e6, width=8 * dtype.itemsize).map(lambda value: value + 0.0)
    return arrays.from_dtype(dtype)


class Stored(Source):
    """A tile that tells when it is read."""

    def __init__(self, tile: Tile, log: list | None = None):
        super().__init__()
        self.tile = tile
        self.log = log

    def compute(self, grid, tiles):
        if self.log is not None:
            self.log.append(self)
        return self.tile


def result_of(kind: str, tiles: list[Tile], dtype: np.dtype, result: np.dtype) -> Tile:
    (source,) = running_reductions(kind, [[Stored(t) for t in tiles]], [dtype], [result])
    (found,) = Plan([source]).run(GRID)
    return found


@pytest.mark.parametrize("kind", ["sum", "mean", "count", "min", "max"])
@given(stack=layers())
@settings(max_examples=80, deadline=None)
def test_in_turn_is_as_a_stack(kind, stack):
    tiles, dtype = stack
    values = np.stack([tile.filled(SHAPE) for tile in tiles])
    weights = np.stack([tile.weights(SHAPE) for tile in tiles])
    ((expected, valid),) = reducer(kind).over_arrays([values], weights)
    result = dtype if kind in ("min", "max") else np.dtype(np.float64)
    found = result_of(kind, tiles, dtype, result)
    np.testing.assert_array_equal(found.valid(SHAPE), valid)
    if valid.any():
        expected = settled(np.broadcast_to(expected, SHAPE), valid, result)
        assert found.data.tobytes() == expected.tobytes()


def test_a_layer_without_pixels_adds_nothing():
    tiles = [empty(np.dtype(float)), Tile(np.full(SHAPE, 3.0)), empty(np.dtype(float))]
    assert (result_of("mean", tiles, np.dtype(float), np.dtype(float)).data == 3).all()
    nothing = result_of("sum", [empty(np.dtype(float))], np.dtype(float), np.dtype(float))
    assert nothing.is_empty


def test_bands_are_read_layer_by_layer():
    log: list = []
    bands = [[Stored(Tile(np.ones(SHAPE)), log) for _ in range(4)] for _ in range(3)]
    dtypes = [np.dtype(float)] * 3
    first, _, third = running_reductions("sum", bands, dtypes, dtypes)
    results = Plan([first, third]).run(GRID)
    assert all((tile.data == 4).all() for tile in results)
    expected = [band[layer] for layer in range(4) for band in (bands[0], bands[2])]
    assert log == expected  # and what nobody asked for is not read
