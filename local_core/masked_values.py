"""Values under the mask of a numpy masked array are missing: NaN, like every gap here."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["unmasked"]


def unmasked(values: Any) -> np.ndarray:
    """Return an array; what a mask hides becomes NaN (``numpy.asarray`` would show it again).

    Parameters
    ----------
    values : array_like
        A masked array as netCDF4 and rasterio give it, or anything else that is an array.

    Returns
    -------
    numpy.ndarray
        Floating where something was masked; other arrays as they are.

    Examples
    --------
    >>> unmasked(np.ma.masked_equal([1, -9999], -9999)).tolist()
    [1.0, nan]
    >>> unmasked([1, 2]).tolist()
    [1, 2]
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        floating = values.dtype if values.dtype.kind == "f" else np.float64
        return values.astype(floating).filled(np.nan)
    return np.asarray(values)
