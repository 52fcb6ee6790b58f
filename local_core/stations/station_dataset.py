"""From sensor records to one Dataset of daily values (station, depth, time), screened."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from local_core.stations.quality_flags import uses_good_flag
from local_core.stations.removals import REMOVAL_COLUMNS
from local_core.stations.screening import ScreeningRules
from local_core.stations.sensor_record import SensorRecord, StationDataError
from local_core.stations.site_screening import SiteScreening, empty_arrays
from local_core.stations.site_table import site_rows
from local_core.stations.status import FrozenSource, SoilState, Status
from local_core.stations.vegetation import reclassify_by_evi
from local_core.status_flags import flag_attributes


@dataclass(frozen=True, kw_only=True)
class StationData:
    """Screened stations and the account of what screening did.

    Parameters
    ----------
    dataset : Dataset (station, depth, time)
        ``soil_moisture`` [m3 m-3], ``status``, ``n_valid``, ``soil_temperature`` [degC],
        ``frozen``, and the coordinates of the stations.
    removals : DataFrame
        One row a removed stretch, see :data:`~local_core.stations.removals.REMOVAL_COLUMNS`.
    flag_counts : DataFrame
        How often each quality flag of the archive occurs: station, depth_cm, flag, n, accepted.
    reclassified : DataFrame
        Result of the EVI rule; empty if no site has both a vegetation type and an EVI.
    """

    dataset: xr.Dataset
    removals: pd.DataFrame
    flag_counts: pd.DataFrame
    reclassified: pd.DataFrame


def station_dataset(
    records: Sequence[SensorRecord],
    *,
    flag_policy: str = "good",
    rules: ScreeningRules | None = None,
    min_share: float = 0.5,
    frozen_soil: str = "keep",
    sites: pd.DataFrame | None = None,
) -> StationData:
    """Screen sensor records and average them to UTC days.

    The order of the checks is: the archive's flags, range, spikes, flat lines (on the values as
    recorded); too few values in a day; near-identical depths, frozen soil (on daily means).

    Parameters
    ----------
    records : sequence of SensorRecord
        Of any number of stations. Sensors of one station at the same depth are averaged.
    flag_policy : str, optional
        Accepted quality flags, see :func:`~local_core.stations.quality_flags.accepted_flags`. For
        permafrost use ``"good+frozen"``: the ISMN flags every value taken below 0 degC, and with
        ``"good"`` no winter would be left.
    rules : ScreeningRules, optional
        Thresholds of the checks.
    min_share : float, optional
        Share of a day's values that a daily mean needs.
    frozen_soil : {"keep", "remove"}, optional
        Whether days with frozen soil keep their (unfrozen water) value. They are marked in
        ``frozen`` either way.
    sites : DataFrame, optional
        What is known about the stations, by the column ``station`` ("network/station" or
        "station"): ``vegetation_type``, ``evi`` (mean of June to September), ``latitude``,
        ``longitude``, ``elevation``. Types are checked with
        :func:`~local_core.stations.vegetation.reclassify_by_evi`.

    Returns
    -------
    StationData

    Raises
    ------
    StationDataError
        If there is no soil-moisture record, or the table of sites does not fit.

    Examples
    --------
    >>> hours = np.datetime64("2010-07-01", "ns") + np.arange(48) * np.timedelta64(1, "h")
    >>> record = SensorRecord(network="N", station="S", variable="soil_moisture",
    ...                       depth_from_m=0.05, depth_to_m=0.05, time=hours,
    ...                       value=np.linspace(0.2, 0.3, 48))
    >>> data = station_dataset([record])
    >>> data.dataset.soil_moisture.dims, data.dataset.soil_moisture.shape
    (('station', 'depth', 'time'), (1, 1, 2))
    """
    if frozen_soil not in ("keep", "remove"):
        raise ValueError(f"frozen_soil={frozen_soil!r}; expected 'keep' or 'remove'")
    rules = rules or ScreeningRules()
    by_site: dict[str, list[SensorRecord]] = defaultdict(list)
    for record in records:
        by_site[record.site].append(record)
    moist = {
        site: sensors
        for site, sensors in sorted(by_site.items())
        if any(s.variable == "soil_moisture" and s.time.size for s in sensors)
    }
    if not moist:
        raise StationDataError(
            f"none of the {len(records)} records holds soil moisture; expected at least one "
            "station with a soil-moisture sensor"
        )
    sensors = [sensor for group in moist.values() for sensor in group if sensor.time.size]
    days = np.arange(
        min(s.time[0] for s in sensors).astype("datetime64[D]"),
        max(s.time[-1] for s in sensors).astype("datetime64[D]") + 1,
    )
    depths = np.array(sorted({sensor.depth_cm for sensor in sensors}))
    networks_with_g = {
        network
        for network in {sensor.network for sensor in sensors}
        if uses_good_flag(s.flag for s in sensors if s.network == network)
    }
    arrays = empty_arrays(len(moist), depths.size, days.size)
    names = np.full((len(moist), depths.size), "", dtype=object)
    removals: list[pd.DataFrame] = []
    flag_counts: list[dict[str, object]] = []
    for row, group in enumerate(moist.values()):
        screening = SiteScreening(
            days, depths, rules, flag_policy, min_share, frozen_soil, networks_with_g
        )
        screening.run(group)
        for name, array in arrays.items():
            array[row] = getattr(screening, name)
        names[row] = screening.sensor_names
        removals += screening.removals
        flag_counts += screening.flag_counts
    removals = [table for table in removals if len(table)] or [
        pd.DataFrame(columns=list(REMOVAL_COLUMNS))
    ]
    dataset = _assemble(moist, arrays, names, days, depths)
    dataset.attrs.update(
        flag_policy=flag_policy,
        min_share=min_share,
        frozen_soil=frozen_soil,
        screening_rules=", ".join(
            f"{key}={value}" for key, value in dataclasses.asdict(rules).items()
        ),
    )
    dataset, reclassified = _with_sites(dataset, sites)
    counts = pd.DataFrame(flag_counts, columns=["station", "depth_cm", "flag", "n", "accepted"])
    return StationData(
        dataset=dataset,
        removals=pd.concat(removals, ignore_index=True),
        flag_counts=counts,
        reclassified=reclassified,
    )


def _assemble(
    moist: dict[str, list[SensorRecord]],
    arrays: dict[str, np.ndarray],
    names: np.ndarray,
    days: np.ndarray,
    depths: np.ndarray,
) -> xr.Dataset:
    first = [group[0] for group in moist.values()]
    dims = ("station", "depth", "time")
    dataset = xr.Dataset(
        {name: (dims[: array.ndim], array) for name, array in arrays.items()}
        | {"sensor": (dims[:2], names.astype(str))},
        coords={
            "station": list(moist),
            "depth": depths / 100,
            "time": days.astype("datetime64[ns]"),
            "network": ("station", [record.network for record in first]),
            "latitude": ("station", [record.latitude for record in first]),
            "longitude": ("station", [record.longitude for record in first]),
            "elevation": ("station", [record.elevation_m for record in first]),
            "land_cover": ("station", [record.land_cover for record in first]),
            "climate": ("station", [record.climate for record in first]),
        },
    )
    dataset["soil_moisture"].attrs = {
        "long_name": "volumetric (unfrozen) soil water content, daily mean",
        "standard_name": "volume_fraction_of_condensed_water_in_soil",
        "units": "m3 m-3",
        "cell_methods": "time: mean",
        "ancillary_variables": "status n_valid",
    }
    dataset["soil_temperature"].attrs = {
        "long_name": "soil temperature, daily mean",
        "standard_name": "soil_temperature",
        "units": "degC",
        "cell_methods": "time: mean",
    }
    dataset["n_valid"].attrs = {"long_name": "values in the daily mean", "units": "1"}
    dataset["status"].attrs = flag_attributes(Status, "why a day has no value")
    dataset["frozen"].attrs = flag_attributes(SoilState, "freeze/thaw state of the soil")
    dataset["frozen_source"].attrs = flag_attributes(
        FrozenSource, "what the freeze/thaw state was taken from"
    )
    dataset["sensor"].attrs = {"long_name": "instrument"}
    dataset["depth"].attrs = {"units": "m", "positive": "down", "standard_name": "depth"}
    dataset["time"].attrs = {"standard_name": "time", "long_name": "UTC day"}
    dataset["latitude"].attrs = {"standard_name": "latitude", "units": "degrees_north"}
    dataset["longitude"].attrs = {"standard_name": "longitude", "units": "degrees_east"}
    dataset["elevation"].attrs = {"standard_name": "surface_altitude", "units": "m"}
    dataset["station"].attrs = {"cf_role": "timeseries_id", "long_name": "network/station"}
    dataset.attrs = {"Conventions": "CF-1.11", "featureType": "timeSeriesProfile"}
    return dataset


def _with_sites(dataset: xr.Dataset, sites: pd.DataFrame | None) -> tuple[xr.Dataset, pd.DataFrame]:
    """Attach what a table says about the stations, and check vegetation types by greenness."""
    stations = [str(name) for name in dataset["station"].values]
    types = np.full(len(stations), "", dtype=object)
    evi = np.full(len(stations), np.nan)
    if sites is not None:
        for index, row in enumerate(site_rows(stations, sites)):
            if row is None:
                continue
            if isinstance(row.get("vegetation_type"), str):
                types[index] = row["vegetation_type"].strip()
            evi[index] = row.get("evi", np.nan)
            for name in ("latitude", "longitude", "elevation"):
                if pd.notna(row.get(name)):
                    dataset[name].values[index] = float(row[name])
    reclassified = pd.DataFrame()
    if ((types != "") & np.isfinite(evi)).any():
        reclassified = reclassify_by_evi(list(types), evi, site=stations)
        types = reclassified["vegetation_type"].to_numpy(dtype=object)
    dataset = dataset.assign_coords(
        vegetation_type=("station", types.astype(str)), growing_season_evi=("station", evi)
    )
    dataset["growing_season_evi"].attrs = {
        "long_name": "mean enhanced vegetation index, June to September",
        "units": "1",
    }
    return dataset, reclassified
