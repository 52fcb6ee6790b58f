"""Series to decompose: observed differences, station records, and planted ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from local_core.calendar_year import DAYS_PER_YEAR
from local_core.stations.daily_means import daily_means
from local_core.stations.ismn_archive import read_ismn

DATA = Path(
    os.environ.get("GEE_SM_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)
SIX_YEARS = round(6 * DAYS_PER_YEAR)


class Record(NamedTuple):
    """A daily series with the place it is from."""

    name: str
    values: NDArray[np.float64]


def observed_differences() -> list[Record]:
    """ESA CCI minus GLDAS-2.1 soil moisture at seven grid points, 2000-2016 [m3 m-3]."""
    records = []
    for path in sorted((DATA / "TUW-GEO__pybreaks/tests/test-data/csv_ts").glob("data_*.csv")):
        table = pd.read_csv(path, index_col=0, parse_dates=True)
        if "gldas_v21" in table:
            difference = (table["CCI_41_COMBINED"] - table["gldas_v21"]) / 100
            record = difference["2000":"2016"].asfreq("D").to_numpy()
            records.append(Record(path.stem.removeprefix("data_"), record))
    return records


def six_year_windows(records: Iterable[Record]) -> list[Record]:
    """Windows of the length the paper fits on (2004-2010), a year and a half apart."""
    return [
        Record(f"{record.name} day {first}", record.values[first : first + SIX_YEARS])
        for record in records
        for first in range(0, record.values.size - SIX_YEARS + 1, 548)
    ]


def station_records() -> list[Record]:
    """Differences between depths of a station, and records of one depth, from short to long."""
    table = pd.read_csv(DATA / "soilwater__pynotes-agriscience/datasets/KS_Manhattan_6_SSW.csv")
    table.index = pd.to_datetime(table["LST_DATE"].astype(str))
    depths = table[["SOIL_MOISTURE_5_DAILY", "SOIL_MOISTURE_20_DAILY"]].asfreq("D")
    depths = depths.where(depths > -90).dropna(how="all").asfreq("D").to_numpy()
    records = [Record("USCRN Manhattan, 5 cm minus 20 cm", depths[:, 0] - depths[:, 1])]
    short = DATA / "mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu"
    for label, folder, lower in (
        ("USCRN Stillwater", "USCRN/Stillwater-2-W", 20),
        ("ARM Lamont", "ARM/Lamont-CF1", 50),
        ("USCRN Lincoln", "USCRN/Lincoln-8-ENE", 50),
    ):
        daily = _daily(short / "InSituDownload1" / folder)
        records.append(Record(f"{label}, 5 cm minus {lower} cm", daily[5] - daily[lower]))
    ismn = DATA / "TUW-GEO__pytesmo-test-data/ismn/multinetwork/header_values"
    records.append(Record("SCAN Abrams, 5 cm itself", _daily(ismn / "SCAN/Abrams")[5]))
    records.append(Record("MAQU CST-01, 5 cm itself", _daily(ismn / "MAQU/CST-01")[5]))
    return records


def _daily(folder: Path) -> dict[int, NDArray[np.float64]]:
    """Daily means of the soil-moisture sensors of a station by depth [cm], on one axis."""
    sensors = [record for record in read_ismn(folder) if record.variable == "soil_moisture"]
    start = min(sensor.time[0] for sensor in sensors).astype("datetime64[D]")
    end = max(sensor.time[-1] for sensor in sensors).astype("datetime64[D]")
    days = np.arange(start, end + 1)
    return {
        sensor.depth_cm: daily_means(
            sensor.time, sensor.value, days, step_hours=sensor.step_hours
        ).mean
        for sensor in sensors
    }


class Planted(NamedTuple):
    """Made series with what was put into them."""

    series: NDArray[np.float64]
    annual: NDArray[np.float64]
    trend: NDArray[np.float64]
    amplitude: NDArray[np.float64]


def planted(n_series: int, n_years: float, seed: int) -> Planted:
    """Offset, trend and year, under half-year cycle, red noise of days and of seasons, and white.

    Amplitude 0.01-0.08, offset -0.4 to -0.02, trend up to 0.004 a year, red noise of 5-40 days
    0.005-0.03, of 200 days up to 0.015, white 0.002-0.01, all m3 m-3 and drawn evenly.
    """
    rng = np.random.default_rng(seed)
    days = np.arange(round(n_years * DAYS_PER_YEAR))

    def drawn(low: float, high: float) -> NDArray[np.float64]:
        return rng.uniform(low, high, (n_series, 1))

    def red(length_days: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = []
        for length in length_days.ravel():
            memory = np.exp(-1 / length)
            white = rng.standard_normal(days.size + 2000)
            rows.append(lfilter([np.sqrt(1 - memory**2)], [1, -memory], white)[2000:])
        return np.stack(rows)

    cycle = 2 * np.pi * days / DAYS_PER_YEAR
    amplitude = drawn(0.01, 0.08)
    annual = amplitude * np.cos(cycle + drawn(0, 2 * np.pi))
    trend = drawn(-0.4, -0.02) + drawn(-0.004, 0.004) * (days - days.mean()) / DAYS_PER_YEAR
    noise = drawn(0, 0.6) * amplitude * np.cos(2 * cycle + drawn(0, 2 * np.pi))
    noise = noise + drawn(0.005, 0.03) * red(drawn(5, 40))
    noise += drawn(0, 0.015) * red(np.full((n_series, 1), 200.0))
    noise += drawn(0.002, 0.01) * rng.standard_normal(noise.shape)
    return Planted(annual + trend + noise, annual, trend, amplitude[:, 0])
