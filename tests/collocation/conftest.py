"""Real triplets used by several test files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def core_site_triplets(shared_data: Path) -> dict[str, np.ndarray]:
    """In situ, SMAP and ECMWF at SMAP core sites (Nearing et al. 2017): id -> (3, overpass)."""
    folder = shared_data / "grey-nearing__triple_collocation" / "data" / "core_data"
    return {
        path.stem: np.loadtxt(path, delimiter=",")[:, 2:5].T
        for path in sorted(folder.glob("*.txt"))
    }


@pytest.fixture(scope="session")
def pybreaks_triplets(shared_data: Path) -> dict[str, pd.DataFrame]:
    """Daily GLDAS, ESA CCI and MERRA-2 at grid points that have all three."""
    folder = shared_data / "TUW-GEO__pybreaks" / "tests" / "test-data" / "csv_ts"
    frames = {
        path.stem.removeprefix("data_"): pd.read_csv(path, index_col=0, parse_dates=True)
        for path in sorted(folder.glob("data_*.csv"))
    }
    return {point: frame for point, frame in frames.items() if frame.shape[1] == 3}


@pytest.fixture(scope="session")
def wind_triplets(shared_data: Path) -> np.ndarray:
    """Buoy, scatterometer and model wind component u of KNMI, m/s, (3, 3382)."""
    return np.loadtxt(shared_data / "knmiscat__triple_collocation" / "collocations_in_u").T
