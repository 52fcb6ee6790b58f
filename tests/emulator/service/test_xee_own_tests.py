"""The integration tests that xee's wheel carries for Google's service, run on the emulator.

They are run as they are; only the function that logs in to Google is replaced. The collections they
name are stood in for by small ones of the same ids, grids and bands.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import unittest
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator import CatalogWriter, Emulator, connect_client


def _imported() -> ModuleType:
    """Import xee's tests; where absl is missing, unittest does what they ask of it."""
    if importlib.util.find_spec("absl") is None:

        class TestCase(unittest.TestCase):
            def assertLen(self, container: Any, length: int) -> None:
                assert len(container) == length

            def assertNotEmpty(self, container: Any) -> None:
                assert len(container) > 0

        absltest = ModuleType("absl.testing.absltest")
        vars(absltest).update(TestCase=TestCase, skipIf=unittest.skipIf, main=unittest.main)
        testing = ModuleType("absl.testing")
        vars(testing).update(absltest=absltest)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "absl", ModuleType("absl"))
            patch.setitem(sys.modules, "absl.testing", testing)
            patch.setitem(sys.modules, "absl.testing.absltest", absltest)
            return importlib.import_module("xee.ext_integration_test")
    return importlib.import_module("xee.ext_integration_test")


own_tests = _imported()

ERA5_MONTHLY = [
    "mean_2m_air_temperature",
    "minimum_2m_air_temperature",
    "maximum_2m_air_temperature",
    "dewpoint_2m_temperature",
    "total_precipitation",
    "surface_pressure",
    "mean_sea_level_pressure",
    "u_component_of_wind_10m",
    "v_component_of_wind_10m",
]
WORLD = Affine(10, 0, -180, 0, -10, 90)
# The pixels of LC09_043034_20211116 that xee's test expects over San Francisco.
SAN_FRANCISCO = np.array(
    [[14332, 12254], [13622, 10379], [12058, 10701], [11264, 11150]], np.uint16
)


def _world(value: float, dtype: str = "float32") -> np.ndarray:
    return np.full((18, 36), value, dtype)


def _write(catalog: CatalogWriter) -> None:
    """Write the stand-ins."""

    def series(asset_id: str, start: datetime, count: int, step: timedelta, **image: Any) -> None:
        for number in range(count):
            time = start + number * step
            catalog.add_image(asset_id, f"{time:%Y%m%dT%H%M}", time_start=time, **image)

    hour, day = timedelta(hours=1), timedelta(days=1)
    series(
        "LANDSAT/LC08/C02/T1",
        datetime(2017, 1, 1, tzinfo=UTC),
        64,
        timedelta(minutes=30),
        bands={name: np.full((8, 8), 9000, "uint16") for name in ("B1", "B2", "B4", "B5")},
        crs="EPSG:32610",
        transform=Affine(30, 0, 500_000, 0, -30, 4_200_000),
        nodata=0,
    )
    series(
        "GRIDMET/DROUGHT",
        datetime(2020, 3, 30, tzinfo=UTC),
        2,
        day,
        bands={"spi2y": np.full((10, 20), 0.5, "float32")},
        crs="EPSG:4326",
        transform=Affine(1, 0, -110, 0, -1, 45),
    )
    series(
        "ECMWF/ERA5/MONTHLY",
        datetime(2019, 1, 1, tzinfo=UTC),
        3,
        timedelta(days=31),
        bands={name: _world(280 + i) for i, name in enumerate(ERA5_MONTHLY)},
        crs="EPSG:4326",
        transform=WORLD,
    )
    for start in (datetime(1992, 10, 5, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)):
        series(
            "ECMWF/ERA5_LAND/HOURLY",
            start,
            24,
            hour,
            bands={"temperature_2m": _world(271.5)},
            crs="EPSG:4326",
            transform=WORLD,
        )
    series(
        "NASA/GPM_L3/IMERG_V07",
        datetime(2020, 1, 1, tzinfo=UTC),
        10,
        timedelta(minutes=30),
        bands={"precipitation": _world(1)},
        crs="EPSG:4326",
        transform=WORLD,
    )
    series(
        "UCSB-CHG/CHIRPS/DAILY",
        datetime(2014, 1, 1, tzinfo=UTC),
        2,
        day,
        bands={"precipitation": _world(3)},
        crs="EPSG:4326",
        transform=WORLD,
    )
    series(
        "COPERNICUS/S2_SR_HARMONIZED",
        datetime(2021, 1, 1, tzinfo=UTC),
        2,
        day,
        bands={name: np.full((240, 240), 1200, "uint16") for name in ("B4", "B8")},
        crs="EPSG:32610",
        transform=Affine(100, 0, 537_000, 0, -100, 4_194_000),
        nodata=0,
        properties={"CLOUDY_PIXEL_PERCENTAGE": 1.0},
    )
    series(
        "COPERNICUS/DEM/GLO30",
        datetime(2010, 12, 1, tzinfo=UTC),
        1,
        day,
        bands={"DEM": np.zeros((3601, 3601), "uint8")},
        crs="EPSG:4326",
        transform=Affine(1 / 3600, 0, 6 - 0.5 / 3600, 0, -1 / 3600, 1 + 0.5 / 3600),
    )
    catalog.add_image(
        "CGIAR/SRTM90_V4", bands={"elevation": _world(5)}, crs="EPSG:4326", transform=WORLD
    )
    catalog.add_image(
        "LANDSAT/LC09/C02/T1_L2/LC09_043034_20211116",
        bands={"SR_B1": SAN_FRANCISCO},
        crs="EPSG:32610",
        transform=Affine(30, 0, 551_485, 0, -30, 4_179_915),
    )
    catalog.add_image(
        "LANDSAT/LC08/C02/T1_TOA/LC08_044034_20140318",
        bands={"B1": np.ones((20, 30), "float32")},
        crs="EPSG:32610",
        transform=Affine(30, 0, 460_785, 0, -30, 4_264_215),
    )
    catalog.add_image(
        "LANDSAT/LT05/C02/T1_TOA/LT05_031034_20110619",
        bands={"B1": np.zeros((6981, 7881), "uint8")},
        crs="EPSG:32613",
        transform=Affine(30, 0, 643_185, 0, -30, 4_255_815),
    )
    catalog.add_table(
        "WRI/GPPD/power_plants",
        [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [0, 0]},
                "properties": {"capacitymw": 1},
            }
        ],
    )


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator of the stand-ins, to which the client is connected."""
    folder: Path = tmp_path_factory.mktemp("stand-ins")
    with CatalogWriter(folder, overviews=False) as catalog:
        _write(catalog)
    with Emulator(folder) as emulator, connect_client(emulator):
        yield emulator


def _names() -> list[str]:
    loaded = unittest.defaultTestLoader.loadTestsFromModule(own_tests)
    return sorted(
        f"{type(case).__name__}.{case._testMethodName}" for suite in loaded for case in suite
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", _names())
def test_xee(name: str, stand_ins: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_tests, "init_ee_for_tests", lambda: None)
    monkeypatch.setattr("xarray.backends.common.time.sleep", lambda _: None)
    class_name, method = name.split(".")
    result = unittest.TestResult()
    getattr(own_tests, class_name)(method).run(result)
    for _, reason in result.skipped:
        pytest.skip(reason)
    problems = [text for _, text in (*result.failures, *result.errors)]
    assert result.testsRun == 1
    assert not problems, problems[0]
