"""Builders of small station inputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from local_core.stations import SensorRecord


@pytest.fixture
def make_record() -> Callable[..., SensorRecord]:
    """Build a record from values on a regular step."""

    def build(value, *, start="2010-07-01", step_hours=1, depth_cm=5, **about) -> SensorRecord:
        value = np.asarray(value, dtype=float)
        step = np.timedelta64(round(step_hours * 60), "m")
        defaults = {
            "network": "NET",
            "station": "S1",
            "variable": "soil_moisture",
            "depth_from_m": depth_cm / 100,
            "depth_to_m": depth_cm / 100,
        }
        time = np.datetime64(start, "ns") + np.arange(value.size) * step
        return SensorRecord(**{**defaults, **about}, time=time, value=value)

    return build


@pytest.fixture
def write_stm() -> Callable[..., Path]:
    """Write an ISMN header+values file."""

    def write(
        folder: Path,
        rows: list[str],
        *,
        station: str = "S-1",
        variable: str = "sm",
        depth: float = 0.05,
        end: str = "\n",
        header: str | None = None,
    ) -> Path:
        name = f"NET_NET_{station}_{variable}_{depth:.6f}_{depth:.6f}_Probe-A_20100101_20101231.stm"
        place = folder / "NET" / station
        place.mkdir(parents=True, exist_ok=True)
        first = header or f"NET  NET  {station}  33.9000 102.1000 3431.00 {depth} {depth} Probe A"
        (place / name).write_bytes(end.join([first, *rows, ""]).encode())
        return place / name

    return write
