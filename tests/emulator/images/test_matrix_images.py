"""Linear algebra in pixels, against numpy matrix by matrix."""

from __future__ import annotations

import ee
import numpy as np
import pytest
from affine import Affine

LABELS = [["r0", "r1"], ["c0", "c1"]]


@pytest.fixture
def image():
    """2x2 matrices from four bands, singular where the class is 0."""
    bands = ee.Image("TEST/IMAGE").toDouble().unmask(1)
    last = bands.select("classes")
    return bands.select(["value", "count", "gappy"]).addBands(last).toArray().arrayReshape(
        ee.Image([2, 2]).toArray(), 2
    )  # fmt: skip


@pytest.fixture
def matrices(rasters):
    gappy = np.where(np.isnan(rasters["gappy"]), 1, rasters["gappy"])
    cube = [rasters["value"], rasters["count"], gappy, rasters["classes"]]
    return np.stack([band.astype(float) for band in cube], -1).reshape(120, 150, 2, 2)


def as_matrices(found):
    names = [f"{row}_{column}" for row in LABELS[0] for column in LABELS[1]]
    return np.stack([found[name].data for name in names], -1).reshape(120, 150, 2, 2)


def test_inverse_of_each_pixel(pull, image, matrices):
    found = pull(image.matrixInverse().arrayFlatten(LABELS))
    singular = np.linalg.det(matrices) == 0
    assert (np.ma.getmaskarray(found["r0_c0"]) == singular).all()
    np.testing.assert_array_equal(as_matrices(found)[~singular], np.linalg.inv(matrices[~singular]))


def test_solutions_satisfy_the_equations(pull, image, matrices):
    right = ee.Image([1, 2]).toArray().toArray(1)
    solution = image.matrixSolve(right)
    back = pull(image.matrixMultiply(solution).arrayProject([0]).arrayFlatten([["a", "b"]]))
    well = np.linalg.cond(matrices) < 1e6
    np.testing.assert_allclose(back["a"].data[well], 1, rtol=1e-8)
    np.testing.assert_allclose(back["b"].data[well], 2, rtol=1e-8)


def test_overdetermined_systems_are_solved_as_numpy_does(pull, rasters):
    image = ee.Image("TEST/IMAGE").select(["value", "count"]).toDouble()
    left = ee.Image(1).addBands(ee.Image(1)).addBands(ee.Image(1)).toArray().toArray(1).arrayCat(
        image.addBands(image.select(0).pow(2).toDouble()).toArray().toArray(1), 1
    )  # fmt: skip
    right = ee.Image([3, 1, 2]).toArray().toArray(1)
    found = pull(left.matrixSolve(right).arrayProject([0]).arrayFlatten([["a", "b"]]))
    for row, column in [(0, 0), (17, 99), (119, 149)]:
        value, count = float(rasters["value"][row, column]), float(rasters["count"][row, column])
        x = np.array([[1, value], [1, count], [1, np.float32(value**2)]])
        expected = np.linalg.lstsq(x, np.array([3.0, 1, 2]), rcond=None)[0]
        got = [found["a"][row, column], found["b"][row, column]]
        np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("method", "oracle"),
    [
        ("matrixDeterminant", np.linalg.det),
        ("matrixTrace", lambda m: np.trace(m, axis1=2, axis2=3)),
        ("matrixFnorm", lambda m: np.linalg.norm(m, axis=(2, 3))),
    ],
)
def test_numbers_of_matrices(pull, image, matrices, method, oracle):
    (found,) = pull(getattr(image, method)()).values()
    np.testing.assert_allclose(found.data, oracle(matrices), rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "product"),
    [
        ("matrixLUDecomposition", lambda f: f["P"].transpose(0, 1, 3, 2) @ f["L"] @ f["U"]),
        ("matrixQRDecomposition", lambda f: f["Q"] @ f["R"]),
        (
            "matrixSingularValueDecomposition",
            lambda f: f["U"] @ f["S"] @ f["V"].transpose(0, 1, 3, 2),
        ),
    ],
)
def test_factors_multiply_to_the_matrix(pull, image, matrices, method, product):
    factors = getattr(image, method)()
    names = factors.bandNames().getInfo()
    parts = {n: as_matrices(pull(factors.select(n).arrayFlatten(LABELS))) for n in names}
    np.testing.assert_allclose(product(parts), matrices, rtol=1e-9, atol=1e-9)


def test_cholesky_of_what_is_positive_definite(pull, image, matrices):
    square = image.matrixTranspose().matrixMultiply(image)
    found = pull(square.matrixCholeskyDecomposition().arrayFlatten(LABELS))
    positive = np.linalg.cond(matrices) < 1e6
    lower = as_matrices(found)[positive]
    expected = (matrices.transpose(0, 1, 3, 2) @ matrices)[positive]
    np.testing.assert_allclose(lower @ lower.transpose(0, 2, 1), expected, rtol=1e-9)
    plain = pull(image.matrixCholeskyDecomposition().arrayFlatten(LABELS))
    symmetric = matrices[..., 0, 1] == matrices[..., 1, 0]
    definite = symmetric & (matrices[..., 0, 0] > 0) & (np.linalg.det(matrices) > 0)
    assert 0 < definite.sum() < symmetric.size
    assert (np.ma.getmaskarray(plain["r0_c0"]) == ~definite).all()


def test_diagonals_and_identity(at_point):
    matrix = ee.Image(ee.Array([[1, 2], [3, 4]]))
    assert at_point(matrix.matrixDiagonal()) == {"constant": [[1.0], [4.0]]}
    assert at_point(ee.Image(ee.Array([[1], [4]])).matrixToDiag()) == {
        "constant": [[1.0, 0.0], [0.0, 4.0]]
    }
    assert at_point(ee.Image.matrixIdentity(2)) == {"constant": [[1, 0], [0, 1]]}
    pseudo = matrix.matrixPseudoInverse()
    np.testing.assert_allclose(at_point(pseudo)["constant"], np.linalg.pinv([[1, 2], [3, 4]]))


def test_any_window_gives_the_same_pixels(pull, image):
    computed = image.matrixInverse().matrixMultiply(image.arraySort(
        ee.Image([2, 1]).toArray().toArray(1))).arrayFlatten(LABELS)  # fmt: skip
    whole = pull(computed)
    transform = Affine(10, 0, 500_000 + 10 * 31, 0, -10, 3_600_000 - 10 * 17)
    part = pull(computed, (40, 53), transform)
    for name in whole:
        np.testing.assert_array_equal(whole[name].data[17:57, 31:84], part[name].data)
        np.testing.assert_array_equal(
            np.ma.getmaskarray(whole[name])[17:57, 31:84], np.ma.getmaskarray(part[name])
        )
