"""Series whose parts are known, and series that were observed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

YEAR = 365.25


def _red_noise(
    rng: np.random.Generator, shape: tuple[int, int], days: float
) -> NDArray[np.float64]:
    memory = np.exp(-1 / days)
    white = rng.standard_normal((shape[0], shape[1] + 500))
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], white, axis=-1)[:, 500:]


@pytest.fixture(scope="session")
def differences() -> Callable[..., NDArray[np.float64]]:
    """Maker of daily differences of in-situ and reanalysis soil moisture, (series, time)."""

    def make(n_series: int, n_times: int, *, seed: int = 0) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        days = np.arange(n_times)

        def column(low: float, high: float) -> NDArray[np.float64]:
            return rng.uniform(low, high, (n_series, 1))

        cycle = 2 * np.pi * days / YEAR
        seasonal = column(0.02, 0.08) * np.sin(cycle + column(0, 6))
        half_year = column(0, 0.02) * np.sin(2 * cycle + column(0, 6))
        trend = column(-0.4, 0.0) + column(-0.004, 0.004) * days / YEAR
        noise = column(0.005, 0.03) * _red_noise(rng, (n_series, n_times), 20.0)
        return trend + seasonal + half_year + noise + 0.005 * rng.standard_normal(noise.shape)

    return make


@pytest.fixture(scope="session")
def observed_differences(shared_data: Path) -> NDArray[np.float64]:
    """ESA CCI minus GLDAS soil moisture [m3 m-3] at seven places, 2000-2016, NaN in gaps."""
    folder = shared_data / "TUW-GEO__pybreaks/tests/test-data/csv_ts"
    series = []
    for path in sorted(folder.glob("data_*.csv")):
        table = pd.read_csv(path, index_col=0, parse_dates=True)
        if "gldas_v21" in table:
            difference = (table["CCI_41_COMBINED"] - table["gldas_v21"]) / 100
            series.append(difference["2000":"2016"].asfreq("D").to_numpy())
    assert len(series) == 7
    return np.stack(series)
