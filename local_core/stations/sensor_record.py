"""One sensor's series as it was recorded: the unit every reader returns and screening works on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

VARIABLES = ("soil_moisture", "soil_temperature")


class StationDataError(ValueError):
    """Station input that cannot be read or does not make sense."""


@dataclass(frozen=True, kw_only=True)
class SensorRecord:
    """Values of one sensor at one depth, with everything its archive says about them.

    Parameters
    ----------
    network, station : str
        Names; together they identify the site.
    variable : {"soil_moisture", "soil_temperature"}
        m3 m-3 and degrees Celsius respectively.
    depth_from_m, depth_to_m : float
        Upper and lower end of the sensor [m, positive down]; equal for a point sensor.
    time : array of datetime64[ns], shape (n,)
        Time stamps in UTC, strictly increasing.
    value : array of float, shape (n,)
        NaN where missing.
    flag, provider_flag : array of str, shape (n,), optional
        Quality flags of the archive and of the data provider; "" where there is none.
    latitude, longitude, elevation_m : float, optional
        Degrees north, degrees east, metres.
    sensor : str, optional
        Instrument.
    source : str, optional
        The file it came from.
    land_cover, climate : str, optional
        Classes the archive states.

    Raises
    ------
    StationDataError
        If lengths differ, times do not increase, or the variable or depth is not valid.

    Examples
    --------
    >>> import numpy as np
    >>> hours = np.datetime64("2010-07-01", "ns") + np.arange(3) * np.timedelta64(1, "h")
    >>> record = SensorRecord(network="N", station="S", variable="soil_moisture",
    ...                       depth_from_m=0.05, depth_to_m=0.05, time=hours,
    ...                       value=np.array([0.2, 0.21, np.nan]))
    >>> record.depth_cm, record.step_hours
    (5, 1.0)
    """

    network: str
    station: str
    variable: str
    depth_from_m: float
    depth_to_m: float
    time: NDArray[np.datetime64]
    value: NDArray[np.float64]
    flag: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype="U1"))
    provider_flag: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype="U1"))
    latitude: float = np.nan
    longitude: float = np.nan
    elevation_m: float = np.nan
    sensor: str = ""
    source: str = ""
    land_cover: str = ""
    climate: str = ""

    def __post_init__(self) -> None:
        """Check the series and give absent flags their empty text."""
        where = f"{self.source or self.site} ({self.variable}, {self.depth_from_m} m)"
        if self.variable not in VARIABLES:
            raise StationDataError(
                f"{where}: variable {self.variable!r} is not one of {', '.join(VARIABLES)}"
            )
        if not 0 <= self.depth_from_m <= self.depth_to_m:
            raise StationDataError(
                f"{where}: sensor depth from {self.depth_from_m} to {self.depth_to_m} m; expected "
                "0 <= from <= to, in metres below the surface"
            )
        if self.time.ndim != 1 or self.time.shape != self.value.shape:
            raise StationDataError(
                f"{where}: {self.time.shape} time stamps for {self.value.shape} values; "
                "expected one-dimensional arrays of one length"
            )
        if self.time.size and np.isnat(self.time).any():
            raise StationDataError(f"{where}: unreadable time stamps (NaT)")
        if self.time.size > 1 and not (np.diff(self.time) > np.timedelta64(0)).all():
            raise StationDataError(
                f"{where}: time stamps repeat or go back; build the record with in_time_order()"
            )
        for name in ("flag", "provider_flag"):
            given = getattr(self, name)
            if given.size == 0:
                object.__setattr__(self, name, np.full(self.time.shape, "", dtype="U1"))
            elif given.shape != self.time.shape:
                raise StationDataError(
                    f"{where}: {given.shape} {name}s for {self.time.shape} values"
                )

    @property
    def site(self) -> str:
        """Identifier of the site, ``network/station``."""
        return f"{self.network}/{self.station}" if self.network else self.station

    @property
    def depth_cm(self) -> int:
        """Middle of the sensor in whole centimetres, the resolution of Chang's profiles."""
        return int(np.floor((self.depth_from_m + self.depth_to_m) * 50 + 0.5))

    @property
    def step_hours(self) -> float:
        """Usual time between two values [h]: the median of the steps, NaN below two values."""
        if self.time.size < 2:
            return float("nan")
        return float(np.median(np.diff(self.time)) / np.timedelta64(1, "h"))


def in_time_order(
    time: ArrayLike, *columns: ArrayLike
) -> tuple[NDArray[np.datetime64], list[NDArray[np.generic]], int]:
    """Sort rows by time and keep the first of those that share a time stamp.

    Parameters
    ----------
    time : array of datetime64, shape (n,)
        Time stamps in any order; rows whose time stamp is NaT are dropped.
    *columns : arrays, shape (n,)
        What belongs to them.

    Returns
    -------
    time : array of datetime64[ns], shape (m,)
        Strictly increasing.
    columns : list of arrays, shape (m,)
        In the same order.
    n_dropped : int
        Rows that repeated a time stamp or had none.

    Examples
    --------
    >>> days = ["2010-01-02", "2010-01-01", "2010-01-02"]
    >>> time, (value,), dropped = in_time_order(days, [2, 1, 9])
    >>> value.tolist(), dropped
    ([1, 2], 1)
    """
    stamps = np.asarray(time, dtype="datetime64[ns]")
    order = np.argsort(stamps, kind="stable")
    order = order[~np.isnat(stamps[order])]
    ordered = stamps[order]
    first = np.ones(ordered.size, dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    keep = order[first]
    return stamps[keep], [np.asarray(column)[keep] for column in columns], stamps.size - keep.size
