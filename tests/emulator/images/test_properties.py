"""What must hold for any image: against numpy, for any tiling, and through the client's encoding.

Random chains of operators are drawn as trees, built with the client, and computed once by the
emulator and once by a model in numpy on the arrays that were stored. The window reaches beyond the
upper left corner of the stored image, so that every chain meets gaps, a border and nothing at all.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from gee_sm.emulator import Emulator
from gee_sm.emulator.graph import Evaluator
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.values.image import Image

BEYOND, HEIGHT, WIDTH = 7, 24, 28
REACH = 4  # of a kernel of five cells
BANDS = ("value", "count", "gappy", "classes")
Pixels = tuple[np.ndarray, np.ndarray]  # values, and weights in [0, 1]
Tree = tuple[Any, ...]


def examples(count: int) -> settings:
    return settings(
        deadline=None,
        max_examples=count,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


class Laboratory:
    """The emulator on the test catalog, and the same pixels as arrays."""

    def __init__(self, emulator: Any, rasters: dict[str, np.ndarray]):
        self.emulator = emulator
        extent = self.image(ee.Image("TEST/IMAGE")).bands[0].extent
        self.grid = extent.window(extent.x - BEYOND, extent.y - BEYOND, WIDTH, HEIGHT)
        self.stored = {name: self._stored(rasters[name]) for name in BANDS}

    @staticmethod
    def _stored(raster: np.ndarray) -> Pixels:
        values = np.zeros((HEIGHT, WIDTH))
        weights = np.zeros((HEIGHT, WIDTH), np.float32)
        part = raster[: HEIGHT - BEYOND, : WIDTH - BEYOND].astype(np.float64)
        values[BEYOND:, BEYOND:] = np.nan_to_num(part)
        weights[BEYOND:, BEYOND:] = ~np.isnan(part)
        return values, weights

    def image(self, item: Any) -> Image:
        """Return what the emulator makes of a graph."""
        graph = json.loads(ee.serializer.toJSON(item, for_cloud_api=True))
        return Evaluator(graph, self.emulator).evaluate()

    def pixels(self, item: Any, grid: Grid | None = None) -> list[Pixels]:
        """Compute all bands of an image."""
        image = self.image(item)
        plan = Plan([band.source for band in image.bands])
        return plan.arrays(grid or self.grid, [band.type.dtype for band in image.bands])


@pytest.fixture
def laboratory(emulator: Emulator, rasters: dict[str, np.ndarray]) -> Laboratory:
    return Laboratory(emulator, rasters)


def assert_same(found: Pixels, expected: Pixels, tolerance: float = 0.0) -> None:
    np.testing.assert_array_equal(found[1], expected[1])
    valid = expected[1] > 0
    if tolerance:
        np.testing.assert_allclose(
            found[0][valid], expected[0][valid], rtol=tolerance, atol=tolerance
        )
    else:
        np.testing.assert_array_equal(found[0][valid], expected[0][valid])


# -- chains of operators on pixels -----------------------------------------------------------------


def _divided(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1, b))


BINARY: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": _divided,
    "max": np.maximum,
    "min": np.minimum,
    "lt": np.less,
    "gte": np.greater_equal,
    "eq": np.equal,
    "neq": np.not_equal,
    "And": lambda a, b: (a != 0) & (b != 0),
    "Or": lambda a, b: (a != 0) | (b != 0),
}
UNARY: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "abs": np.abs,
    "floor": np.floor,
    "ceil": np.ceil,
    "signum": np.sign,
    "Not": lambda a: a == 0,
}


def _nodes(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    number = st.sampled_from((-3, 0, 1, 0.25, 40.5))
    return st.one_of(
        st.tuples(st.just("binary"), st.sampled_from(sorted(BINARY)), inner, inner),
        st.tuples(st.just("unary"), st.sampled_from(sorted(UNARY)), inner),
        st.tuples(st.just("updateMask"), inner, inner),
        st.tuples(st.just("selfMask"), inner),
        st.tuples(st.just("mask"), inner),
        st.tuples(st.just("unmask"), inner, number),
        st.tuples(st.just("where"), inner, inner, inner),
    )


LEAVES = st.one_of(
    st.tuples(st.just("band"), st.sampled_from(BANDS)),
    st.tuples(st.just("constant"), st.sampled_from((-2.0, 0.0, 0.5, 1.0, 50.0))),
)
TREES = st.recursive(LEAVES, _nodes, max_leaves=12)


def built(tree: Tree) -> ee.Image:
    """Build a tree with the client."""
    kind, *rest = tree
    if kind == "band":
        return ee.Image("TEST/IMAGE").select([rest[0]], ["x"]).toDouble()
    if kind == "constant":
        return ee.Image(rest[0]).rename("x").toDouble()
    if kind == "binary":
        return getattr(built(rest[1]), rest[0])(built(rest[2])).toDouble()
    if kind == "unary":
        return getattr(built(rest[1]), rest[0])().toDouble()
    if kind == "unmask":
        return built(rest[0]).unmask(rest[1], False).toDouble()
    return getattr(built(rest[0]), kind)(*map(built, rest[1:])).toDouble()


def modelled(tree: Tree, stored: dict[str, Pixels]) -> Pixels:
    """Compute a tree with numpy, by the documented rules on masks."""
    kind, *rest = tree
    if kind == "band":
        return stored[rest[0]]
    shape = (HEIGHT, WIDTH)
    if kind == "constant":
        return np.full(shape, rest[0]), np.ones(shape, np.float32)
    if kind == "binary":
        (a, first), (b, second) = (modelled(part, stored) for part in rest[1:])
        return BINARY[rest[0]](a, b).astype(float), np.minimum(first, second)
    if kind == "unary":
        values, weights = modelled(rest[1], stored)
        return UNARY[rest[0]](values).astype(float), weights
    values, weights = modelled(rest[0], stored)
    if kind == "mask":
        return weights.astype(float), np.ones(shape, np.float32)
    if kind == "unmask":
        holes = weights == 0
        return np.where(holes, rest[1], values), np.where(holes, np.float32(1), weights)
    if kind == "where":
        (test, valid), (new, present) = (modelled(part, stored) for part in rest[1:])
        return np.where((test != 0) & (valid > 0) & (present > 0), new, values), weights
    mask, valid = (values, weights) if kind == "selfMask" else modelled(rest[1], stored)
    part = np.where(valid > 0, np.clip(mask, 0, 1), 0).astype(np.float32)
    return values, np.minimum(weights, part)


@given(tree=TREES)
@examples(300)
def test_values_and_masks_of_any_chain_are_those_of_numpy(laboratory, tree):
    (found,) = laboratory.pixels(built(tree))
    assert_same(found, modelled(tree, laboratory.stored))


# -- types -----------------------------------------------------------------------------------------

TYPES = {
    "toByte": np.uint8,
    "toInt8": np.int8,
    "toUint16": np.uint16,
    "toInt16": np.int16,
    "toUint32": np.uint32,
    "toInt32": np.int32,
    "toInt64": np.int64,
    "toFloat": np.float32,
    "toDouble": np.float64,
}
CASTS = st.sampled_from(sorted(TYPES))
SMALL = st.integers(-(2**40), 2**40)


def _constant(value: int, cast: str) -> ee.Image:
    return getattr(ee.Image.constant(value), cast)()


def _clamped(value: int, cast: str) -> int | float:
    if np.dtype(TYPES[cast]).kind == "f":
        return TYPES[cast](value).item()
    info = np.iinfo(TYPES[cast])
    return min(max(value, int(info.min)), int(info.max))


@given(first=CASTS, second=CASTS, a=SMALL, b=SMALL, operator=st.sampled_from(("max", "min")))
@examples(100)
def test_the_type_that_holds_both_operands_is_numpys(laboratory, first, second, a, b, operator):
    image = getattr(_constant(a, first), operator)(_constant(b, second))
    assert laboratory.image(image).bands[0].type.dtype == np.result_type(
        TYPES[first], TYPES[second]
    )
    ((values, _),) = laboratory.pixels(image)
    expected = {"max": max, "min": min}[operator](_clamped(a, first), _clamped(b, second))
    assert values[0, 0] == expected


WHOLE = st.sampled_from([name for name, kind in TYPES.items() if np.dtype(kind).kind != "f"])


@given(
    first=WHOLE,
    second=WHOLE,
    a=st.integers(-(2**33), 2**33),
    b=st.integers(-(2**29), 2**29),
    operator=st.sampled_from(("add", "subtract", "multiply")),
)
@examples(100)
def test_whole_numbers_never_wrap(laboratory, first, second, a, b, operator):
    image = getattr(_constant(a, first), operator)(_constant(b, second))
    band = laboratory.image(image).bands[0]
    x, y = _clamped(a, first), _clamped(b, second)
    expected = {"add": x + y, "subtract": x - y, "multiply": x * y}[operator]
    ((values, _),) = laboratory.pixels(image)
    assert int(values[0, 0]) == expected
    assert band.type.minimum <= expected <= band.type.maximum


# -- reducers over stacks --------------------------------------------------------------------------


def _masked(function: Callable[..., Any]) -> Callable[[np.ma.MaskedArray], Any]:
    return lambda stack: function(stack, axis=0)


def _of_gappy(function: Callable[..., Any]) -> Callable[[np.ma.MaskedArray], Any]:
    """Let a nan-function see masked values as nan; pixels without any stay nan."""

    def reduced(stack: np.ma.MaskedArray) -> np.ndarray:
        filled = stack.filled(np.nan)
        empty = np.isnan(filled).all(axis=0)
        return np.where(empty, 0, function(np.where(empty, 0, filled)))

    return reduced


REDUCERS: dict[str, tuple[Callable[[], ee.Reducer], Callable[[np.ma.MaskedArray], Any]]] = {
    "sum": (ee.Reducer.sum, _masked(np.ma.sum)),
    "mean": (ee.Reducer.mean, _masked(np.ma.mean)),
    "product": (ee.Reducer.product, _masked(np.ma.prod)),
    "count": (ee.Reducer.count, _masked(np.ma.count)),
    "min": (ee.Reducer.min, _masked(np.ma.min)),
    "max": (ee.Reducer.max, _masked(np.ma.max)),
    "variance": (ee.Reducer.variance, _masked(np.ma.var)),
    "stdDev": (ee.Reducer.stdDev, _masked(np.ma.std)),
    "median": (ee.Reducer.median, _of_gappy(functools.partial(np.nanmedian, axis=0))),
    "percentile": (
        lambda: ee.Reducer.percentile([30]),
        _of_gappy(lambda stack: np.nanpercentile(stack, 30, axis=0)),
    ),
    "anyNonZero": (ee.Reducer.anyNonZero, _masked(lambda s, axis: (s.filled(0) != 0).any(axis))),
    "allNonZero": (ee.Reducer.allNonZero, _masked(lambda s, axis: (s.filled(1) != 0).all(axis))),
    "last": (
        ee.Reducer.last,
        lambda stack: functools.reduce(lambda old, new: np.where(new.mask, old, new.data), stack),
    ),
}
SIMPLE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("binary"), st.sampled_from(("add", "lt", "max")), inner, inner),
        st.tuples(st.just("updateMask"), inner, st.tuples(st.just("unary"), st.just("Not"), inner)),
    ),
    max_leaves=3,
)


@given(trees=st.lists(SIMPLE, min_size=1, max_size=7), name=st.sampled_from(sorted(REDUCERS)))
@examples(200)
def test_reducers_over_stacks_with_gaps_are_those_of_numpy(laboratory, trees, name):
    reducer, model = REDUCERS[name]
    (found,) = laboratory.pixels(
        ee.ImageCollection([built(tree) for tree in trees]).reduce(reducer())
    )
    layers = [modelled(tree, laboratory.stored) for tree in trees]
    stack = np.ma.array(
        [values for values, _ in layers], mask=[weights == 0 for _, weights in layers]
    )
    valid = ~np.ma.getmaskarray(stack).all(axis=0)
    expected = np.ma.filled(model(stack), 0).astype(float)
    assert_same(found, (expected, valid.astype(np.float32)), tolerance=1e-12)


# -- kernels ---------------------------------------------------------------------------------------


@st.composite
def kernels(draw: st.DrawFn, weights: st.SearchStrategy[int]) -> tuple[np.ndarray, int, int]:
    """Draw a kernel of up to 5 by 5 cells with its centre anywhere in it."""
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = draw(st.lists(weights, min_size=height * width, max_size=height * width))
    assume(any(cells))
    return (
        np.reshape(np.array(cells, float), (height, width)),
        draw(st.integers(0, width - 1)),
        draw(st.integers(0, height - 1)),
    )


def _as_kernel(kernel: tuple[np.ndarray, int, int]) -> ee.Kernel:
    cells, x, y = kernel
    return ee.Kernel.fixed(cells.shape[1], cells.shape[0], cells.tolist(), x, y)


def _windows(values: np.ndarray, kernel: tuple[np.ndarray, int, int]) -> np.ndarray:
    """Return the window of each pixel; shape (rows, columns, kernel rows, kernel columns)."""
    cells, x, y = kernel
    height, width = cells.shape
    padded = np.pad(values, ((y, height - 1 - y), (x, width - 1 - x)))
    return sliding_window_view(padded, cells.shape)


def _inside(laboratory: Laboratory) -> Grid:
    """Return the window whose neighbours are all known to the model."""
    grid = laboratory.grid
    return grid.window(grid.x + REACH, grid.y + REACH, WIDTH - 2 * REACH, HEIGHT - 2 * REACH)


INSIDE = np.s_[REACH : HEIGHT - REACH, REACH : WIDTH - REACH]


@given(kernel=kernels(st.integers(-3, 3)), band=st.sampled_from(BANDS))
@examples(100)
def test_convolution_takes_gaps_and_what_is_beyond_the_border_as_zero(laboratory, kernel, band):
    image = built(("band", band))
    (found,) = laboratory.pixels(image.convolve(_as_kernel(kernel)), _inside(laboratory))
    values, weights = laboratory.stored[band]
    expected = (_windows(np.where(weights > 0, values, 0), kernel) * kernel[0]).sum(axis=(2, 3))
    assert_same(found, (expected[INSIDE], weights[INSIDE]), tolerance=1e-11)


WINDOW_REDUCERS = ("mean", "sum", "count", "min", "max", "median", "variance", "stdDev")


@given(
    kernel=kernels(st.integers(0, 1)),
    tree=SIMPLE,
    name=st.sampled_from(WINDOW_REDUCERS),
    skip=st.booleans(),
)
@examples(200)
def test_window_reductions_leave_out_gaps_and_what_is_beyond_the_border(
    laboratory, kernel, tree, name, skip
):
    reducer, model = REDUCERS[name]
    image = built(tree).reduceNeighborhood(reducer(), _as_kernel(kernel), skipMasked=skip)
    (found,) = laboratory.pixels(image, _inside(laboratory))
    values, weights = modelled(tree, laboratory.stored)
    windows, present = (_windows(array, kernel)[INSIDE] for array in (values, weights > 0))
    cells = kernel[0] > 0
    stack = np.ma.array(
        np.moveaxis(windows[..., cells], -1, 0), mask=~np.moveaxis(present[..., cells], -1, 0)
    )
    valid = ~np.ma.getmaskarray(stack).all(axis=0)
    if skip:
        valid &= weights[INSIDE] > 0
    expected = np.ma.filled(model(stack), 0).astype(float)
    assert_same(found, (expected, valid.astype(np.float32)), tolerance=1e-11)


# -- tilings and encodings -------------------------------------------------------------------------

SPATIAL: dict[str, Callable[[ee.Image], ee.Image]] = {
    "focal mean": lambda x: x.focalMean(2.5, "circle", "pixels"),
    "gaussian": lambda x: x.convolve(ee.Kernel.gaussian(2, 1)),
    "stdDev in metres": lambda x: x.reduceNeighborhood(
        ee.Reducer.stdDev(), ee.Kernel.square(25, "meters")
    ),
    "median in a window": lambda x: x.reduceNeighborhood(ee.Reducer.median(), ee.Kernel.plus(1)),
    "pinned to 30 m": lambda x: x.reproject("EPSG:32646", None, 30),
    "pinned to degrees": lambda x: x.reproject("EPSG:4326", None, 17),
    "bilinear": lambda x: x.reproject("EPSG:4326", None, 13).resample("bilinear"),
    "bicubic": lambda x: x.reproject("EPSG:32645", None, 25).resample("bicubic"),
    "aggregated": lambda x: x.reproject("EPSG:32646", None, 4).reduceResolution(
        ee.Reducer.mean(), False, 1024
    ),
    "clipped": lambda x: x.clip(
        ee.Geometry.Polygon(
            [[500020, 3599980], [500170, 3599940], [500060, 3599860]], "EPSG:32646", False
        )
    ),
    "aggregated from a coarser level": lambda x: x.reproject("EPSG:4326", None, 3).reduceResolution(
        ee.Reducer.mean(), True, 4
    ),
    "crossed by a line": lambda x: x.paint(
        ee.Geometry.LineString(
            [[500010, 3599990], [500150, 3599900], [500040, 3599870]], "EPSG:32646", False
        ),
        3,
    ),
    "texture": lambda x: x.multiply(3).toInt32().glcmTexture(1).select([1]),
    "noise": lambda x: x.add(ee.Image.random(3)),
    "median of three": lambda x: ee.ImageCollection(
        [x, x.multiply(2), ee.Image("TEST/SERIES/day2").select(["gappy"], ["x"]).toDouble()]
    ).median(),
}


def _spatial(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.tuples(st.just("spatial"), st.sampled_from(sorted(SPATIAL)), inner),
        st.tuples(st.just("binary"), st.sampled_from(("add", "divide", "gte")), inner, inner),
        st.tuples(st.just("updateMask"), inner, inner),
    )


CHAINS = _spatial(st.recursive(LEAVES, _spatial, max_leaves=5))


def chained(tree: Tree) -> ee.Image:
    """Build a tree that may hold operators on more than one pixel."""
    if tree[0] == "spatial":
        return SPATIAL[tree[1]](chained(tree[2])).rename("x").toDouble()
    if tree[0] == "binary":
        return getattr(chained(tree[2]), tree[1])(chained(tree[3])).toDouble()
    if tree[0] == "updateMask":
        return chained(tree[1]).updateMask(chained(tree[2]))
    return built(tree)


CUTS = st.lists(st.integers(1, HEIGHT - 1), max_size=4, unique=True).map(sorted)


@given(tree=CHAINS, rows=CUTS, columns=CUTS)
@examples(200)
def test_any_tiling_gives_the_same_bits(laboratory, tree, rows, columns):
    image = laboratory.image(chained(tree))
    plan = Plan([image.bands[0].source])
    grid = laboratory.grid

    def computed(part: Grid) -> Pixels:
        (tile,) = plan.run(part)
        weights = tile.weights(part.shape)
        return np.where(weights > 0, tile.filled(part.shape), 0), weights

    values, weights = computed(grid)
    for top, bottom in zip([0, *rows], [*rows, HEIGHT]):
        for left, right in zip([0, *columns], [*columns, WIDTH]):
            part = grid.window(grid.x + left, grid.y + top, right - left, bottom - top)
            found, mask = computed(part)
            index = np.s_[top:bottom, left:right]
            assert found.tobytes() == values[index].tobytes()
            assert mask.tobytes() == weights[index].tobytes()


@given(tree=CHAINS)
@examples(50)
def test_a_graph_survives_the_clients_encoding(laboratory, tree):
    mapped = ee.ImageCollection("TEST/SERIES").map(
        lambda image: chained(tree).add(image.select("value")).copyProperties(image)
    )
    for item in (chained(tree), ee.Image(mapped.mean())):
        sent = ee.serializer.toJSON(item, for_cloud_api=True)
        decoded = ee.deserializer.fromJSON(sent)
        again = ee.serializer.toJSON(decoded, for_cloud_api=True)
        assert json.loads(again) == json.loads(sent)
        assert_same(laboratory.pixels(decoded)[0], laboratory.pixels(item)[0])
