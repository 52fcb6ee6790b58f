"""The sensors of one station, screened and averaged to days."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from local_core.stations.daily_means import DailySeries, daily_means
from local_core.stations.freeze_thaw import freeze_thaw_state
from local_core.stations.quality_flags import frozen_by_flag, good_values
from local_core.stations.removals import removal_runs
from local_core.stations.screening import (
    ScreeningRules,
    flat_lines,
    near_identical_depths,
    out_of_range,
    spikes,
)
from local_core.stations.sensor_record import SensorRecord
from local_core.stations.status import FrozenSource, SoilState, Status

_TEMPERATURE_RANGE_DEGC = (-60.0, 60.0)
#: A thermometer this far [cm] from a moisture sensor still tells whether its soil is frozen.
_TEMPERATURE_REACH_CM = 10


def empty_arrays(n_site: int, n_depth: int, n_day: int) -> dict[str, np.ndarray]:
    """Arrays of a network in which nothing was recorded.

    Returns
    -------
    dict of str to array
        Over (site, depth, day): ``soil_moisture`` [m3 m-3], ``status``, ``n_valid`` (values in a
        daily mean), ``soil_temperature`` [degC] and ``frozen``; over (site, depth):
        ``frozen_source``, what the state of the soil was taken from.
    """
    shape = (n_site, n_depth, n_day)
    return {
        "soil_moisture": np.full(shape, np.nan),
        "status": np.full(shape, Status.NOT_RECORDED, dtype=np.int8),
        "n_valid": np.zeros(shape, dtype=np.int32),
        "soil_temperature": np.full(shape, np.nan),
        "frozen": np.full(shape, SoilState.UNKNOWN, dtype=np.int8),
        "frozen_source": np.zeros(shape[:2], dtype=np.int8),
    }


class SiteScreening:
    """One station on its way through the checks.

    Parameters
    ----------
    days : array of datetime64[D], shape (time,)
    depths : array of int, shape (depth,)
        Sensor depths [cm], increasing; those of all stations.
    rules, flag_policy, min_share, frozen_soil
        As in :func:`~local_core.stations.station_dataset.station_dataset`.
    networks_with_g : set of str
        Networks whose archive has the flag for good values.

    Attributes
    ----------
    soil_moisture, status, n_valid, soil_temperature, frozen : array, shape (depth, time)
    frozen_source : array, shape (depth,)
        As in :func:`empty_arrays`.
    sensor_names : array of str, shape (depth,)
    removals : list of DataFrame
        Removed stretches, see :data:`~local_core.stations.removals.REMOVAL_COLUMNS`.
    flag_counts : list of dict
        How often each flag of the archive occurs: station, depth_cm, flag, n, accepted.
    """

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
        for name, array in empty_arrays(1, depths.size, days.size).items():
            setattr(self, name, array[0])
        self.sensor_names = np.full(depths.size, "", dtype=object)
        self.removals: list[pd.DataFrame] = []
        self.flag_counts: list[dict[str, object]] = []

    def run(self, sensors: Sequence[SensorRecord]) -> None:
        """Screen the sensors of the station and fill the arrays.

        Frost is told first, because a sensor in frozen soil repeats itself with good reason.
        """
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
            self.frozen_source[row] = FrozenSource.SOIL_TEMPERATURE
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
            self.frozen_source[row] = FrozenSource.QUALITY_FLAGS
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
