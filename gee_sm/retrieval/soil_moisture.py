"""Soil moisture from the seasonal backscatter difference and two indices (eqs. 7 to 9)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ee

Covariance = tuple[tuple[float, float, float, float], ...]

TERMS = ("difference", "ndvi", "ndmi", "constant")
"""Order of the coefficients in their covariance."""


class CoefficientsError(ValueError):
    """Coefficients of eq. 7 that cannot be used."""


@dataclass(frozen=True)
class Coefficients:
    """The fitted numbers of eq. 7, ``SM = a difference + b NDVI + c NDMI + d``, and their errors.

    Attributes
    ----------
    difference : float
        a, m3 m-3 per dB.
    ndvi, ndmi : float
        b and c, m3 m-3.
    constant : float
        d, m3 m-3.
    covariance : tuple of tuple of float
        4 x 4, in the order of :data:`TERMS`.
    residual_sd : float
        Standard deviation of truth about the fitted plane, m3 m-3.
    source : str
        Where the numbers come from.

    Raises
    ------
    CoefficientsError
        If a number is not finite, the covariance is not a symmetric 4 x 4 matrix without negative
        variances, or the residual is negative.
    """

    difference: float
    ndvi: float
    ndmi: float
    constant: float
    covariance: Covariance = ((0.0,) * 4,) * 4
    residual_sd: float = 0.0
    source: str = ""

    def __post_init__(self) -> None:
        rows = tuple(tuple(float(value) for value in row) for row in self.covariance)
        object.__setattr__(self, "covariance", rows)
        numbers = [*self.values, self.residual_sd, *(value for row in rows for value in row)]
        if not all(math.isfinite(number) for number in numbers):
            raise CoefficientsError(f"all coefficients must be finite numbers; got {numbers}")
        if len(rows) != 4 or any(len(row) != 4 for row in rows):
            raise CoefficientsError(
                f"the covariance must be 4 x 4 in the order {', '.join(TERMS)}; "
                f"got rows of length {[len(row) for row in rows]}"
            )
        symmetric = all(
            math.isclose(rows[i][j], rows[j][i], rel_tol=1e-6, abs_tol=1e-15)
            for i in range(4)
            for j in range(i)
        )
        if not symmetric or any(rows[i][i] < 0 for i in range(4)):
            raise CoefficientsError(
                f"the covariance must be symmetric without negative variances; got {rows}"
            )
        if self.residual_sd < 0:
            raise CoefficientsError(f"residual_sd must not be negative; got {self.residual_sd}")

    @property
    def values(self) -> tuple[float, float, float, float]:
        """The four coefficients in the order of :data:`TERMS`."""
        return (self.difference, self.ndvi, self.ndmi, self.constant)

    @classmethod
    def from_dict(cls, numbers: Mapping[str, Any]) -> Coefficients:
        """Build from a mapping with the attribute names as keys, such as one read from JSON.

        Raises
        ------
        CoefficientsError
            If a coefficient is missing or a key is unknown.
        """
        missing = [term for term in TERMS if term not in numbers]
        known = (*TERMS, "covariance", "residual_sd", "source")
        unknown = [key for key in numbers if key not in known]
        if missing or unknown:
            raise CoefficientsError(
                f"coefficients need {', '.join(TERMS)} and may have covariance, residual_sd and "
                f"source; missing: {missing or 'none'}, unknown: {unknown or 'none'}"
            )
        return cls(**numbers)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain types that JSON can hold."""
        return {
            **dict(zip(TERMS, self.values, strict=True)),
            "covariance": [list(row) for row in self.covariance],
            "residual_sd": self.residual_sd,
            "source": self.source,
        }


def _diagonal(standard_deviations: Sequence[float]) -> Covariance:
    return tuple(
        tuple(sd**2 if i == j else 0.0 for j in range(4))
        for i, sd in enumerate(standard_deviations)
    )


_SPLITS = "Li et al. 2025, table 3"

LI2025_OPTIMUM: dict[str, Coefficients] = {
    "A": Coefficients(
        difference=0.0143,
        ndvi=0.186,
        ndmi=0.164,
        constant=0.052,
        covariance=_diagonal((0.0002, 0.006, 0.008, 0.002)),
        residual_sd=0.07,
        source=f"{_SPLITS}, ascending, OPT (eq. 8)",
    ),
    "D": Coefficients(
        difference=0.0154,
        ndvi=0.200,
        ndmi=0.110,
        constant=0.040,
        covariance=_diagonal((0.0004, 0.007, 0.009, 0.003)),
        residual_sd=0.07,
        source=f"{_SPLITS}, descending, OPT (eq. 9)",
    ),
}
"""Equations 8 and 9, by orbit.

The covariance holds the squares of the STD row of table 3: the spread between random splits that
share most of their samples, about half of the sampling error for splits of 8 to 2, and without the
correlation between coefficients, which the paper does not give. The residual is the RMSE of its
validation. Table 3 prints 0.0007 for NDVI, descending, while the mean and the optimum of that row
differ by 0.006: a digit is missing, 0.007 is used.
"""

LI2025_MEAN: dict[str, Coefficients] = {
    "A": Coefficients(
        difference=0.0148,
        ndvi=0.186,
        ndmi=0.158,
        constant=0.054,
        covariance=LI2025_OPTIMUM["A"].covariance,
        residual_sd=0.07,
        source=f"{_SPLITS}, ascending, mean",
    ),
    "D": Coefficients(
        difference=0.0155,
        ndvi=0.206,
        ndmi=0.100,
        constant=0.040,
        covariance=LI2025_OPTIMUM["D"].covariance,
        residual_sd=0.07,
        source=f"{_SPLITS}, descending, mean",
    ),
}
"""The mean of all splits of table 3, by orbit."""


def soil_moisture(
    difference_db: ee.Image, ndvi: ee.Image, ndmi: ee.Image, coefficients: Coefficients
) -> ee.Image:
    """Return soil moisture by eq. 7.

    Linear in all three inputs, so the mean of the retrievals of several passes is the retrieval of
    their means.

    Parameters
    ----------
    difference_db : ee.Image
        Backscatter of the thawing minus that of the freezing season, dB.
    ndvi, ndmi : ee.Image
        Indices around the pass.
    coefficients : Coefficients
        Numbers of eq. 7.

    Returns
    -------
    ee.Image
        Band ``soil_moisture``, m3 m-3. Nothing keeps it from being negative over bare dry ground.

    Examples
    --------
    >>> sm = soil_moisture(d, ndvi, ndmi, LI2025_OPTIMUM["A"])  # doctest: +SKIP
    """
    return (
        difference_db.multiply(coefficients.difference)
        .add(ndvi.multiply(coefficients.ndvi))
        .add(ndmi.multiply(coefficients.ndmi))
        .add(coefficients.constant)
        .rename("soil_moisture")
    )
