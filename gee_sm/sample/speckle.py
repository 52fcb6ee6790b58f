"""Speckle: multiplicative gamma noise of unit mean."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import gammaincinv, ndtr

__all__ = ["speckle"]

_TABLE = np.linspace(-6.0, 6.0, 4001)


def speckle(
    random: np.random.Generator,
    shape: tuple[int, int],
    *,
    looks: float,
    correlation: float = 0.0,
) -> np.ndarray:
    """Draw speckle of an intensity image.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of randomness.
    shape : tuple of int
        Rows and columns.
    looks : float
        Equivalent number of looks: mean squared over variance. Infinite looks are no speckle.
    correlation : float, default 0
        Width in pixels of the Gaussian that correlates neighbours; 0 leaves pixels independent.
        The distribution of each pixel stays gamma with the same looks.

    Returns
    -------
    ndarray of float32
        Factors with mean 1 and variance ``1 / looks``.

    Raises
    ------
    ValueError
        Looks are not positive, or the correlation is negative.

    Examples
    --------
    >>> import numpy as np
    >>> factors = speckle(np.random.default_rng(0), (500, 500), looks=4.4)
    >>> bool(abs(1 / factors.var() - 4.4) < 0.05)
    True
    """
    if not looks > 0:
        raise ValueError(f"looks must be positive, got {looks!r}; infinity means no speckle")
    if not correlation >= 0:
        raise ValueError(f"correlation is a width in pixels, not negative; got {correlation!r}")
    if np.isinf(looks):
        return np.ones(shape, np.float32)
    if correlation == 0:
        return random.standard_gamma(looks, shape, dtype=np.float32) / np.float32(looks)
    normal = gaussian_filter(random.standard_normal(shape), correlation, mode="wrap")
    normal /= normal.std()
    # Gaussian noise carries the correlation; the quantile table gives it the gamma distribution.
    quantiles = gammaincinv(looks, ndtr(_TABLE)) / looks
    return np.interp(normal, _TABLE, quantiles).astype(np.float32)
