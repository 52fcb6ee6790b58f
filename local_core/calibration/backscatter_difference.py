"""From Sentinel-1 backscatter at stations to the difference that is eq. 7's first predictor.

Li et al. (2025) subtract the freezing season's backscatter (January, February) from the thawing
season's: the frozen soil has next to no liquid water, so the difference grows with moisture while
roughness cancels. Where the ground does not freeze the same role is played by the driest state a
place is ever seen in, as in change detection (Wagner et al. 1999): its lowest backscatter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

#: Reference angle of Li et al. (2025), eqs. 1 and 2.
REFERENCE_ANGLE_DEG = 38.0


@dataclass(frozen=True, kw_only=True)
class BackscatterReference:
    """What is subtracted from a place's backscatter.

    Parameters
    ----------
    kind : {"winter", "driest"}
        "winter" is the mean over ``months`` of all years (the paper's freezing season), "driest"
        the quantile ``share`` of all values of a place.
    months : tuple of int
        Months of the winter reference.
    share : float
        Quantile of the driest reference.
    min_n : int
        Fewer values at a place give no reference, and its samples are dropped.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    kind: Literal["winter", "driest"] = "winter"
    months: tuple[int, ...] = (1, 2)
    share: float = 0.05
    min_n: int = 3

    def __post_init__(self) -> None:
        if self.kind not in ("winter", "driest"):
            raise ValueError(f"the reference must be 'winter' or 'driest', got {self.kind!r}")
        if not self.months or any(not 1 <= m <= 12 for m in self.months):
            raise ValueError(f"months must be numbers from 1 to 12, got {self.months}")
        if not 0.0 <= self.share < 0.5:
            raise ValueError(f"share must be at least 0 and below 0.5, got {self.share}")

    @property
    def description(self) -> str:
        """One phrase for a report."""
        if self.kind == "winter":
            return f"mean of months {', '.join(map(str, self.months))}"
        return f"{100 * self.share:.0f} % quantile of all values of the place"


def linear_to_db(power: ArrayLike) -> NDArray[np.float64]:
    """Backscatter from linear power to dB; NaN where it is not positive.

    Examples
    --------
    >>> linear_to_db([0.1, 0.0]).round(1).tolist()
    [-10.0, nan]
    """
    power = np.asarray(power, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(power > 0.0, 10.0 * np.log10(power), np.nan)


def angle_slope(sigma0_db: ArrayLike, angle_deg: ArrayLike, place: ArrayLike) -> float:
    """Loss of backscatter per degree of incidence, from the passes over the same places.

    Differences between places are left out (a pooled regression within places), so land cover that
    happens to lie at steep angles does not masquerade as an angle effect.

    Parameters
    ----------
    sigma0_db, angle_deg : array_like, shape (n,)
        Backscatter and incidence angle.
    place : array_like, shape (n,)
        Station labels.

    Returns
    -------
    float
        dB per degree, positive where backscatter falls with angle: to be used as 0.16 and 0.10 are
        in the paper's eqs. 1 and 2.

    Raises
    ------
    ValueError
        If no place is seen under differing angles.
    """
    frame = pd.DataFrame({"sigma0": sigma0_db, "angle": angle_deg, "place": place}).dropna()
    within = frame[["sigma0", "angle"]] - frame.groupby("place")[["sigma0", "angle"]].transform(
        "mean"
    )
    spread = float((within["angle"] ** 2).sum())
    if spread < 1.0:
        raise ValueError(
            "no place is seen under differing incidence angles: give the slope as a number"
        )
    return -float((within["sigma0"] * within["angle"]).sum()) / spread


def normalised_to_angle(
    sigma0_db: ArrayLike, angle_deg: ArrayLike, slope: float
) -> NDArray[np.float64]:
    """Backscatter as if seen under 38 degrees (Li et al. 2025, eqs. 1 and 2).

    Examples
    --------
    >>> normalised_to_angle([-10.0], [40.0], 0.16).round(2).tolist()
    [-9.68]
    """
    sigma0_db, angle_deg = np.asarray(sigma0_db, float), np.asarray(angle_deg, float)
    return sigma0_db + slope * (angle_deg - REFERENCE_ANGLE_DEG)


def backscatter_difference(
    sigma0_db: ArrayLike,
    place: ArrayLike,
    time: ArrayLike,
    *,
    reference: BackscatterReference | None = None,
) -> NDArray[np.float64]:
    """Backscatter of each pass minus the reference of its place, in dB.

    Parameters
    ----------
    sigma0_db : array_like, shape (n,)
        Backscatter, NaN for gaps.
    place : array_like, shape (n,)
        Station labels.
    time : array_like of datetime64, shape (n,)
        Times of the passes, UTC.
    reference : BackscatterReference, optional
        Default: the winter mean of the paper.

    Returns
    -------
    ndarray, shape (n,)
        Differences; NaN where the pass is a gap or the place has no reference.

    References
    ----------
    Li et al. (2025), eq. 6.

    Examples
    --------
    >>> days = np.array(["2020-01-10", "2020-02-01", "2020-02-20", "2020-07-10"], "datetime64[D]")
    >>> backscatter_difference([-15.0, -16.0, -14.0, -10.0], ["a"] * 4, days)[-1].item()
    5.0
    """
    reference = reference or BackscatterReference()
    frame = pd.DataFrame(
        {
            "sigma0": np.asarray(sigma0_db, dtype=np.float64),
            "place": np.asarray(place),
            "month": pd.DatetimeIndex(np.asarray(time, dtype="datetime64[ns]")).month,
        }
    )
    usable = frame.dropna(subset=["sigma0"])
    if reference.kind == "winter":
        usable = usable[usable["month"].isin(reference.months)]
        level = usable.groupby("place")["sigma0"].mean()
    else:
        level = usable.groupby("place")["sigma0"].quantile(reference.share)
    count = usable.groupby("place")["sigma0"].size()
    level = level[count >= reference.min_n]
    return (frame["sigma0"] - frame["place"].map(level)).to_numpy(dtype=np.float64)
