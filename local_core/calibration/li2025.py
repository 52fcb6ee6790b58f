"""Published coefficients of Li et al. (2025), Table 3, both orbits.

Three things in the paper need care:

* The standard deviation of b for the descending orbit is printed as 0.0007, ten times smaller than
  every other STD of b and c in the table; read 0.007. ``as_printed=True`` keeps 0.0007.
* The sentence under eq. 6 names sigma_f twice. The first symbol is sigma_t, the thawing season, as
  the equation itself says: the difference is thaw minus freeze.
* STD is the spread of the coefficients over random 80 % subsets of one data set. It is not their
  standard error: for subsets that hold a share f of the samples the spread is
  ``sqrt((1 - f) / f)`` of it, one half at f = 0.8. ``standard_error=True`` (the default) undoes
  this.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np

from local_core.calibration.coefficients import RetrievalCoefficients

#: Share of the samples in each training part ("a ratio of nearly 8 to 2").
TRAINING_SHARE = 0.8


class SplitStatistics(NamedTuple):
    """Table 3 of one orbit: (a, b, c, d) and R2, over 10,000 random splits.

    Attributes
    ----------
    mean, optimum, std : tuple of float
        Mean, OPT and STD of a (m3 m-3 per dB), b, c, d (m3 m-3).
    r2_mean, r2_optimum, r2_std : float
        The same of R2.
    n_samples : int
        Sets of in situ soil moisture and predictors.
    """

    mean: tuple[float, float, float, float]
    optimum: tuple[float, float, float, float]
    std: tuple[float, float, float, float]
    r2_mean: float
    r2_optimum: float
    r2_std: float
    n_samples: int


#: Table 3 as printed (2105 ascending and 1287 descending sets).
TABLE_3 = MappingProxyType(
    {
        "ascending": SplitStatistics(
            mean=(0.0148, 0.186, 0.158, 0.054),
            optimum=(0.0143, 0.186, 0.164, 0.052),
            std=(0.0002, 0.006, 0.008, 0.002),
            r2_mean=0.586,
            r2_optimum=0.587,
            r2_std=0.0006,
            n_samples=2105,
        ),
        "descending": SplitStatistics(
            mean=(0.0155, 0.206, 0.1, 0.04),
            optimum=(0.0154, 0.2, 0.11, 0.04),
            std=(0.0004, 0.0007, 0.009, 0.003),
            r2_mean=0.507,
            r2_optimum=0.511,
            r2_std=0.001,
            n_samples=1287,
        ),
    }
)

#: What the descending STD of b should read, going by its neighbours.
DESCENDING_STD_B = 0.007

#: RMSE of the retrieval at the validation samples, both orbits, m3 m-3 (text to Fig. 4).
VALIDATION_RMSE = 0.07


def published_coefficients(
    orbit: Literal["ascending", "descending"],
    *,
    row: Literal["optimum", "mean"] = "optimum",
    standard_error: bool = True,
    as_printed: bool = False,
) -> RetrievalCoefficients:
    """Coefficients of eqs. 8 and 9 with a covariance made from Table 3.

    The covariance is diagonal, since the paper gives no other: the errors of the slopes and of the
    constant are in fact negatively correlated, so the standard error of a prediction near the
    middle of the data is overstated. ``residual_std`` is the paper's validation RMSE.

    Parameters
    ----------
    orbit : {"ascending", "descending"}
        Pass direction.
    row : {"optimum", "mean"}
        OPT (what the paper maps with, eqs. 8 and 9) or Mean.
    standard_error : bool
        Scale STD from the spread over 80 % subsets to a standard error (twice as large); False
        takes STD as it is.
    as_printed : bool
        Keep the misprinted 0.0007 for the descending STD of b.

    Returns
    -------
    RetrievalCoefficients
        Predictors in the order ``delta_sigma0_db``, ``ndvi``, ``ndmi``.

    Raises
    ------
    ValueError
        If orbit or row is something else.

    Examples
    --------
    >>> published_coefficients("ascending").coefficients
    (0.0143, 0.186, 0.164, 0.052)
    """
    if orbit not in TABLE_3:
        raise ValueError(f"orbit must be 'ascending' or 'descending', got {orbit!r}")
    if row not in ("optimum", "mean"):
        raise ValueError(f"row must be 'optimum' or 'mean', got {row!r}")
    table = TABLE_3[orbit]
    std = np.array(table.std)
    if orbit == "descending" and not as_printed:
        std[1] = DESCENDING_STD_B
    if standard_error:
        std = std * np.sqrt(TRAINING_SHARE / (1.0 - TRAINING_SHARE))
    equation = {"ascending": 8, "descending": 9}[orbit]
    return RetrievalCoefficients(
        values=np.array(getattr(table, row)),
        covariance=np.diag(std**2),
        residual_std=VALIDATION_RMSE,
        orbit=orbit,
        source=f"Li et al. (2025), Table 3 ({row}, {orbit})"
        + (f", eq. {equation}" if row == "optimum" else ""),
        n_samples=table.n_samples,
    )
