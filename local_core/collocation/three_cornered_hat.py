"""The three-cornered hat for N products, solved exactly (Qu et al. 2021, eqs. 20-25).

From differences between products alone, ``S = J R Jᵀ`` (eq. 22), the error covariance matrix ``R``
is known up to N free numbers. Galindo and Palacio choose them by making the off-diagonal elements
small (eq. 23) while ``R`` stays positive definite (eq. 24). The paper hands this to a general
optimiser with a start (eq. 25); that is not needed:

* With ``C`` the covariance matrix of the products themselves, every admissible matrix is
  ``R = C - a 1ᵀ - 1 aᵀ``. The objective is a linear least-squares problem in ``a`` with a solution
  in closed form, ``a_i = (row_i - A) / (N - 2)``, where ``row_i`` is the sum of the off-diagonal
  elements of row i of ``C`` and ``A`` half their grand total over ``N - 1``. No product is singled
  out, so the "randomly selected" reference of eq. 21 has no influence on the result.
* ``|R| > 0`` is one convex quadratic inequality. Where the solution violates it, the minimum lies
  on its boundary and is found by a one-dimensional search for the Lagrange multiplier: the
  constraint, as a function of the multiplier, is convex and falling, and Newton's method from zero
  converges from one side. ``R`` is then singular, which the status says.

The scaling by ``K`` and ``|S|`` in eqs. 23 and 24 changes neither the minimum nor the sign of the
constraint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from local_core.collocation.bootstrap import bounded, replicate_statistics
from local_core.collocation.collocation_dataset import describe_collocation
from local_core.collocation.collocation_options import CollocationOptions, collocation_options
from local_core.collocation.joint_moments import joint_moments
from local_core.collocation.product_stack import ArrayLike, stack_products
from local_core.collocation.status import CollocationStatus

__all__ = ["hat_covariance", "three_cornered_hat"]

_MAX_NEWTON_STEPS = 200
_SINGULAR = 1e-12


def three_cornered_hat(
    products: Sequence[ArrayLike] | Mapping[str, ArrayLike] | xr.Dataset,
    *,
    dim: str = "time",
    names: Sequence[str] | None = None,
    reference: int | str = -1,
    min_samples: int = 30,
    bootstrap: int | None = None,
    block_length: int | None = None,
    confidence: float = 0.95,
    random_state: int | np.random.Generator | None = None,
    ddof: int = 1,
    engine: str = "auto",
) -> xr.Dataset:
    """Uncertainties of three or more products from their differences.

    The model is ``X_i = X_true + e_i`` (eq. 20): **all products share one unit and one dynamic
    range**. A product that sees half the amplitude of the truth has the other half counted as
    error. Rescale first (:func:`local_core.merging.rescale_products`) or use collocation, which
    estimates the gains. Errors may be correlated; the method takes them to be as little correlated
    as the differences allow.

    Parameters
    ----------
    products : sequence, mapping or xarray.Dataset
        N >= 3 collocated products as in :func:`~local_core.collocation.triple_collocation`.
    dim : str, default "time"
    names : sequence of str, optional
    reference : int or str, default -1
        Product against which differences are taken. Without influence on the result; accepted
        because the papers choose one.
    min_samples : int, default 30
        Fewer joint samples give NaN and the status ``too_few_samples``.
    bootstrap, block_length, confidence, random_state, ddof, engine
        As in :func:`~local_core.collocation.triple_collocation`; intervals for ``error_var`` and
        ``error_std``. They assume an interior solution: where the constraint is active in many
        replicates the distribution is not smooth and the coverage is not the stated one.

    Returns
    -------
    xarray.Dataset
        Over ``product`` and the dimensions of the input without ``dim``: ``error_var`` and
        ``error_std`` (the paper's uncertainty), ``relative_uncertainty`` (``error_std`` over the
        mean), ``mean``, ``error_covariance`` (over ``product`` and ``product_b``: the matrix R),
        ``n`` and ``status`` (``singular`` where a product equals a combination of others,
        ``constraint_active`` where R lies on the boundary of the positive definite matrices).

    Raises
    ------
    ValueError
        If fewer than three products are given or an option is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(0.25, 0.05, 20000)
    >>> products = [truth + rng.normal(0, sd, 20000) for sd in (0.02, 0.03, 0.04)]
    >>> three_cornered_hat(products).error_std.values.round(2).tolist()
    [0.02, 0.03, 0.04]
    """
    stack = stack_products(products, dim=dim, names=names, at_least=3)
    n_products = len(stack.names)
    options = collocation_options(
        stack,
        reference=reference,
        min_samples=min_samples,
        bootstrap=bootstrap,
        block_length=block_length,
        confidence=confidence,
        random_state=random_state,
        ddof=ddof,
        engine=engine,
    )

    def kernel(*arrays: np.ndarray) -> dict[str, np.ndarray]:
        return _hat_block(arrays, options)

    per_product = ["error_var", "error_std", "relative_uncertainty", "mean"]
    if options.plan is not None:
        per_product += bounded(("error_var", "error_std"))
    outputs: dict[str, tuple[tuple[str, ...], type]] = dict.fromkeys(
        per_product, (("product",), np.float64)
    )
    outputs["error_covariance"] = (("product", "product_b"), np.float64)
    outputs["n"] = ((), np.int64)
    outputs["status"] = (("product",), np.int8)
    result = stack.apply(kernel, outputs, {"product": n_products, "product_b": n_products})
    settings = {"method": "three-cornered hat", "min_samples": min_samples, "ddof": ddof}
    return describe_collocation(result, stack, None, settings, options.plan)


def hat_covariance(cov: np.ndarray, *, reference: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """Error covariance matrix R from the covariances of the products.

    Parameters
    ----------
    cov : numpy.ndarray, shape (N, N, ...)
        Covariance matrices of N >= 3 products; any matrices with the same covariances of
        differences give the same result.
    reference : int, default -1
        Product in whose differences the constraint is expressed.

    Returns
    -------
    error_covariance : numpy.ndarray, shape (N, N, ...)
        NaN where the differences are linearly dependent.
    status : numpy.ndarray of int8, shape (...)
        ``OK``, ``SINGULAR`` or ``CONSTRAINT_ACTIVE``.

    Examples
    --------
    Three products are the classical hat, ``R_11 = (S_12 + S_13 - S_23) / 2`` with ``S`` the
    variances of differences:

    >>> import numpy as np
    >>> cov = np.full((3, 3), 4.0) + np.diag([1.0, 2.0, 3.0])
    >>> matrix, status = hat_covariance(cov)
    >>> matrix.diagonal().round(9).tolist(), int(status)
    ([1.0, 2.0, 3.0], 0)
    """
    n_products = cov.shape[0]
    if n_products < 3:
        raise ValueError(f"the three-cornered hat needs at least 3 products, got {n_products}")
    shape = cov.shape[2:]
    matrices = np.moveaxis(cov.reshape(n_products, n_products, -1), -1, 0)
    result, status = _solve(matrices, reference % n_products)
    return np.moveaxis(result, 0, -1).reshape(cov.shape), status.reshape(shape)


def _solve(cov: np.ndarray, reference: int) -> tuple[np.ndarray, np.ndarray]:
    """Solve for matrices with the pixel axis first, shape (P, N, N)."""
    n_pixels, n_products, _ = cov.shape
    status = np.full(n_pixels, CollocationStatus.OK, dtype=np.int8)
    result = np.full(cov.shape, np.nan)
    others = [k for k in range(n_products) if k != reference]
    # Differences to the reference; the order puts the reference last, as in eq. 21.
    differences = _difference_covariance(cov, others, reference)
    scale = np.trace(differences, axis1=1, axis2=2) / (n_products - 1)
    finite = np.isfinite(differences).all(axis=(1, 2))
    usable = np.flatnonzero(finite & (scale > 0.0))
    status[~finite | ~(scale > 0.0)] = CollocationStatus.SINGULAR
    if usable.size == 0:
        return result, status
    eigenvalues = np.linalg.eigvalsh(differences[usable] / scale[usable, None, None])
    regular = eigenvalues[:, 0] > _SINGULAR * eigenvalues[:, -1]
    status[usable[~regular]] = CollocationStatus.SINGULAR
    usable = usable[regular]
    if usable.size == 0:
        return result, status

    scaled = cov[usable] / scale[usable, None, None]
    unit = differences[usable] / scale[usable, None, None]
    off_diagonal = scaled.sum(axis=2) - np.einsum("pii->pi", scaled)
    total = off_diagonal.sum(axis=1) / (2.0 * (n_products - 1))
    shift = (off_diagonal - total[:, None]) / (n_products - 2)
    found = scaled - shift[:, :, None] - shift[:, None, :]

    column = np.concatenate((found[:, others, reference], found[:, [reference], reference]), axis=1)
    to_last = _difference_operator(n_products)
    inverse = np.linalg.inv(unit)
    form = to_last.T @ inverse @ to_last
    excess = np.einsum("pi,pij,pj->p", column, form, column) - column[:, -1]
    violated = excess > 0.0
    if violated.any():
        column = _on_boundary(column[violated], form[violated])
        found[violated] = _from_column(unit[violated], column, others, reference)
        status[usable[violated]] = CollocationStatus.CONSTRAINT_ACTIVE
    result[usable] = found * scale[usable, None, None]
    return result, status


def _difference_covariance(cov: np.ndarray, others: list[int], reference: int) -> np.ndarray:
    """Covariance S of the differences to the reference (eq. 22)."""
    column = cov[:, others, reference]
    block = cov[:, others][:, :, others]
    corner = cov[:, reference, reference]
    return block - column[:, :, None] - column[:, None, :] + corner[:, None, None]


def _difference_operator(n_products: int) -> np.ndarray:
    """J = [I, -1], shape (N - 1, N)."""
    return np.hstack((np.eye(n_products - 1), -np.ones((n_products - 1, 1))))


def _objective_matrix(n_products: int) -> np.ndarray:
    """Hessian of half the sum of squared off-diagonal elements, in the last column of R."""
    rows = []
    for i in range(n_products - 1):
        rows.append(np.eye(n_products)[i])
        for j in range(i):
            row = np.zeros(n_products)
            row[[i, j]] = 1.0
            row[-1] = -1.0
            rows.append(row)
    design = np.array(rows)
    return design.T @ design


def _on_boundary(column: np.ndarray, form: np.ndarray) -> np.ndarray:
    """Minimum of the objective on the boundary of the constraint, shape (P, N).

    With the Hessian factored as ``L Lᵀ`` and the constraint diagonal in the whitened variables,
    ``z_k(t) = (z0_k + t c_k) / (1 + 2 t q_k)`` minimises the Lagrangian for the multiplier t.
    """
    n_products = column.shape[1]
    factor = np.linalg.cholesky(_objective_matrix(n_products))
    whiten = np.linalg.inv(factor)
    q, vectors = np.linalg.eigh(whiten @ form @ whiten.T)
    q = np.maximum(q, 0.0)
    z0 = np.einsum("pji,pj->pi", vectors, column @ factor)
    c = np.einsum("pji,j->pi", vectors, whiten[:, -1])
    slope = 2.0 * q * z0 - c
    multiplier = np.zeros((column.shape[0], 1))
    for _ in range(_MAX_NEWTON_STEPS):
        denominator = 1.0 + 2.0 * multiplier * q
        z = (z0 + multiplier * c) / denominator
        value = (q * z**2 - c * z).sum(axis=1, keepdims=True)
        step = value / (slope**2 / denominator**3).sum(axis=1, keepdims=True)
        updated = multiplier + np.maximum(step, 0.0)
        if (updated - multiplier <= 1e-15 * updated).all():
            break
        multiplier = updated
    z = (z0 + multiplier * c) / (1.0 + 2.0 * multiplier * q)
    return np.einsum("pij,pj->pi", vectors, z) @ whiten


def _from_column(
    differences: np.ndarray, column: np.ndarray, others: list[int], reference: int
) -> np.ndarray:
    """Whole matrix R from S and its column of the reference, in the order of the products."""
    side, corner = column[:, :-1], column[:, -1]
    block = differences + side[:, :, None] + side[:, None, :] - corner[:, None, None]
    n_pixels, n_products = column.shape
    found = np.empty((n_pixels, n_products, n_products))
    found[np.ix_(range(n_pixels), others, others)] = block
    found[:, others, reference] = side
    found[:, reference, others] = side
    found[:, reference, reference] = corner
    return found


def _hat_block(
    products: Sequence[np.ndarray], options: CollocationOptions
) -> dict[str, np.ndarray]:
    """Everything of one block of pixels, product axes first, pixels last."""
    n_products = len(products)
    moments = joint_moments(products, ddof=options.ddof, engine=options.engine)
    enough = moments.n >= options.min_samples
    diagonal = np.arange(n_products)
    covariance, code = hat_covariance(
        np.where(enough, moments.cov, np.nan), reference=options.reference
    )
    code[~enough] = CollocationStatus.TOO_FEW_SAMPLES
    error_var = covariance[diagonal, diagonal]
    mean = np.where(enough, moments.mean, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        # On the boundary a variance can be zero up to rounding.
        error_std = np.sqrt(np.maximum(error_var, 0.0))
        result = {
            "error_var": error_var,
            "error_std": error_std,
            "relative_uncertainty": error_std / mean,
            "mean": mean,
            "error_covariance": covariance,
            "n": moments.n,
            "status": np.broadcast_to(code, (n_products, code.size)),
        }
    if options.plan is not None:

        def variances(cov: np.ndarray) -> np.ndarray:
            return hat_covariance(cov, reference=options.reference)[0][diagonal, diagonal]

        bounds = replicate_statistics(
            products, options.plan, variances, error_var, ddof=options.ddof
        )
        for end, bound in zip(("lower", "upper"), bounds):
            result[f"error_var_ci_{end}"] = bound
            result[f"error_std_ci_{end}"] = np.sqrt(np.maximum(bound, 0.0))
    return result
