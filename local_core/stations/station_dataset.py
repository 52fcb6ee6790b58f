"""From sensor records to one Dataset of daily values (station, depth, time), screened."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from local_core.stations.daily_means import DailySeries, daily_means
from local_core.stations.freeze_thaw import freeze_thaw_state
from local_core.stations.quality_flags import frozen_by_flag, good_values, uses_good_flag
from local_core.stations.removals import REMOVAL_COLUMNS, removal_runs
from local_core.stations.screening import (
    ScreeningRules,
    flat_lines,
    near_identical_depths,
    out_of_range,
    spikes,
)
from local_core.stations.sensor_record import SensorRecord, StationDataError
from local_core.stations.status import SoilState, Status
from local_core.stations.vegetation import reclassify_by_evi
from local_core.status_flags import flag_attributes

_TEMPERATURE_RANGE_DEGC = (-60.0, 60.0)
#: A thermometer this far [cm] from a moisture sensor still tells whether its soil is frozen.
_TEMPERATURE_REACH_CM = 10
_FROZEN_SOURCES = ("none", "soil_temperature", "quality_flags")


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
    arrays = _empty_arrays(len(moist), depths.size, days.size)
    names = np.full((len(moist), depths.size), "", dtype=object)
    removals: list[pd.DataFrame] = []
    flag_counts: list[dict[str, object]] = []
    for row, group in enumerate(moist.values()):
        screening = _SiteScreening(
            days, depths, rules, flag_policy, min_share, frozen_soil, networks_with_g
        )
        screening.run(group)
        for name, array in arrays.items():
            array[row] = getattr(screening, name)
        names[row] = screening.sensor_names
        removals += screening.removals
        flag_counts += screening.flag_counts
    removals = [table for table in removals if len(table)]
    table = (
        pd.concat(removals, ignore_index=True)
        if removals
        else pd.DataFrame(columns=list(REMOVAL_COLUMNS))
    )
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
        dataset=dataset, removals=table, flag_counts=counts, reclassified=reclassified
    )


def _empty_arrays(n_site: int, n_depth: int, n_day: int) -> dict[str, np.ndarray]:
    shape = (n_site, n_depth, n_day)
    return {
        "soil_moisture": np.full(shape, np.nan),
        "status": np.full(shape, Status.NOT_RECORDED, dtype=np.int8),
        "n_valid": np.zeros(shape, dtype=np.int32),
        "soil_temperature": np.full(shape, np.nan),
        "frozen": np.full(shape, SoilState.UNKNOWN, dtype=np.int8),
        "frozen_source": np.zeros(shape[:2], dtype=np.int8),
    }


class _SiteScreening:
    """One station on its way through the checks; arrays are (depth, time)."""

    def __init__(
        self,
        days: np.ndarray,
        depths: np.ndarray,
        rules: ScreeningRules,
        flag_policy: str,
        min_share: float,
        frozen_soil: str,
        networks_with_g: set[str],
    ) -> None:
        self.days = days
        self.depths = depths
        self.rules = rules
        self.flag_policy = flag_policy
        self.min_share = min_share
        self.frozen_soil = frozen_soil
        self.networks_with_g = networks_with_g
        for name, array in _empty_arrays(1, depths.size, days.size).items():
            setattr(self, name, array[0])
        self.sensor_names = np.full(depths.size, "", dtype=object)
        self.removals: list[pd.DataFrame] = []
        self.flag_counts: list[dict[str, object]] = []

    def run(self, sensors: Sequence[SensorRecord]) -> None:
        for row, depth in enumerate(self.depths):
            here = [s for s in sensors if s.depth_cm == depth and s.variable == "soil_temperature"]
            means = [self._temperature_means(sensor) for sensor in here if sensor.time.size]
            if means:
                self.soil_temperature[row] = _mean_of_present(means)
        moisture: dict[int, list[SensorRecord]] = {}
        for row, depth in enumerate(self.depths):
            here = [s for s in sensors if s.depth_cm == depth and s.variable == "soil_moisture"]
            moisture[row] = [sensor for sensor in here if sensor.time.size]
            if moisture[row]:
                self._freeze_thaw(row, moisture[row])
        for row, here in moisture.items():
            if here:
                self._moisture_means(row, here)
        self._daily_checks({row: here[0] for row, here in moisture.items() if here})

    def _temperature_means(self, sensor: SensorRecord) -> np.ndarray:
        status = self._flag_status(sensor, "good")
        low, high = _TEMPERATURE_RANGE_DEGC
        status[(status == 0) & ((sensor.value < low) | (sensor.value > high))] = Status.OUT_OF_RANGE
        return self._average(sensor, status).mean

    def _freeze_thaw(self, row: int, sensors: Sequence[SensorRecord]) -> None:
        """State at one depth: from a thermometer near it, else from the archive's frost flags."""
        measured = np.isfinite(self.soil_temperature).any(axis=1)
        distance = np.where(measured, np.abs(self.depths - self.depths[row]), np.inf)
        nearest = int(np.argmin(distance))
        if distance[nearest] <= _TEMPERATURE_REACH_CM:
            temperature = self.soil_temperature[nearest]
            self.frozen_source[row] = 1
        else:
            below = [frozen_by_flag(sensor.flag) for sensor in sensors]
            if not any(flags.any() for flags in below):
                return
            # Frost flags say on which side of 0 degC an hour was; a day goes with most of them.
            means = [
                self._average(
                    dataclasses.replace(sensor, value=np.where(flags, -1.0, 1.0)),
                    np.where(sensor.flag == "M", Status.NOT_RECORDED, Status.VALID),
                ).mean
                for sensor, flags in zip(sensors, below)
            ]
            temperature = _mean_of_present(means)
            self.frozen_source[row] = 2
        self.frozen[row] = freeze_thaw_state(temperature)

    def _moisture_means(self, row: int, sensors: Sequence[SensorRecord]) -> None:
        frozen_day = self.frozen[row] == SoilState.FROZEN
        series: list[DailySeries] = []
        for sensor in sensors:
            self._count_flags(sensor)
            status = self._flag_status(sensor, self.flag_policy)
            value = np.where(status == Status.VALID, sensor.value, np.nan)
            checks = (
                (Status.OUT_OF_RANGE, lambda v, s: out_of_range(v, self.rules.valid_range)),
                (
                    Status.SPIKE,
                    lambda v, s: spikes(
                        v,
                        step_hours=s.step_hours,
                        height=self.rules.spike_height,
                        longest_hours=self.rules.spike_hours,
                    ),
                ),
                (
                    Status.FLAT_LINE,
                    lambda v, s: flat_lines(
                        s.time,
                        v,
                        shortest_days=self.rules.flat_days,
                        exempt=frozen_day[self._day_index(s)],
                    ),
                ),
            )
            for reason, check in checks:
                status[check(value, sensor)] = reason
                value = np.where(status == Status.VALID, sensor.value, np.nan)
            self.removals.append(
                removal_runs(sensor, sensor.time, status, flag=sensor.flag, resolution="value")
            )
            daily = self._average(sensor, status)
            self.removals.append(
                removal_runs(
                    sensor,
                    self.days,
                    np.where(daily.status == Status.TOO_FEW_VALUES, daily.status, 0),
                    resolution="day",
                )
            )
            series.append(daily)
        self.soil_moisture[row] = _mean_of_present([daily.mean for daily in series])
        self.n_valid[row] = np.sum([daily.n_valid for daily in series], axis=0)
        self.sensor_names[row] = " + ".join(sensor.sensor for sensor in sensors)
        first = series[0].status
        for daily in series[1:]:
            first = np.where(first <= Status.NOT_RECORDED, np.maximum(first, daily.status), first)
        self.status[row] = np.where(np.isfinite(self.soil_moisture[row]), Status.VALID, first)

    def _daily_checks(self, sensors: dict[int, SensorRecord]) -> None:
        frozen = self.frozen == SoilState.FROZEN
        same = near_identical_depths(
            self.soil_moisture,
            difference=self.rules.near_identical_difference,
            shortest_days=self.rules.near_identical_days,
            exempt=frozen,
        )
        checks = [(Status.NEAR_IDENTICAL_DEPTHS, same)]
        if self.frozen_soil == "remove":
            checks.append((Status.FROZEN_SOIL, frozen))
        for reason, found in checks:
            removed = found & np.isfinite(self.soil_moisture)
            self.soil_moisture[removed] = np.nan
            self.status[removed] = reason
            for row, sensor in sensors.items():
                self.removals.append(
                    removal_runs(sensor, self.days, removed[row] * reason, resolution="day")
                )

    def _flag_status(self, sensor: SensorRecord, policy: str) -> np.ndarray:
        good = good_values(
            sensor.flag,
            policy=policy,
            unflagged_is_good=sensor.network not in self.networks_with_g,
        )
        status = np.where(good, Status.VALID, Status.QUALITY_FLAG)
        status[~np.isfinite(sensor.value)] = Status.NOT_RECORDED
        return status

    def _count_flags(self, sensor: SensorRecord) -> None:
        distinct, counts = np.unique(sensor.flag, return_counts=True)
        accepted = good_values(
            distinct,
            policy=self.flag_policy,
            unflagged_is_good=sensor.network not in self.networks_with_g,
        )
        self.flag_counts += [
            {
                "station": sensor.site,
                "depth_cm": sensor.depth_cm,
                "flag": str(flag),
                "n": int(n),
                "accepted": bool(ok),
            }
            for flag, n, ok in zip(distinct, counts, accepted)
        ]

    def _day_index(self, sensor: SensorRecord) -> np.ndarray:
        return (sensor.time.astype("datetime64[D]") - self.days[0]).astype(int)

    def _average(self, sensor: SensorRecord, status: np.ndarray) -> DailySeries:
        return daily_means(
            sensor.time,
            sensor.value,
            self.days,
            status=status,
            step_hours=sensor.step_hours,
            min_share=self.min_share,
        )


def _mean_of_present(series: Sequence[np.ndarray]) -> np.ndarray:
    stacked = np.stack(series)
    n_present = np.isfinite(stacked).sum(axis=0)
    return np.where(n_present > 0, np.nansum(stacked, axis=0) / np.maximum(n_present, 1), np.nan)


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
    dataset["frozen_source"].attrs = {
        "long_name": "what the freeze/thaw state was taken from",
        "flag_values": np.arange(len(_FROZEN_SOURCES), dtype=np.int8),
        "flag_meanings": " ".join(_FROZEN_SOURCES),
    }
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
        for index, row in enumerate(matched):
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
