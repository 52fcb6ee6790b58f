"""Image.matrix*: linear algebra in each pixel of images of 2-D arrays.

All results are double. A pixel whose matrix has no result, such as the inverse of a singular one,
is masked: its neighbours may well have one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.linalg

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_arrays import array_band, changed
from gee_sm.emulator.functions.image_math import pairs
from gee_sm.emulator.pixels.array_pixels import over_arrays
from gee_sm.emulator.pixels.grid import DEFAULT
from gee_sm.emulator.pixels.source import Constant, Pick, Shared
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE, INT32
from gee_sm.emulator.values.reducer import total

_MATRIX = replace(DOUBLE, dimensions=2)
Checked = tuple[np.ndarray, np.ndarray]


def _matrix(data: np.ndarray, *, square: bool = False) -> np.ndarray:
    """Return the matrices in double precision, each contiguous whatever the tile.

    Raises
    ------
    EarthEngineError
        If they are not two-dimensional, or not square where they must be.
    """
    if data.ndim != 4:
        raise EarthEngineError(f"The arrays must be 2D, got {data.ndim - 2} dimensions.")
    if square and data.shape[2] != data.shape[3]:
        raise EarthEngineError(f"The arrays must be square, got lengths {list(data.shape[2:])}.")
    return np.ascontiguousarray(data, np.float64)


def _one(name: str, function: Callable[[np.ndarray], Any], *, scalar: bool = False) -> None:
    """Register a function of one matrix in each band."""

    def operator(value: Image) -> Image:
        result = DOUBLE if scalar else _MATRIX
        return changed(value, lambda band: array_band(band, result, function))

    operator.__doc__ = function.__doc__
    implements(f"Image.{name}")(operator)


def _two(name: str, function: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    """Register a function of the matrices of two images, bands matched by position."""

    def operator(image1: Image, image2: Image) -> Image:
        bands = [
            array_band(left, _MATRIX, function, (right,), name=band_name)
            for left, right, band_name in pairs(f"Image.{name}", image1, image2)
        ]
        return replace(image1.with_bands(bands), id=None, version=None)

    operator.__doc__ = function.__doc__
    implements(f"Image.{name}")(operator)


def _safe(matrices: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Put the identity in the place of matrices that would stop the others' computation."""
    if valid.all():
        return matrices
    return np.where(
        valid[..., None, None], matrices, np.eye(matrices.shape[-2], matrices.shape[-1])
    )


def _multiply(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the matrix product."""
    first, second = _matrix(left), _matrix(right)
    if first.shape[3] != second.shape[2]:
        raise EarthEngineError(
            f"Matrices of lengths {list(first.shape[2:])} and {list(second.shape[2:])} "
            "cannot be multiplied."
        )
    return first @ second


def _solve(left: np.ndarray, right: np.ndarray) -> Checked:
    """Solve A x = B, in the least-squares sense if there are more rows than columns."""
    first, second = _matrix(left), _matrix(right)
    if first.shape[2] != second.shape[2]:
        raise EarthEngineError(
            f"A has {first.shape[2]} rows, B {second.shape[2]}; they must be equal."
        )
    columns = first.shape[3]
    if first.shape[2] < columns:
        raise EarthEngineError(
            f"A has fewer rows than columns ({first.shape[2]} and {columns}): there is no one "
            "solution."
        )
    finite = np.isfinite(first).all(axis=(2, 3)) & np.isfinite(second).all(axis=(2, 3))
    first = _safe(first, finite)
    valid = finite & (np.linalg.matrix_rank(first) == columns)
    orthogonal, upper = np.linalg.qr(_safe(first, valid))
    image = np.ascontiguousarray(np.swapaxes(orthogonal, 2, 3)) @ second
    return np.linalg.solve(upper, image), valid


def _inverse(data: np.ndarray) -> Checked:
    """Return the inverse; masked where there is none."""
    values = _matrix(data, square=True)
    valid = (np.linalg.slogdet(values)[0] != 0) & np.isfinite(values).all(axis=(2, 3))
    return np.linalg.inv(_safe(values, valid)), valid


def _pseudo_inverse(data: np.ndarray) -> Checked:
    """Return the Moore-Penrose pseudoinverse."""
    values = _matrix(data)
    valid = np.isfinite(values).all(axis=(2, 3))
    return np.linalg.pinv(_safe(values, valid)), valid


def _determinant(data: np.ndarray) -> np.ndarray:
    """Return the determinant."""
    return np.linalg.det(_matrix(data, square=True))


def _trace(data: np.ndarray) -> np.ndarray:
    """Return the sum of the diagonal."""
    return total(np.moveaxis(np.diagonal(_matrix(data, square=True), axis1=2, axis2=3), -1, 0))


def _frobenius_norm(data: np.ndarray) -> np.ndarray:
    """Return the root of the sum of squares."""
    values = _matrix(data)
    flat = values.reshape(*values.shape[:2], values.shape[2] * values.shape[3])
    return np.sqrt(total(np.moveaxis(flat * flat, -1, 0)))


def _diagonal(data: np.ndarray) -> np.ndarray:
    """Return the diagonal as a column."""
    return np.diagonal(_matrix(data), axis1=2, axis2=3)[..., None]


def _to_diagonal(data: np.ndarray) -> np.ndarray:
    """Return the square matrix with a column as its diagonal."""
    values = _matrix(data)
    if values.shape[3] != 1:
        raise EarthEngineError(
            f"Expected matrices of one column, got lengths {list(values.shape[2:])}."
        )
    return values * np.eye(values.shape[2])


_two("matrixMultiply", _multiply)
_two("matrixSolve", _solve)
_one("matrixInverse", _inverse)
_one("matrixPseudoInverse", _pseudo_inverse)
_one("matrixDeterminant", _determinant, scalar=True)
_one("matrixTrace", _trace, scalar=True)
_one("matrixFnorm", _frobenius_norm, scalar=True)
_one("matrixDiagonal", _diagonal)
_one("matrixToDiag", _to_diagonal)


@implements("Image.matrixIdentity")
def identity(size: int) -> Image:
    """Return an image of identity matrices."""
    if size < 1:
        raise EarthEngineError(f"The size must be positive, got {size}.")
    source = Constant(np.eye(size, dtype=np.int32)[None, None])
    return Image((Band("constant", replace(INT32, dimensions=2), DEFAULT, source),))


# -- decompositions: one band for each factor -----------------------------------------------------


def _decomposition(
    name: str, factors: tuple[str, ...], function: Callable[[np.ndarray], Any]
) -> None:
    def operator(image: Image) -> Image:
        if len(image.bands) != 1:
            raise EarthEngineError(f"Expected an image of one band, got {len(image.bands)}.")
        (band,) = image.bands

        def compute(grid: Any, tiles: list[Tile]) -> tuple[Tile, ...]:
            return tuple(
                over_arrays(lambda data, i=i: _factor(function(data), i), tiles, DOUBLE.dtype)
                for i in range(len(factors))
            )

        shared = Shared(compute, (band.source,))
        bands = [
            Band(factor, _MATRIX, band.projection, Pick(shared, index))
            for index, factor in enumerate(factors)
        ]
        return replace(image.with_bands(bands), id=None, version=None)

    operator.__doc__ = function.__doc__
    implements(f"Image.{name}")(operator)


def _factor(found: Any, index: int) -> Checked:
    parts, valid = found
    return parts[index], valid


def _lower_upper(data: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Return L, U and P of P A = L U."""
    values = _matrix(data, square=True)
    valid = np.isfinite(values).all(axis=(2, 3))
    permutation, lower, upper = scipy.linalg.lu(_safe(values, valid))
    return (lower, upper, np.swapaxes(permutation, 2, 3)), valid


def _orthogonal_upper(data: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Return Q and R of A = Q R."""
    values = _matrix(data)
    valid = np.isfinite(values).all(axis=(2, 3))
    orthogonal, upper = np.linalg.qr(_safe(values, valid), mode="complete")
    return (orthogonal, upper), valid


def _singular_values(data: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Return U, S and V of A = U S V'."""
    values = _matrix(data)
    valid = np.isfinite(values).all(axis=(2, 3))
    left, found, right = np.linalg.svd(_safe(values, valid))
    middle = np.zeros(values.shape)
    index = np.arange(found.shape[-1])
    middle[..., index, index] = found
    return (left, middle, np.swapaxes(right, 2, 3)), valid


def _cholesky(data: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Return L of L L'; masked where the matrix is not symmetric and positive definite."""
    values = _matrix(data, square=True)
    valid = np.isfinite(values).all(axis=(2, 3))
    valid &= (values == np.swapaxes(values, 2, 3)).all(axis=(2, 3))
    try:
        return (np.linalg.cholesky(_safe(values, valid)),), valid
    except np.linalg.LinAlgError:
        found = np.zeros(values.shape)
        for place in zip(*np.nonzero(valid), strict=True):
            try:
                found[place] = np.linalg.cholesky(values[place])
            except np.linalg.LinAlgError:
                valid[place] = False
        return (found,), valid


_decomposition("matrixLUDecomposition", ("L", "U", "P"), _lower_upper)
_decomposition("matrixQRDecomposition", ("Q", "R"), _orthogonal_upper)
_decomposition("matrixSingularValueDecomposition", ("U", "S", "V"), _singular_values)
_decomposition("matrixCholeskyDecomposition", ("L",), _cholesky)
