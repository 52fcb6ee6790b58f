"""Small catalogs whose every number is known, for the tests of pulling."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from affine import Affine

import gee_sm
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.catalog.series import SeriesImage

SMAP_PIXEL = 0.08
SMAP_WEST, SMAP_NORTH = 90.0, 34.0
SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
MODIS_PIXEL = 926.625433055833


class KnownCatalog:
    """Writes stored numbers, and keeps them: what a pull returns can be worked out by hand."""

    def __init__(self, folder):
        self.folder = folder
        self._writer = None
        self.rng = np.random.default_rng(20)

    def _open(self):
        if self._writer is None:
            title = "Numbers that are known"
            self._writer = CatalogWriter(self.folder, title=title, overviews=False)
        return self._writer

    def add_smap(self, days, *, shape=(6, 8), hour=0, version="005", swath=True):
        """SMAP on some days; return am, pm, and their flags, each (day, y, x)."""
        stored = {}
        for half in ("am", "pm"):
            moisture = self.rng.uniform(0.05, 0.45, (len(days), *shape)).astype("float32")
            if swath:
                moisture[self.rng.random(moisture.shape) < 0.3] = np.nan
            stored[f"soil_moisture_{half}"] = moisture
            for name in ("tb_h_corrected", "tb_v_corrected", "vegetation_water_content"):
                stored[f"{name}_{half}"] = np.ones_like(moisture)
            flag = (self.rng.random(moisture.shape) < 0.25).astype("uint16")
            for name in ("retrieval_qual_flag", "tb_qual_flag_h", "tb_qual_flag_v"):
                stored[f"{name}_{half}"] = flag
        self.add_series(
            f"NASA/SMAP/SPL3SMP_E/{version}",
            [day + timedelta(hours=hour) for day in days],
            stored,
            transform=Affine(SMAP_PIXEL, 0, SMAP_WEST, 0, -SMAP_PIXEL, SMAP_NORTH),
        )
        return stored

    def add_series(
        self, asset_id, times, stored, *, transform, crs="EPSG:4326", name=None, **kwargs
    ):
        """Images of one grid; `stored` holds each band over (time, y, x)."""
        # A file of thousands of bands is slow to read one band of.
        for first in range(0, len(times), 200):
            part = range(first, min(first + 200, len(times)))
            self._open().add_series(
                asset_id,
                name or f"from_{times[first]:%Y%m%d_%H%M}",
                images=[SeriesImage(times[i].strftime("%Y%m%d_%H%M"), times[i]) for i in part],
                pixels=({band: values[i] for band, values in stored.items()} for i in part),
                crs=crs,
                transform=transform,
                **kwargs,
            )

    def add_rain(self, days, *, shape=(6, 8)):
        """CHIRPS on some days, in SMAP's pixels: one band, so that decades are written fast."""
        rain = self.rng.gamma(1, 3, (len(days), *shape)).astype("float32")
        self.add_series(
            "UCSB-CHG/CHIRPS/DAILY",
            days,
            {"precipitation": rain},
            transform=Affine(SMAP_PIXEL, 0, SMAP_WEST, 0, -SMAP_PIXEL, SMAP_NORTH),
        )
        return rain

    def add_image(self, *args, **kwargs):
        """One image, as the writer takes it."""
        self._open().add_image(*args, **kwargs)

    def connect(self, **kwargs):
        """Write what is left to write, and point the client at it."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        return gee_sm.connect(emulator=self.folder, **kwargs)


@pytest.fixture
def catalog(tmp_path):
    """An empty catalog to be filled, connected and pulled from."""
    return KnownCatalog(tmp_path / "catalog")


@pytest.fixture
def days_from():
    """Midnights, UTC: ``days_from("2019-01-01", 5)``."""

    def midnights(first, count):
        start = datetime.fromisoformat(first).replace(tzinfo=UTC)
        return [start + timedelta(days=i) for i in range(count)]

    return midnights


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of each test's own, so that no test is answered by another."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "gee-sm" / "pull"


@pytest.fixture
def smap_centre():
    """Longitude and latitude of a SMAP pixel's centre, by column and row of the catalog."""

    def centre(column, row):
        return (
            SMAP_WEST + (column + 0.5) * SMAP_PIXEL,
            SMAP_NORTH - (row + 0.5) * SMAP_PIXEL,
        )

    return centre


_HELD_AT_THE_THIRD_ANSWER = """
import sys, time, ee, gee_sm
from gee_sm import pull
from gee_sm.pull.writing import write
gee_sm.connect(emulator=sys.argv[1])
original, answers = ee.data.computePixels, []
def held(request):
    answers.append(original(request))
    print("answered", flush=True)
    if len(answers) == 3:
        time.sleep(600)
    return answers[-1]
ee.data.computePixels = held
"""


@pytest.fixture
def killed_at_the_third_answer(tmp_path):
    """Run lines in a process that is killed when the third answer has come, but is not kept yet.

    They find the catalog's folder and what else is given as ``sys.argv``.
    """

    def run(lines, folder, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", _HELD_AT_THE_THIRD_ANSWER + lines, str(folder), *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "xdg")},
        )
        with process.stdout:
            for _ in range(3):
                assert process.stdout.readline() == "answered\n"
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL

    return run
