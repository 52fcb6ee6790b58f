"""Array.matrix*: linear algebra of two-dimensional arrays."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.pixel_type import DOUBLE


def _matrix(array: Array, *, square: bool = False) -> np.ndarray:
    """Return the numbers of a matrix in double precision.

    Raises
    ------
    EarthEngineError
        If it is not two-dimensional, or not square where it must be.
    """
    values = array.values
    if values.ndim != 2:
        raise EarthEngineError(f"The array must be 2D, got {values.ndim} dimensions.")
    if square and values.shape[0] != values.shape[1]:
        raise EarthEngineError(f"The array must be square, got lengths {list(values.shape)}.")
    return values.astype(np.float64)


def _double(values: np.ndarray) -> Array:
    return Array(values, DOUBLE)


@implements("Array.matrixMultiply")
def multiply(left: Array, right: Array) -> Array:
    """Return the matrix product."""
    first, second = _matrix(left), _matrix(right)
    if first.shape[1] != second.shape[0]:
        raise EarthEngineError(
            f"Matrices of lengths {list(first.shape)} and {list(second.shape)} "
            "cannot be multiplied."
        )
    return _double(first @ second)


@implements("Array.dotProduct")
def dot_product(array1: Array, array2: Array) -> float:
    """Return the sum of the products of two 1-D arrays."""
    if array1.values.ndim != 1 or array1.values.shape != array2.values.shape:
        raise EarthEngineError(
            f"Expected 1-D arrays of one length, got lengths {list(array1.values.shape)} "
            f"and {list(array2.values.shape)}."
        )
    wide = np.result_type(array1.values, array2.values)
    wide = np.dtype(np.int64) if wide.kind in "iu" else np.dtype(np.float64)
    return (array1.values.astype(wide) @ array2.values.astype(wide)).item()


@implements("Array.matrixSolve")
def solve(left: Array, right: Array) -> Array:
    """Solve A x = B, in the least-squares sense if there are more rows than columns."""
    first, second = _matrix(left), _matrix(right)
    if first.shape[0] != second.shape[0]:
        raise EarthEngineError(
            f"A has {first.shape[0]} rows, B {second.shape[0]}; they must be equal."
        )
    if first.shape[0] < first.shape[1] or np.linalg.matrix_rank(first) < first.shape[1]:
        raise EarthEngineError("The matrix is singular.")
    return _double(np.linalg.lstsq(first, second, rcond=None)[0])


@implements("Array.matrixInverse")
def inverse(input: Array) -> Array:
    """Return the inverse."""
    values = _matrix(input, square=True)
    try:
        return _double(np.linalg.inv(values))
    except np.linalg.LinAlgError:
        raise EarthEngineError("The matrix is singular.") from None


@implements("Array.matrixPseudoInverse")
def pseudo_inverse(input: Array) -> Array:
    """Return the Moore-Penrose pseudoinverse."""
    return _double(np.linalg.pinv(_matrix(input)))


@implements("Array.matrixDeterminant")
def determinant(input: Array) -> float:
    """Return the determinant."""
    return float(np.linalg.det(_matrix(input, square=True)))


@implements("Array.matrixTrace")
def trace(input: Array) -> float:
    """Return the sum of the diagonal."""
    return np.trace(_matrix(input, square=True)).item()


@implements("Array.matrixFnorm")
def frobenius_norm(input: Array) -> float:
    """Return the Frobenius norm."""
    return float(np.linalg.norm(_matrix(input)))


@implements("Array.matrixDiagonal")
def diagonal(input: Array) -> Array:
    """Return the diagonal as a column."""
    _matrix(input)
    return Array(np.diag(input.values)[:, None], input.type)


@implements("Array.matrixToDiag")
def to_diagonal(input: Array) -> Array:
    """Return the square matrix with a column as its diagonal."""
    if _matrix(input).shape[1] != 1:
        raise EarthEngineError(
            f"Expected a matrix of one column, got lengths {list(input.values.shape)}."
        )
    return Array(np.diag(input.values[:, 0]), input.type)


@implements("Array.eigen")
def eigen(input: Array) -> Array:
    """Return a row for each eigenvalue, descending: the value, then its vector of length 1."""
    values = _matrix(input, square=True)
    if np.array_equal(values, values.T):
        found, vectors = np.linalg.eigh(values)
    else:
        found, vectors = np.linalg.eig(values)
        if np.abs(np.imag(found)).max(initial=0) > 1e-12:
            raise EarthEngineError("The matrix has complex eigenvalues.")
        found, vectors = np.real(found), np.real(vectors)
    order = np.argsort(-found, kind="stable")
    # The sign of a vector is arbitrary: its largest component is made positive.
    vectors = vectors[:, order]
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    vectors = vectors * np.where(largest < 0, -1.0, 1.0)
    return _double(np.concatenate([found[order][:, None], vectors.T], axis=1))


@implements("Array.matrixCholeskyDecomposition")
def cholesky(array: Array) -> dict[str, Array]:
    """Return L of L L'."""
    values = _matrix(array, square=True)
    try:
        return {"L": _double(np.linalg.cholesky(values))}
    except np.linalg.LinAlgError:
        raise EarthEngineError("The matrix must be symmetric and positive definite.") from None


@implements("Array.matrixLUDecomposition")
def lower_upper(array: Array) -> dict[str, Array]:
    """Return P, L and U of P A = L U."""
    permutation, lower, upper = scipy.linalg.lu(_matrix(array, square=True))
    return {"P": _double(permutation.T), "L": _double(lower), "U": _double(upper)}


@implements("Array.matrixQRDecomposition")
def orthogonal_upper(array: Array) -> dict[str, Array]:
    """Return Q and R of A = Q R."""
    orthogonal, upper = np.linalg.qr(_matrix(array), mode="complete")
    return {"Q": _double(orthogonal), "R": _double(upper)}


@implements("Array.matrixSingularValueDecomposition")
def singular_values(array: Array) -> dict[str, Array]:
    """Return U, S and V of A = U S V'."""
    values = _matrix(array)
    left, found, right = np.linalg.svd(values)
    middle = np.zeros(values.shape)
    np.fill_diagonal(middle, found)
    return {"U": _double(left), "S": _double(middle), "V": _double(right.T)}
