"""Windows of time in which errors are estimated apart.

The paper names constant weights as a weakness: errors of soil-moisture products change with the
season (vegetation, frost) and with the years (sensors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from local_core.calendar_year import SEASONS, season_index

__all__ = ["TimeWindows", "time_windows"]


@dataclass(frozen=True)
class TimeWindows:
    """A rule that assigns every date to a window.

    Attributes
    ----------
    kind : {"whole", "season", "month", "days"}
    labels : list of str
        Names of the windows.
    origin : numpy.datetime64 or int or None
        First date of the record, for windows of a number of days.
    length : int
        Their length.
    """

    kind: str
    labels: list[str]
    origin: np.datetime64 | int | None = None
    length: int = 0

    def index_of(self, time: xr.DataArray | None, n_times: int) -> np.ndarray:
        """Position of the window of every date, shape (time,).

        Dates outside the record that the windows were made for get the nearest window.
        """
        if self.kind == "whole":
            return np.zeros(n_times, dtype=np.int64)
        if self.kind == "season":
            return season_index(time.dt.month.values)
        if self.kind == "month":
            return np.asarray(time.dt.month.values) - 1
        if isinstance(self.origin, np.datetime64):
            elapsed = (time.values - self.origin) / np.timedelta64(1, "D")
        else:
            elapsed = np.arange(n_times, dtype=np.float64)
        index = np.floor(elapsed / self.length).astype(np.int64)
        return np.clip(index, 0, len(self.labels) - 1)


def time_windows(window: str | int | None, time: xr.DataArray | None, n_times: int) -> TimeWindows:
    """Make the windows of a record.

    Parameters
    ----------
    window : {"season", "month"} or int or None
        Meteorological seasons or calendar months (of all years together), consecutive windows of so
        many days (samples where there are no dates), or one window for everything. A last window of
        less than half the length joins the one before.
    time : xarray.DataArray or None
        The dates.
    n_times : int

    Returns
    -------
    TimeWindows

    Raises
    ------
    ValueError
        If the window is unknown or needs dates that are not there.
    """
    if window is None:
        return TimeWindows("whole", ["whole"])
    dated = time is not None and np.issubdtype(time.dtype, np.datetime64)
    if window in ("season", "month"):
        if not dated:
            raise ValueError(f"window={window!r} needs a time coordinate of dates")
        labels = list(SEASONS) if window == "season" else [f"{m:02d}" for m in range(1, 13)]
        return TimeWindows(window, labels)
    if isinstance(window, bool) or not isinstance(window, (int, np.integer)) or window < 1:
        raise ValueError(
            f"window must be 'season', 'month', a number of days or None, got {window!r}"
        )
    length = int(window)
    origin = time.values.min() if dated and n_times else 0
    span = (
        float((time.values.max() - origin) / np.timedelta64(1, "D")) + 1.0
        if dated and n_times
        else float(n_times)
    )
    count = max(1, int(span / length + 0.5))
    if dated:
        starts = origin + np.arange(count) * np.timedelta64(length, "D")
        labels = [str(start.astype("datetime64[D]")) for start in starts]
    else:
        labels = [str(start) for start in range(0, count * length, length)]
    return TimeWindows("days", labels, origin if dated else None, length)
