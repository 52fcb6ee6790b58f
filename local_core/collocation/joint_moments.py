"""Means and covariances of several products over the samples that all of them have.

Every collocation method starts from these moments, and they are where the time goes: each value is
read once, the arithmetic per value is small, so a good engine runs at the speed of memory. Two
engines give the same numbers to rounding: numpy, always there, and numba where it is installed.

Sums are accumulated in float64 of values shifted by the first joint sample. The shift is itself a
sample, so its squared distance from the mean is at most n times the variance and the cancellation
in ``E[x²] - E[x]²`` costs at most the factor n in the last digits, whatever the offset of the data.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["JointMoments", "joint_moments", "joint_samples", "resolve_engine"]

_NUMPY_BLOCK = 32
_NUMBA_BLOCK = 256


@dataclass(frozen=True)
class JointMoments:
    """Moments over joint samples; ``P`` pixels and ``N`` products.

    Attributes
    ----------
    n : numpy.ndarray of int64, shape (P,)
        Number of joint samples.
    mean : numpy.ndarray, shape (N, P)
        Means of the products, NaN where ``n`` is 0.
    cov : numpy.ndarray, shape (N, N, P)
        Covariances with the divisor ``n - ddof``, NaN where that is not positive.
    """

    n: np.ndarray
    mean: np.ndarray
    cov: np.ndarray


def resolve_engine(engine: str) -> str:
    """Return ``"numba"`` or ``"numpy"`` for ``"auto"``, ``"numba"`` or ``"numpy"``.

    Raises
    ------
    ValueError
        If the engine is unknown, or numba is asked for and not installed.
    """
    available = importlib.util.find_spec("numba") is not None
    if engine == "auto":
        return "numba" if available else "numpy"
    if engine == "numba" and not available:
        raise ValueError(
            "engine='numba' was given but numba is not installed: "
            "install the extra 'gee-sm[fast]' or use engine='numpy'"
        )
    if engine not in ("numba", "numpy"):
        raise ValueError(f"engine must be 'auto', 'numba' or 'numpy', got {engine!r}")
    return engine


def joint_samples(products: Sequence[np.ndarray]) -> np.ndarray:
    """Where every product is finite, bool of the shape that the products share."""
    joint = np.isfinite(products[0])
    for product in products[1:]:
        joint &= np.isfinite(product)
    return joint


def joint_moments(
    products: Sequence[np.ndarray],
    *,
    accepted: np.ndarray | None = None,
    ddof: int = 1,
    engine: str = "auto",
) -> JointMoments:
    """Means and covariances over the samples where every product is finite.

    Parameters
    ----------
    products : sequence of N numpy.ndarray, each of shape (P, time)
        Collocated series; NaN and infinities are gaps. float32 is read as it is and summed in
        float64.
    accepted : numpy.ndarray of bool, shape (P, time), optional
        Samples that may be used at all (the sigma test hands its survivors here).
    ddof : int, default 1
        The covariance is divided by ``n - ddof``.
    engine : {"auto", "numba", "numpy"}
        ``auto`` takes numba where it is installed.

    Returns
    -------
    JointMoments

    Raises
    ------
    ValueError
        If fewer than two products are given, shapes differ, or the engine is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0, np.nan, 4.0]])
    >>> y = np.array([[2.0, 4.0, 6.0, 8.0]])
    >>> moments = joint_moments([x, y])
    >>> int(moments.n[0]), moments.mean[:, 0].round(3).tolist()
    (3, [2.333, 4.667])
    """
    if len(products) < 2:
        raise ValueError(f"joint moments need at least two products, got {len(products)}")
    shapes = {np.shape(product) for product in products}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(
            "products must be arrays of one common shape (pixels, time), "
            f"got shapes {[np.shape(product) for product in products]}"
        )
    n_pixels = products[0].shape[0]
    n_products = len(products)
    n = np.zeros(n_pixels, dtype=np.int64)
    mean = np.full((n_products, n_pixels), np.nan)
    cov = np.full((n_products, n_products, n_pixels), np.nan)
    if products[0].shape[1] == 0:
        return JointMoments(n, mean, cov)

    use_numba = resolve_engine(engine) == "numba"
    if use_numba:
        from local_core.collocation.joint_moments_numba import block_moments
    else:
        block_moments = _block_moments_numpy
    dtype = np.float32 if all(p.dtype == np.float32 for p in products) else np.float64
    size = _NUMBA_BLOCK if use_numba else _NUMPY_BLOCK
    for start in range(0, n_pixels, size):
        part = slice(start, min(start + size, n_pixels))
        # A block that lies contiguously in memory is not copied; one that does not (time was not
        # the last dimension) is turned here, a cache-sized piece at a time.
        block = tuple(np.ascontiguousarray(product[part], dtype=dtype) for product in products)
        mask = None if accepted is None else np.ascontiguousarray(accepted[part])
        n[part], mean[:, part], cov[:, :, part] = block_moments(block, mask, ddof)
    return JointMoments(n, mean, cov)


def _block_moments_numpy(
    block: tuple[np.ndarray, ...], accepted: np.ndarray | None, ddof: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moments of one block of pixels: one batched product gives n, sums and squares at once."""
    n_products = len(block)
    n_pixels, n_times = block[0].shape
    valid = joint_samples(block)
    if accepted is not None:
        valid &= accepted
    first = valid.argmax(axis=1)
    rows = np.arange(n_pixels)
    planes = np.empty((n_pixels, n_products + 1, n_times))
    planes[:, n_products] = valid
    shift = np.empty((n_products, n_pixels))
    # Gaps become zero by clearing their bits, four times faster than a masked copy; a product with
    # the mask would leave NaN.
    keep = -valid.astype(np.int64)
    bits = planes.view(np.int64)
    for index, product in enumerate(block):
        shift[index] = np.where(valid[rows, first], product[rows, first], 0.0)
        np.subtract(product, shift[index][:, None], out=planes[:, index])
        np.bitwise_and(bits[:, index], keep, out=bits[:, index])
    gram = planes @ planes.swapaxes(1, 2)
    n = gram[:, n_products, n_products]
    sums = gram[:, :n_products, n_products]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, shift + sums.T / n, np.nan)
        scatter = gram[:, :n_products, :n_products] - (
            sums[:, :, None] * sums[:, None, :] / n[:, None, None]
        )
        divisor = np.where(n > ddof, n - ddof, np.nan)
        cov = np.moveaxis(scatter, 0, -1) / divisor
    return n.astype(np.int64), mean, cov
