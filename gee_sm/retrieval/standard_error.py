"""How uncertain a retrieved soil moisture is, and from what.

Three parts, each of which can be left out: the coefficients (their covariance), the residual of
the regression (what its three inputs cannot explain at a station), and speckle (what is left of it
behind the filter and both averages). Noise of the indices is not among them: it is small beside
the residual, which holds it already.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Literal

import ee

from gee_sm.sentinel1.refined_lee import FILTER_WIDTH, NOMINAL_LOOKS
from local_core.calibration import RetrievalCoefficients

ErrorPart = Literal["coefficients", "residual", "speckle"]

ERROR_PARTS: tuple[ErrorPart, ...] = ("coefficients", "residual", "speckle")

RESOLUTION_CELL_M2 = 20.0 * 22.0
"""Area of one resolution cell of interferometric wide swath, ground range, high: 20 m x 22 m.

Pixels of 10 m within one cell share their speckle, so averaging them gains nothing.
"""

_DB_PER_RELATIVE = 10 / math.log(10)


def effective_looks(
    scale_m: float,
    *,
    looks: float = NOMINAL_LOOKS,
    pixel_m: float = 10.0,
    filter_width: float = FILTER_WIDTH,
    cell_area_m2: float = RESOLUTION_CELL_M2,
) -> float:
    """Return the number of looks of one output pixel of one scene.

    Parameters
    ----------
    scale_m : float
        Side of the output pixel, metres.
    looks : float
        Equivalent number of looks of an unfiltered pixel.
    pixel_m : float
        Side of the pixels that were filtered, metres.
    filter_width : float
        By how many of those the filter widens what is averaged; 0 without a filter.
    cell_area_m2 : float
        Area over which speckle is the same, square metres; 100 for uncorrelated 10 m pixels.

    Returns
    -------
    float
        ``looks`` times the number of cells in a square whose side is ``scale_m`` plus
        ``filter_width * pixel_m``, at least ``looks``.

    Examples
    --------
    >>> round(effective_looks(10, cell_area_m2=100))
    31
    >>> effective_looks(100, filter_width=0)
    100.0
    """
    side = scale_m + filter_width * pixel_m
    return looks * max(1.0, side**2 / cell_area_m2)


def speckle_variance_db(scenes: ee.Image, looks: float) -> ee.Image:
    """Return the variance of the mean of several scenes in dB that speckle causes.

    Parameters
    ----------
    scenes : ee.Image
        Number of scenes averaged.
    looks : float
        Looks of one scene's pixel.

    Returns
    -------
    ee.Image
        dB squared: ``(10 / ln 10)^2 / (looks * scenes)``.
    """
    return ee.Image.constant(_DB_PER_RELATIVE**2 / looks).divide(scenes)


def coefficient_variance(
    difference_db: ee.Image, ndvi: ee.Image, ndmi: ee.Image, coefficients: RetrievalCoefficients
) -> ee.Image:
    """Return ``x' C x`` with x = (difference, NDVI, NDMI, 1) and C the coefficients' covariance.

    Parameters
    ----------
    difference_db, ndvi, ndmi : ee.Image
        Inputs of eq. 7.
    coefficients : RetrievalCoefficients
        Numbers of eq. 7 with their covariance.

    Returns
    -------
    ee.Image
        Variance, (m3 m-3)^2.
    """
    inputs = (difference_db, ndvi, ndmi, ee.Image.constant(1))
    total = difference_db.multiply(0)
    for i in range(4):
        for j in range(i, 4):
            covariance = float(coefficients.covariance[i, j]) * (1 if i == j else 2)
            if covariance:
                total = total.add(inputs[i].multiply(inputs[j]).multiply(covariance))
    return total


def standard_error(
    difference_db: ee.Image,
    ndvi: ee.Image,
    ndmi: ee.Image,
    speckle_db2: ee.Image,
    coefficients: RetrievalCoefficients,
    *,
    parts: Collection[ErrorPart] = ERROR_PARTS,
) -> ee.Image:
    """Return the standard error of eq. 7.

    Parameters
    ----------
    difference_db, ndvi, ndmi : ee.Image
        Inputs of eq. 7.
    speckle_db2 : ee.Image
        Variance of the difference that speckle causes, dB squared.
    coefficients : RetrievalCoefficients
        Numbers of eq. 7, their covariance and residual.
    parts : collection of {"coefficients", "residual", "speckle"}
        What to count. The residual is not divided by the number of passes: most of it is the same
        at every pass (texture, roughness, vegetation).

    Returns
    -------
    ee.Image
        Band ``standard_error``, m3 m-3.

    Raises
    ------
    ValueError
        If no part or an unknown one is named.
    """
    check_error_parts(parts)
    variance = difference_db.multiply(0)
    if "coefficients" in parts:
        variance = variance.add(coefficient_variance(difference_db, ndvi, ndmi, coefficients))
    if "residual" in parts:
        variance = variance.add(coefficients.residual_std**2)
    if "speckle" in parts:
        variance = variance.add(speckle_db2.multiply(coefficients.a**2))
    return variance.max(0).sqrt().rename("standard_error")


def check_error_parts(parts: Collection[str]) -> Sequence[str]:
    """Return the parts, or raise ``ValueError`` if there is none or an unknown one."""
    unknown = [part for part in parts if part not in ERROR_PARTS]
    if unknown or not parts:
        raise ValueError(
            f"the standard error is made of {', '.join(ERROR_PARTS)}; got {list(parts)}"
        )
    return list(parts)
