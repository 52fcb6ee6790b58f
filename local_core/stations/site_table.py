"""What a user's table says about the stations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from local_core.stations.sensor_record import StationDataError


def site_rows(stations: Sequence[str], sites: pd.DataFrame) -> list[pd.Series | None]:
    """Find each station in a table, by ``network/station`` or by the station's own name.

    Parameters
    ----------
    stations : sequence of str
    sites : DataFrame
        With the column ``station``.

    Returns
    -------
    list of Series or None
        None for a station that the table does not have.

    Raises
    ------
    StationDataError
        If the table has no column ``station``, or none of the stations.

    Examples
    --------
    >>> sites = pd.DataFrame({"station": ["CST-01"], "vegetation_type": ["alpine meadow"]})
    >>> found = site_rows(["MAQU/CST-01", "MAQU/CST-02"], sites)
    >>> found[0]["vegetation_type"], found[1]
    ('alpine meadow', None)
    """
    if "station" not in sites:
        raise StationDataError(
            f"the table of sites has the columns {', '.join(map(str, sites.columns))}; "
            "expected a column 'station'"
        )
    rows = {str(row["station"]): row for _, row in sites.iterrows()}
    matched = [rows.get(name, rows.get(name.rsplit("/", 1)[-1])) for name in stations]
    if all(row is None for row in matched):
        raise StationDataError(
            f"no station of the table of sites ({', '.join(rows)}) is among those read "
            f"({', '.join(stations)})"
        )
    return matched
