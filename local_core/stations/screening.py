"""Checks that find values a sensor cannot have measured.

Chang et al. (2022, section III-B) exclude sites with obvious errors, such as almost identical
values at two depths, and give no thresholds. The thresholds here are ours, kept wide so that only
obvious errors go; every one is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True)
class ScreeningRules:
    """Thresholds of the checks.

    Parameters
    ----------
    valid_range : (float, float), optional
        Soil moisture [m3 m-3] must lie above the first and not above the second. A reading of
        exactly 0 is a logger's default, not a soil. The upper end is the ISMN's; raise it for peat.
    spike_height : float, optional
        Height [m3 m-3] of an excursion that returns to where it began.
    spike_hours : float, optional
        Longest duration of a spike [h]. Series with a longer time step (daily means) are not
        checked: a one-day pulse is rain as often as an error.
    flat_days : float, optional
        Shortest time without any change [days] that counts as a stuck sensor. Frozen soil is
        exempt, since its unfrozen water hardly changes for months.
    near_identical_difference : float, optional
        Two depths are near-identical while they do not differ by more than this [m3 m-3].
    near_identical_days : int, optional
        Fewest days of a stretch of near-identical depths that is removed.
    """

    valid_range: tuple[float, float] = (0.0, 0.6)
    spike_height: float = 0.1
    spike_hours: float = 2.0
    flat_days: float = 30.0
    near_identical_difference: float = 0.001
    near_identical_days: int = 30

    def __post_init__(self) -> None:
        """Check that thresholds can remove something and keep something."""
        low, high = self.valid_range
        positive = (
            self.spike_height,
            self.spike_hours,
            self.flat_days,
            self.near_identical_days,
        )
        if not low < high or min(positive) <= 0 or self.near_identical_difference < 0:
            raise ValueError(
                f"{self}: expected valid_range with low < high, and positive heights and durations"
            )


def out_of_range(value: ArrayLike, valid_range: tuple[float, float]) -> NDArray[np.bool_]:
    """Tell which values are not soil moisture.

    Parameters
    ----------
    value : array [m3 m-3]
    valid_range : (float, float)
        Values up to the first, or above the second, are out of range.

    Examples
    --------
    >>> out_of_range([0.0, 0.2, 0.7, np.nan], (0.0, 0.6))
    array([ True, False,  True, False])
    """
    series = np.asarray(value, dtype=float)
    return (series <= valid_range[0]) | (series > valid_range[1])


def spikes(
    value: ArrayLike, *, step_hours: float, height: float, longest_hours: float
) -> NDArray[np.bool_]:
    """Find short excursions that return to where they began.

    A value is part of a spike if it and at most ``longest_hours`` of neighbours all lie more than
    ``height`` above (or all below) the value before and the value after them, and these two agree
    within half of ``height``. Rain is no spike: it leaves the soil wetter than before.

    Parameters
    ----------
    value : array, shape (n,)
        Series with a constant step; NaN where missing.
    step_hours : float
    height, longest_hours : float
        As in :class:`ScreeningRules`.

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> spikes([0.2, 0.2, 0.45, 0.2, 0.3, 0.29], step_hours=1, height=0.1, longest_hours=2)
    array([False, False,  True, False, False, False])
    """
    series = np.asarray(value, dtype=float)
    found = np.zeros(series.shape, dtype=bool)
    if not step_hours <= longest_hours:
        return found
    for width in range(1, int(longest_hours // step_hours) + 1):
        n_windows = series.size - width - 1
        if n_windows <= 0:
            break
        before, after = series[:n_windows], series[width + 1 :]
        inside = np.lib.stride_tricks.sliding_window_view(series[1:-1], width)
        returns = np.abs(after - before) <= height / 2
        above = inside.min(axis=1) - np.maximum(before, after) > height
        below = np.minimum(before, after) - inside.max(axis=1) > height
        for start in np.flatnonzero(returns & (above | below)):
            found[start + 1 : start + 1 + width] = True
    return found


def flat_lines(
    time: ArrayLike,
    value: ArrayLike,
    *,
    shortest_days: float,
    exempt: ArrayLike | None = None,
) -> NDArray[np.bool_]:
    """Find stretches in which a sensor repeats one value.

    Parameters
    ----------
    time : array of datetime64, shape (n,)
    value : array, shape (n,)
        NaN where missing. Gaps of up to a day do not end a stretch, since a stuck logger has gaps
        too; after longer ones the soil may have returned to the same value by itself.
    shortest_days : float
        As ``flat_days`` of :class:`ScreeningRules`, from the first to the last repetition.
    exempt : array of bool, shape (n,), optional
        Values that end a stretch and are never part of one (frozen soil).

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> days = np.datetime64("2010-07-01") + np.arange(5)
    >>> flat_lines(days, [0.2, 0.3, 0.3, 0.3, 0.1], shortest_days=2)
    array([False,  True,  True,  True, False])
    """
    stamps = np.asarray(time, dtype="datetime64[ns]")
    series = np.asarray(value, dtype=float)
    found = np.zeros(series.shape, dtype=bool)
    free = np.isfinite(series)
    barrier = np.zeros(series.shape, dtype=bool) if exempt is None else np.asarray(exempt, bool)
    used = np.flatnonzero(free & ~barrier)
    if used.size == 0:
        return found
    barriers_before = np.cumsum(barrier)[used]
    # Daily records step by exactly one day.
    far_apart = np.diff(stamps[used]) > np.timedelta64(1, "D")
    breaks = (np.diff(series[used]) != 0) | (np.diff(barriers_before) != 0) | far_apart
    first = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    last = np.concatenate([first[1:] - 1, [used.size - 1]])
    length = (stamps[used[last]] - stamps[used[first]]) / np.timedelta64(1, "D")
    for start, end in zip(first[length >= shortest_days], last[length >= shortest_days]):
        found[used[start : end + 1]] = True
    return found


def near_identical_depths(
    value: ArrayLike,
    *,
    difference: float,
    shortest_days: int,
    exempt: ArrayLike | None = None,
) -> NDArray[np.bool_]:
    """Find stretches of days on which two depths of a station report the same series.

    Two sensors cannot both be right then, and the data do not tell which is wrong: both go, as
    Chang et al. (2022) do.

    Parameters
    ----------
    value : array, shape (n_depth, n_day)
        Daily means of one station; NaN where missing.
    difference : float
        Largest difference [m3 m-3] of a day in the stretch.
    shortest_days : int
        Fewest days in a stretch. Days on which either value is missing neither count nor end it.
    exempt : array of bool, shape (n_depth, n_day), optional
        Days not judged (frozen soil, where depths share the little water that stays unfrozen).

    Returns
    -------
    array of bool, shape (n_depth, n_day)

    Examples
    --------
    >>> surface = np.array([0.2, 0.3, 0.25, 0.22])
    >>> depths = [surface, surface, surface + 0.1]
    >>> near_identical_depths(depths, difference=0.001, shortest_days=4)[:, 0]
    array([ True,  True, False])
    """
    series = np.asarray(value, dtype=float)
    if exempt is not None:
        series = np.where(np.asarray(exempt, bool), np.nan, series)
    found = np.zeros(series.shape, dtype=bool)
    for upper in range(series.shape[0] - 1):
        for lower in range(upper + 1, series.shape[0]):
            apart = np.abs(series[upper] - series[lower])
            days = np.flatnonzero(np.isfinite(apart))
            if days.size == 0:
                continue
            same = apart[days] <= difference
            first = np.concatenate([[0], np.flatnonzero(np.diff(same)) + 1])
            last = np.concatenate([first[1:], [days.size]])
            for start, end in zip(first, last):
                if same[start] and end - start >= shortest_days:
                    found[upper, days[start:end]] = True
                    found[lower, days[start:end]] = True
    return found
