"""Layers reduced in turn give what the reducers give of the whole stack, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gee_sm.emulator.pixels.running_reduction import reduced_in_turn
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implementations

SHAPE = (3, 4)
TYPES = (np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64)


def reducer(kind: str):
    constructor = implementations()[f"Reducer.{kind}"].function
    return constructor(1) if kind in ("min", "max") else constructor()


@st.composite
def layers(draw) -> tuple[list[Tile], np.dtype]:
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    found = []
    for _ in range(draw(st.integers(1, 5))):
        shape = draw(st.sampled_from([SHAPE, ()]))
        # Infinities of both signs have no sum; what is masked may be anything.
        data = draw(arrays.arrays(dtype, shape, elements=numbers(dtype)))
        mask = draw(st.one_of(st.none(), arrays.arrays(bool, SHAPE)))
        if mask is not None and dtype.kind == "f" and shape:
            data = np.where(mask, data, draw(st.sampled_from([np.nan, np.inf, 0.0])))
            data = data.astype(dtype)
        found.append(Tile(data, mask))
    return found, dtype


def numbers(dtype: np.dtype):
    if dtype.kind == "f":
        return st.floats(-1e6, 1e6, width=8 * dtype.itemsize).map(lambda value: value + 0.0)
    return arrays.from_dtype(dtype)


@pytest.mark.parametrize("kind", ["sum", "mean", "count", "min", "max"])
@given(stack=layers())
@settings(max_examples=80, deadline=None)
def test_in_turn_is_as_a_stack(kind, stack):
    tiles, dtype = stack
    values = np.stack([tile.filled(SHAPE) for tile in tiles])
    weights = np.stack([tile.weights(SHAPE) for tile in tiles])
    ((expected, valid),) = reducer(kind).over_arrays([values], weights)
    found, good = reduced_in_turn(kind, tiles, dtype, SHAPE)
    np.testing.assert_array_equal(good, valid)
    expected = np.broadcast_to(expected, SHAPE)[valid]
    assert found[valid].astype(float).tobytes() == expected.astype(float).tobytes()


@pytest.mark.parametrize(
    ("kind", "tile"),
    [
        ("median", Tile(np.ones(SHAPE))),
        (None, Tile(np.ones(SHAPE))),
        ("sum", Tile(np.ones(SHAPE), np.full(SHAPE, 0.5, np.float32))),
        ("sum", Tile(np.ones((*SHAPE, 2)))),
    ],
    ids=["another reducer", "one made of others", "fractions", "arrays"],
)
def test_what_needs_the_stack_is_left_to_the_reducer(kind, tile):
    assert reduced_in_turn(kind, [tile], np.dtype(float), SHAPE) is None
