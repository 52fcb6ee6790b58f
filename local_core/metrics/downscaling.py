"""G_down: does a downscaled product say more about a station than the coarse one it came from?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class DownscalingGain(NamedTuple):
    """Gains between -1 (worse than the coarse product) and 1 (perfect).

    Attributes
    ----------
    g_down : float or ndarray
        Mean of the three.
    efficiency, precision, accuracy : float or ndarray
        Gains in slope, correlation and bias.
    """

    g_down: Any
    efficiency: Any
    precision: Any
    accuracy: Any


def downscaling_gain(coarse: Any, fine: Any) -> DownscalingGain:
    """Compare the scores of a fine product with those of the coarse one it was made from.

    Parameters
    ----------
    coarse, fine : mapping
        ``slope``, ``r`` and ``bias`` of each product against the same stations, as returned by
        :func:`local_core.metrics.scores` (the slope is that of the product on the station).

    Returns
    -------
    DownscalingGain
        NaN where both products are perfect in one respect.

    Raises
    ------
    KeyError
        If a score is missing.

    References
    ----------
    Qu et al. (2021), eqs. 16-19; Merlin et al. (2015).

    Examples
    --------
    >>> coarse = {"slope": 0.5, "r": 0.6, "bias": -0.04}
    >>> fine = {"slope": 0.8, "r": 0.8, "bias": 0.01}
    >>> [round(float(g), 2) for g in downscaling_gain(coarse, fine)]
    [0.45, 0.43, 0.33, 0.6]
    """
    for which, product in (("coarse", coarse), ("fine", fine)):
        missing = [name for name in ("slope", "r", "bias") if name not in product]
        if missing:
            raise KeyError(f"the {which} product's scores lack {', '.join(missing)}")
    efficiency = _gain(1.0 - coarse["slope"], 1.0 - fine["slope"])
    precision = _gain(1.0 - coarse["r"], 1.0 - fine["r"])
    accuracy = _gain(coarse["bias"], fine["bias"])
    return DownscalingGain(
        (efficiency + precision + accuracy) / 3.0, efficiency, precision, accuracy
    )


def _gain(coarse: Any, fine: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.divide(abs(coarse) - abs(fine), abs(coarse) + abs(fine))
