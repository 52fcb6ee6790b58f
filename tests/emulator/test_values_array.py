"""Arrays, matrices, confusion matrices, pixel types and projections."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics

from gee_sm.emulator.elementwise import BINARY, UNARY
from gee_sm.emulator.functions import array_matrix
from gee_sm.emulator.functions.array import construct
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.confusion_matrix import error_matrix
from gee_sm.emulator.values.pixel_type import DOUBLE

A2X3 = "ee.Array([[0, 1, 2], [3, 4, 5]])"

# What the reference describes in words; what it prints is in gee_sm.emulator.documented.
DESCRIBED = [
    ("ee.Array([0] * 6).pow([-2, -1, 0, 1, 2, 3])", ["Infinity", "Infinity", 1, 0, 0, 0]),
    (f"{A2X3}.reduce(ee.Reducer.sum(), [0])", [[3, 5, 7]]),
    (f"{A2X3}.length()", [2, 3]),
    ("ee.Array([[1], [2]]).project([0])", [1, 2]),
    ("ee.Array([1, 2]).repeat(1, 2)", [[1, 1], [2, 2]]),
    ("ee.Array([1, 2]).repeat(0, 2)", [1, 2, 1, 2]),
    ("ee.Array([3, 1, 2]).sort()", [1, 2, 3]),
    ("ee.Array([[1, 2, 3], [4, 5, 6]]).sort([[3, 1, 2]])", [[2, 3, 1], [5, 6, 4]]),
    (f"{A2X3}.transpose()", [[0, 3], [1, 4], [2, 5]]),
    (f"{A2X3}.reshape([3, -1])", [[0, 1], [2, 3], [4, 5]]),
    ("ee.Array([1, 2]).pad([4], 9)", [1, 2, 9, 9]),
    ("ee.Array.identity(2)", [[1, 0], [0, 1]]),
    ("ee.Array([1, 2, 3]).dotProduct([4, 5, 6])", 32),
    ("ee.Array([200]).toUint8().add(ee.Array([100]).toUint8())", [300]),
    ("ee.Feature(None, {'a': 1, 'b': 2.5}).toArray(['b', 'a'])", [2.5, 1]),
]  # fmt: skip


def agrees(found, expected):
    if expected is None or isinstance(expected, str) or "Infinity" in str(expected):
        return found == expected
    same_shape = np.shape(found) == np.shape(expected)
    return same_shape and np.asarray(found) == pytest.approx(np.asarray(expected), rel=1e-15)


@pytest.mark.parametrize(("text", "expected"), DESCRIBED)
def test_described_outputs(run, earth_engine, text, expected):
    assert agrees(run(eval(text, {"ee": ee})), expected)


# The printed vectors that ours differ from by their direction.
EIGEN = [
    ([[1, 1], [0, 0]], [[1, 1, 0], [0, -(0.5**0.5), 0.5**0.5]]),
    ([[0, 0], [1, 1]], [[1, 0, -1], [0, -(0.5**0.5), 0.5**0.5]]),
]


@pytest.mark.parametrize(("matrix", "expected"), EIGEN)
def test_printed_eigenvectors_up_to_their_sign(run, earth_engine, matrix, expected):
    for row, wanted in zip(run(ee.Array(matrix).eigen()), expected):
        assert row[0] == pytest.approx(wanted[0], abs=1e-12)
        assert abs(np.dot(row[1:], wanted[1:])) == pytest.approx(1)


matrices = arrays.arrays(np.float64, (3, 3), elements=st.floats(-10, 10).map(lambda v: round(v, 3)))


@given(matrices)
def test_decompositions_give_the_matrix_back(values):
    array = Array(values, DOUBLE)
    lu = {k: v.values for k, v in array_matrix.lower_upper(array).items()}
    assert lu["P"] @ values == pytest.approx(lu["L"] @ lu["U"], abs=1e-9)
    assert np.diag(lu["L"]) == pytest.approx(1)
    qr = {k: v.values for k, v in array_matrix.orthogonal_upper(array).items()}
    assert qr["Q"] @ qr["R"] == pytest.approx(values, abs=1e-9)
    svd = {k: v.values for k, v in array_matrix.singular_values(array).items()}
    assert svd["U"] @ svd["S"] @ svd["V"].T == pytest.approx(values, abs=1e-9)
    positive = Array(values @ values.T + np.eye(3), DOUBLE)
    lower = array_matrix.cholesky(positive)["L"].values
    assert lower @ lower.T == pytest.approx(positive.values, abs=1e-8)
    inverse = array_matrix.inverse(positive).values
    assert inverse @ positive.values == pytest.approx(np.eye(3), abs=1e-5)


def test_least_squares_and_products(run, earth_engine):
    x = np.linspace(0, 1, 9)
    design = np.stack([np.ones(9), x], axis=1)
    y = (3 + 2 * x)[:, None]
    found = run(ee.Array(design.tolist()).matrixSolve(y.tolist()))
    assert np.array(found) == pytest.approx(np.array([[3], [2]]))
    assert run(ee.Array([[1, 2], [3, 4]]).matrixMultiply([[1], [1]])) == [[3], [7]]
    assert run(ee.Array([[1, 2], [3, 4]]).matrixDeterminant()) == pytest.approx(-2)
    assert run(ee.Array([[1, 2], [3, 4]]).matrixTrace()) == 5
    assert run(ee.Array([[3, 4]]).matrixFnorm()) == 5
    assert run(ee.Array([[1, 2], [3, 4]]).matrixDiagonal()) == [[1], [4]]
    assert run(ee.Array([[1], [4]]).matrixToDiag()) == [[1, 0], [0, 4]]
    pseudo = np.array(run(ee.Array([[1, 2], [2, 4]]).matrixPseudoInverse()))
    assert pseudo == pytest.approx(np.linalg.pinv([[1, 2], [2, 4]]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ee.Array([])", "No numbers in 'values', must provide a type."),
        ("ee.Array([[1, 2], [3]])", "must be the same for all inner arrays"),
        ("ee.Array([1, 2]).add([1, 2, 3])", "must have the same lengths"),
        ("ee.Array([1]).get([3])", "outside of an array"),
        ("ee.Array([[1, 2]]).matrixInverse()", "must be square"),
        ("ee.Array([[1, 2], [2, 4]]).matrixInverse()", "singular"),
        ("ee.Array([[0, -1], [1, 0]]).eigen()", "complex eigenvalues"),
        ("ee.Array([[1, 2]]).project([0])", "cannot be dropped"),
        ("ee.Array(['a'])", "Invalid type"),
        ("ee.Array([1, 2]).slice(3)", "Axis 3 does not exist"),
        ("ee.Array([[1, 2]]).reduce(ee.Reducer.minMax(), [1])", "field axis is required"),
    ],
)
def test_bad_input_is_named(message, earth_engine, text, said):
    assert said in message(eval(text, {"ee": ee}))


small = st.lists(st.integers(-50, 50), min_size=1, max_size=5)


@given(small, st.sampled_from(sorted(BINARY)), st.integers(-5, 5))
def test_arrays_and_numbers_agree(values, name, other):
    """An array does to each element what the number does, but for powers in 32 bits."""
    functions = implementations()
    found = functions[f"Array.{name}"].function(construct(values, None), construct(other, None))
    single = [functions[f"Number.{name}"].function(value, other) for value in values]
    assert found.values.tolist() == pytest.approx(single, rel=1e-6, nan_ok=True)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5), st.sampled_from(sorted(UNARY)))
def test_unary_functions_agree(values, name):
    functions = implementations()
    found = functions[f"Array.{name}"].function(Array(np.array(values), DOUBLE))
    single = [functions[f"Number.{name}"].function(value) for value in values]
    assert found.values.tolist() == pytest.approx(single, nan_ok=True)


@given(
    arrays.arrays(
        np.int64, st.tuples(st.integers(1, 3), st.integers(1, 4)), elements=st.integers(-100, 100)
    ),
    st.integers(0, 1),
)
def test_shapes_as_numpy_has_them(values, axis):
    functions = implementations()
    array = Array(values)
    assert (functions["Array.transpose"].function(array, 0, 1).values == values.T).all()
    assert (
        functions["Array.accum"].function(array, axis, None).values == np.cumsum(values, axis)
    ).all()
    doubled = functions["Array.repeat"].function(array, axis, 2).values
    assert (doubled == np.concatenate([values, values], axis)).all()
    assert functions["Array.length"].function(array).values.tolist() == list(values.shape)


# -- confusion matrices --------------------------------------------------------------------------

MATRIX = [
    [32, 0, 0, 0, 1, 0],
    [0, 5, 0, 0, 1, 0],
    [0, 0, 1, 3, 0, 0],
    [0, 1, 4, 26, 8, 0],
    [0, 0, 0, 7, 15, 0],
    [0, 0, 0, 1, 0, 5],
]


@pytest.fixture
def labels():
    counts = np.array(MATRIX)
    actual, predicted = np.nonzero(counts)
    times = counts[actual, predicted]
    return np.repeat(actual, times), np.repeat(predicted, times)


def test_the_reference_s_matrix_against_scikit_learn(run, earth_engine, labels):
    matrix = ee.ConfusionMatrix(ee.Array(MATRIX))
    actual, predicted = labels
    assert run(matrix) == MATRIX
    assert run(matrix.accuracy()) == pytest.approx(metrics.accuracy_score(actual, predicted))
    assert run(matrix.kappa()) == pytest.approx(metrics.cohen_kappa_score(actual, predicted))
    producers = np.array(run(matrix.producersAccuracy()))
    consumers = np.array(run(matrix.consumersAccuracy()))
    assert producers.shape == (6, 1)
    assert consumers.shape == (1, 6)
    assert producers[:, 0] == pytest.approx(metrics.recall_score(actual, predicted, average=None))
    assert consumers[0] == pytest.approx(metrics.precision_score(actual, predicted, average=None))
    for beta in (1, 2):
        assert run(matrix.fscore(beta)) == pytest.approx(
            metrics.fbeta_score(actual, predicted, beta=beta, average=None)
        )
    assert run(matrix.order()) == [0, 1, 2, 3, 4, 5]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_counts_against_scikit_learn(pairs):
    actual, predicted = zip(*pairs)
    top = max(actual + predicted)
    found = error_matrix(pairs).counts
    if top:  # scikit-learn warns about a single class
        expected = metrics.confusion_matrix(actual, predicted, labels=range(top + 1))
        assert (found == expected).all()
    assert found.sum() == len(pairs)
    order = [4, 0, 2]
    kept = [pair for pair in pairs if pair[0] in order and pair[1] in order]
    ordered = error_matrix(pairs, order).counts
    assert ordered.sum() == len(kept)


def test_classes_that_never_occur_score_zero(run, earth_engine):
    matrix = ee.ConfusionMatrix(ee.Array([[0, 0], [0, 3]]))
    assert run(matrix.producersAccuracy()) == [[0], [1]]
    assert run(matrix.kappa()) == 0


# -- pixel types and projections -----------------------------------------------------------------


def test_pixel_types(run, message, earth_engine):
    assert run(ee.PixelType.int8()) == {
        "type": "PixelType", "precision": "int", "min": -128, "max": 127,
    }  # fmt: skip
    assert run(ee.PixelType("int", 0, 100, 2))["dimensions"] == 2
    assert run(ee.PixelType.float().minValue()) == "-Infinity"
    assert run(ee.PixelType.uint16().maxValue()) == 65535
    assert run(ee.PixelType("double").precision()) == "double"
    assert run(ee.PixelType("double").dimensions()) == 0
    assert "Unknown precision 'half'" in message(ee.PixelType("half"))
    assert "must not be larger" in message(ee.PixelType("int", 5, 1))


def test_projections(run, message, earth_engine):
    utm = ee.Projection("EPSG:32632")
    assert run(utm) == {
        "type": "Projection", "crs": "EPSG:32632", "transform": [1, 0, 0, 0, 1, 0],
    }  # fmt: skip
    assert run(utm.nominalScale()) == 1
    assert run(utm.atScale(30).nominalScale()) == 30
    assert run(ee.Projection("EPSG:4326").nominalScale()) == pytest.approx(111319.49079327357)
    assert run(ee.Projection("EPSG:4326").atScale(100).nominalScale()) == pytest.approx(100)
    moved = ee.Projection("EPSG:32632", [10, 0, 500, 0, -10, 900]).translate(2, 3).scale(2, 2)
    assert run(moved)["transform"] == [20, 0, 520, 0, -20, 870]
    assert run(utm.crs()) == "EPSG:32632"
    assert "PROJCS[" in run(utm.wkt())
    assert run(ee.Projection(utm.wkt()).crs()) == "EPSG:32632"
    text = ee.Projection("EPSG:32632", [10, 0, 500, 0, -10, 900]).transform()
    again = ee.Projection("EPSG:32632", None, text)
    assert run(again)["transform"] == [10, 0, 500, 0, -10, 900]
    assert "could not be parsed: 'EPSG:1'" in message(ee.Projection("EPSG:1"))
    assert "six numbers" in message(ee.Projection("EPSG:4326", [1, 2]))
