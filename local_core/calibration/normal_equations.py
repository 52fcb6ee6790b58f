"""Batches of normal equations: many least-squares problems from sums of products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Determinant of normal equations, relative to its bound, below which they have no solution.
_SINGULAR = 1e-13


def product_columns(design: NDArray[np.float64]) -> NDArray[np.float64]:
    """Products of every pair of columns, shape (n, q) to (n, q (q + 1) / 2)."""
    first, second = np.triu_indices(design.shape[1])
    return design[:, first] * design[:, second]


def summed_by_group(
    products: NDArray[np.float64], groups: NDArray[np.intp], n_groups: int
) -> NDArray[np.float64]:
    """Sums of the rows of each group, shape (n_groups, columns)."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(n_groups))
    return np.add.reduceat(products[order], starts, axis=0)


@dataclass(frozen=True)
class NormalEquations:
    """Sums of products of the columns (predictors, one, target), one matrix per problem.

    Attributes
    ----------
    matrix : ndarray, shape (problems, k + 2, k + 2)
        Symmetric sums; the one's diagonal holds the number of samples.
    """

    matrix: NDArray[np.float64]

    @classmethod
    def from_sums(cls, sums: NDArray[np.float64]) -> NormalEquations:
        """Unfold sums of :func:`product_columns`, shape (problems, columns)."""
        q = int((np.sqrt(8 * sums.shape[-1] + 1) - 1) / 2)
        first, second = np.triu_indices(q)
        matrix = np.empty((sums.shape[0], q, q))
        matrix[:, first, second] = sums
        matrix[:, second, first] = sums
        return cls(matrix)

    @property
    def n(self) -> NDArray[np.int64]:
        """Samples in each problem."""
        return np.rint(self.matrix[:, -2, -2]).astype(np.int64)

    def solve(self) -> NDArray[np.float64]:
        """Least-squares coefficients, constant last, shape (problems, k + 1).

        Raises
        ------
        ValueError
            If a problem has no unique solution.
        """
        normal = self.matrix[:, :-1, :-1]
        # Hadamard: the determinant is at most the product of the diagonal, far less if dependent.
        largest = np.prod(np.diagonal(normal, axis1=1, axis2=2), axis=1)
        if np.any(np.linalg.det(normal) <= _SINGULAR * largest):
            raise ValueError(
                "one of the training parts does not determine the coefficients (too few different "
                "samples in it): use more samples or groups, or a larger training share"
            )
        return np.linalg.solve(normal, self.matrix[:, :-1, -1:])[..., 0]

    def residual_sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of squared residuals of given coefficients, shape (problems,)."""
        extended = np.concatenate([values, np.full((*values.shape[:-1], 1), -1.0)], axis=-1)
        squares = np.einsum("si,sij,sj->s", extended, self.matrix, extended, optimize=True)
        return np.maximum(squares, 0.0)

    def r2(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coefficient of determination of given coefficients; NaN where the target is constant."""
        total = self.matrix[:, -1, -1] - self.matrix[:, -2, -1] ** 2 / self.matrix[:, -2, -2]
        varies = total > 1e-12 * self.matrix[:, -1, -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(varies, 1.0 - self.residual_sum(values) / total, np.nan)
