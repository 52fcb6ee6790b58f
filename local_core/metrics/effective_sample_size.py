"""How many independent pairs an autocorrelated series is worth.

Daily soil moisture remembers last week: a year of it holds far fewer than 365 independent pairs,
and intervals that ignore this are too narrow. With first-order autoregressive memory the loss is
known in closed form, and differs from score to score.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from local_core.metrics.moments import PairMoments


class EffectiveSampleSize(NamedTuple):
    """Effective numbers of pairs, shape (series,).

    Attributes
    ----------
    correlation : ndarray of float
        ``n (1 - ab) / (1 + ab)`` with the lag-one autocorrelations a, b of the two series
        (Bretherton et al. 1999, eq. 31).
    mean : ndarray of float
        ``n (1 - c) / (1 + c)`` with the lag-one autocorrelation c of the difference: for the bias.
    variance : ndarray of float
        ``n (1 - c**2) / (1 + c**2)``: for ubRMSE.
    """

    correlation: NDArray[np.float64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def lag_one_autocorrelation(
    centred: NDArray[np.float64], valid: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Lag-one autocorrelation of centred series with gaps, corrected for its small-sample bias.

    Only steps whose neighbour is valid too are used. The plain estimate is too small by about
    ``(1 + 4 rho) / n`` (Kendall 1954); this is added back.

    Parameters
    ----------
    centred : ndarray, shape (series, time)
        Series minus their means, zero where not valid; steps must be equidistant.
    valid : ndarray of bool, shape (series, time)
        Where the series has values.

    Returns
    -------
    ndarray, shape (series,)
        Autocorrelation within [-0.999, 0.999], 0 where no two neighbours are valid.
    """
    both = valid[:, 1:] & valid[:, :-1]
    n_pairs = both.sum(axis=-1)
    n = valid.sum(axis=-1)
    product = np.einsum("ij,ij->i", centred[:, 1:], centred[:, :-1])
    square = np.einsum("ij,ij->i", centred, centred)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = (product / n_pairs) / (square / n)
        rho = rho + (1.0 + 4.0 * rho) / n
    return np.clip(np.where((n_pairs > 0) & (square > 0), rho, 0.0), -0.999, 0.999)


def effective_sample_size(m: PairMoments) -> EffectiveSampleSize:
    """Effective numbers of pairs for correlation, mean and variance.

    Never more than ``n``: negative autocorrelation is not credited.

    Parameters
    ----------
    m : PairMoments
        Moments of equidistant series, gaps kept as NaN.

    Returns
    -------
    EffectiveSampleSize
        One number per series and kind of score.

    Examples
    --------
    >>> from local_core.metrics.moments import pair_moments
    >>> rng = np.random.default_rng(0)
    >>> noise = rng.normal(size=(2, 1, 4000))
    >>> size = effective_sample_size(pair_moments(noise[0], noise[1]))
    >>> bool(size.correlation[0] > 3800)
    True
    """
    a = lag_one_autocorrelation(m.x, m.valid)
    b = lag_one_autocorrelation(m.y, m.valid)
    c = lag_one_autocorrelation(m.x - m.y, m.valid)
    ab = np.clip(a * b, 0.0, None)
    c = np.clip(c, 0.0, None)
    return EffectiveSampleSize(
        correlation=m.n * (1.0 - ab) / (1.0 + ab),
        mean=m.n * (1.0 - c) / (1.0 + c),
        variance=m.n * (1.0 - c * c) / (1.0 + c * c),
    )
