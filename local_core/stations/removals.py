"""The table of removals: what was taken out of a record, when, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from local_core.stations.sensor_record import SensorRecord
from local_core.stations.status import Status

#: Columns of the table. ``resolution`` says what ``n`` counts: values of the record, or days.
REMOVAL_COLUMNS = (
    "station",
    "depth_cm",
    "sensor",
    "reason",
    "flag",
    "start",
    "end",
    "n",
    "resolution",
)


def removal_runs(
    record: SensorRecord,
    time: ArrayLike,
    status: ArrayLike,
    *,
    flag: ArrayLike | None = None,
    resolution: str,
) -> pd.DataFrame:
    """List the uninterrupted stretches of one sensor that were removed for one reason.

    Parameters
    ----------
    record : SensorRecord
        Whose values these are.
    time : array of datetime64, shape (n,)
    status : array of int, shape (n,)
        Values of :class:`~local_core.stations.status.Status`; VALID and NOT_RECORDED are no
        removals.
    flag : array of str, shape (n,), optional
        Archive's flags; stretches are split where they change.
    resolution : {"value", "day"}
        What one element of ``status`` is.

    Returns
    -------
    DataFrame
        Columns :data:`REMOVAL_COLUMNS`, one row a stretch.

    Examples
    --------
    >>> days = np.datetime64("2010-07-01", "ns") + np.arange(4) * np.timedelta64(1, "D")
    >>> record = SensorRecord(network="", station="S", variable="soil_moisture", depth_from_m=0.05,
    ...                       depth_to_m=0.05, time=days, value=np.array([0.2, 0.9, 0.9, 0.2]))
    >>> runs = removal_runs(record, days, [0, 3, 3, 0], resolution="value")
    >>> runs[["reason", "n"]].values.tolist()
    [['out_of_range', 2]]
    """
    stamps = np.asarray(time, dtype="datetime64[ns]")
    codes = np.asarray(status, dtype=int)
    flags = np.full(codes.shape, "", dtype="U1") if flag is None else np.asarray(flag, dtype=str)
    flags = np.where(codes == Status.QUALITY_FLAG, flags, "")
    removed = codes > Status.NOT_RECORDED
    if not removed.any():
        return pd.DataFrame(columns=list(REMOVAL_COLUMNS))
    changes = (np.diff(codes) != 0) | (flags[1:] != flags[:-1])
    first = np.concatenate([[0], np.flatnonzero(changes) + 1])
    last = np.concatenate([first[1:] - 1, [codes.size - 1]])
    keep = removed[first]
    first, last = first[keep], last[keep]
    return pd.DataFrame(
        {
            "station": record.site,
            "depth_cm": record.depth_cm,
            "sensor": record.sensor,
            "reason": [Status(code).name.lower() for code in codes[first]],
            "flag": flags[first],
            "start": stamps[first],
            "end": stamps[last],
            "n": last - first + 1,
            "resolution": resolution,
        },
        columns=list(REMOVAL_COLUMNS),
    )
