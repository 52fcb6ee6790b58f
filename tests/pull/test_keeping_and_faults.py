"""A pull survives faults and interruptions, and what was finished is never asked for again."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import ee
import numpy as np
import pytest
import rasterio
import xarray as xr

from gee_sm import client_calls, pull
from gee_sm.client_calls import EarthEngineCallError
from gee_sm.emulator import Fault, FaultPlan, Limits
from gee_sm.pull import PullCache

BANDS = ["soil_moisture_am", "soil_moisture_pm"]
_PIXELS = "projects.image.computePixels"


@pytest.fixture
def counted():
    """Count the emulator's calls by name, as they come."""

    def count(connection):
        calls = Counter()
        faults = connection.emulator.faults
        original = faults.for_request

        def counting(call):
            calls[call] += 1
            return original(call)

        faults.for_request = counting
        return calls

    return count


@pytest.fixture
def no_waiting(monkeypatch):
    """Neither the client's waits between attempts nor ours take time."""
    monkeypatch.setattr(client_calls.time, "sleep", lambda _: None)
    monkeypatch.setattr("googleapiclient.http.time.sleep", lambda _: None)


@pytest.fixture
def points(smap_centre):
    """Three places."""
    return {"A": smap_centre(0, 0), "B": smap_centre(5, 3), "C": smap_centre(7, 5)}


def _pull(points, **options):
    return pull.stations("smap", points, "2019-01-01", "2019-04-01", bands=BANDS, **options)


def test_the_same_pull_again_asks_nothing(catalog, days_from, points, counted):
    catalog.add_smap(days_from("2019-01-01", 90))
    with catalog.connect() as connection:
        calls = counted(connection)
        first = _pull(points)
        before = dict(calls)
        assert before[_PIXELS] >= 1
        second = _pull(points)
        assert calls == before
        _pull(points, cache=False)
        assert calls[_PIXELS] == 2 * before[_PIXELS]
    xr.testing.assert_identical(first.drop_attrs(deep=False), second.drop_attrs(deep=False))
    assert second.attrs["requests_asked"] == 0
    assert second.attrs["graph_sha256"] == first.attrs["graph_sha256"]


def test_more_years_ask_only_for_what_is_new(catalog, days_from, points, counted):
    catalog.add_rain(days_from("2018-01-01", 900))
    with catalog.connect() as connection:
        calls = counted(connection)
        pull.stations("chirps", points, "2018-01-01", "2020-01-01")
        assert calls[_PIXELS] == 2
        pull.stations("chirps", points, "2018-01-01", "2020-06-01")
        assert calls[_PIXELS] == 3


def test_another_catalog_in_the_same_folder_is_another_engine(catalog, days_from, points, counted):
    catalog.add_smap(days_from("2019-01-01", 20))
    with catalog.connect():
        first = _pull(points)
    catalog.add_smap(days_from("2019-02-01", 20))
    with catalog.connect():
        second = _pull(points)
    assert second["soil_moisture_am"].notnull().sum() > first["soil_moisture_am"].notnull().sum()


def test_a_raster_written_anew_is_another_engine(catalog, days_from, points):
    stored = catalog.add_smap(days_from("2019-01-01", 5), swath=False)
    with catalog.connect():
        first = _pull(points, quality="none")
    (path,) = catalog.folder.glob("**/soil_moisture_am.tif")
    with rasterio.open(path, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as file:
        file.write(stored["soil_moisture_am"] + np.float32(0.01))
    # The descriptions beside it say nothing of it.
    with catalog.connect():
        second = _pull(points, quality="none")
    differs = (second - first)["soil_moisture_am"].isel(time=slice(0, 5))
    np.testing.assert_allclose(differs, 0.01, atol=1e-6)


def test_what_is_written_beside_a_catalog_changes_no_answer(catalog, days_from, points, counted):
    catalog.add_smap(days_from("2019-01-01", 5))
    with catalog.connect() as connection:
        _pull(points)
        (catalog.folder / "smap.nc").write_bytes(b"a result")
        exported = catalog.folder / "exports" / "drive" / "map.tif"
        exported.parent.mkdir(parents=True, exist_ok=True)
        exported.write_bytes(b"another")
        # An asset that a task is writing, and a file that goes while files are listed.
        unfinished = catalog.folder / "exports" / "assets" / ".staging-1" / "0.tif"
        unfinished.parent.mkdir(parents=True)
        unfinished.write_bytes(b"half")
        (catalog.folder / "gone.json").symlink_to(catalog.folder / "nowhere")
        calls = counted(connection)
        _pull(points)
    assert not calls


def test_no_flipped_bit_of_an_entry_goes_unnoticed(tmp_path):
    cache = PullCache(tmp_path)
    values = np.arange(5, dtype="<i4")
    cache.put("ab1", values, product="smap", period_end_ms=1_600_000_000_000)
    path = tmp_path / "ab" / "ab1.pull"
    whole = path.read_bytes()
    for at in range(len(whole)):
        for bit in (1, 2, 16):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            assert cache.get("ab1") is None, (at, bit)
    path.write_bytes(whole)
    np.testing.assert_array_equal(cache.get("ab1"), values)


def test_a_damaged_answer_is_asked_for_again(catalog, days_from, points, own_cache, caplog):
    catalog.add_smap(days_from("2019-01-01", 90))
    with catalog.connect():
        first = _pull(points)
        entries = sorted(own_cache.glob("*/*.pull"))
        assert entries
        for i, path in enumerate(entries):
            content = bytearray(path.read_bytes())
            damaged = [content[: len(content) // 2], b"", b"something else", content][i % 4]
            if damaged is content:
                content[-3] ^= 0xFF
            path.write_bytes(bytes(damaged))
        again = _pull(points)
    xr.testing.assert_equal(first, again)
    assert again.attrs["requests_asked"] == first.attrs["requests_asked"]
    assert "is damaged" in caplog.text


def test_the_cache_can_be_seen_and_cleared(catalog, days_from, points, own_cache):
    catalog.add_smap(days_from("2019-01-01", 20))
    with catalog.connect():
        _pull(points)
    cache = PullCache()
    assert cache.folder == own_cache
    told = cache.summary()
    assert told.by_product == {"smap": told.entries}
    assert told.bytes == sum(path.stat().st_size for path in own_cache.glob("*/*.pull"))
    assert cache.clear() == told.entries
    assert cache.summary().entries == 0


def test_the_cache_holds_no_expression_and_no_account(catalog, days_from, points, own_cache):
    catalog.add_smap(days_from("2019-01-01", 20))
    with catalog.connect() as connection:
        _pull(points)
        project = connection.project.encode()
    for path in own_cache.glob("*/*.pull"):
        content = path.read_bytes()
        assert project not in content
        assert b"SPL3SMP_E" not in content.split(b"\n")[1]


def test_an_unsettled_period_is_asked_for_again_after_a_day(tmp_path):
    cache = PullCache(tmp_path)
    now_ms = int(time.time() * 1000)
    for key, end_ms in (("aa1", now_ms - 100 * 86_400_000), ("bb2", now_ms - 400 * 86_400_000)):
        cache.put(key, np.arange(3.0), product="smap", period_end_ms=end_ms)
        assert cache.get(key) is not None
        path = tmp_path / key[:2] / f"{key}.pull"
        two_days_ago = time.time() - 2 * 86_400
        os.utime(path, (two_days_ago, two_days_ago))
    assert cache.get("aa1") is None
    assert cache.get("bb2") is not None


def test_answers_of_an_asset_of_ones_own_last_a_day(catalog, days_from, own_cache, counted):
    from affine import Affine

    catalog.add_series(
        "projects/mine/assets/amsr2",
        days_from("2013-01-01", 3),
        {"soil_moisture": np.full((3, 2, 2), 0.2, "float32")},
        transform=Affine(0.1, 0, 90, 0, -0.1, 34),
    )
    asked = {"asset": "projects/mine/assets/amsr2"}
    with catalog.connect() as connection:
        calls = counted(connection)
        for age_days, expected in ((0, 1), (0.5, 1), (2, 2)):
            when = time.time() - age_days * 86_400
            for path in own_cache.glob("*/*.pull"):
                os.utime(path, (when, when))
            pull.stations("amsr2", {"A": (90.1, 33.9)}, "2013-01-01", "2013-01-04", **asked)
            assert calls[_PIXELS] == expected


@pytest.mark.parametrize("kind", ["429", "500", "503", "reset", "truncated"])
def test_a_pull_survives_faults_with_the_same_result(catalog, days_from, points, no_waiting, kind):
    catalog.add_smap(days_from("2019-01-01", 90))
    with catalog.connect():
        whole = _pull(points, cache=False)
    plan = FaultPlan([Fault(kind=kind, rate=0.4)], seed=7)
    with catalog.connect(faults=plan):
        found = _pull(points, cache=False, workers=2)
    assert plan.injected, "no fault happened"
    xr.testing.assert_equal(found, whole)


def test_a_pull_that_failed_goes_on_where_it_was(
    catalog, days_from, points, no_waiting, monkeypatch, counted
):
    catalog.add_rain(days_from("2018-01-01", 900))
    asked = {"start": "2018-01-01", "end": "2020-06-01", "workers": 1}
    with catalog.connect() as connection:
        whole = pull.stations("chirps", points, cache=False, **asked)
        calls = counted(connection)
        original = ee.data.computePixels

        def failing(request):
            if calls[_PIXELS] >= 2:
                raise ee.EEException("Some fault that no waiting mends.")
            return original(request)

        monkeypatch.setattr(ee.data, "computePixels", failing)
        with pytest.raises(EarthEngineCallError, match="no waiting mends"):
            pull.stations("chirps", points, **asked)
        monkeypatch.setattr(ee.data, "computePixels", original)
        found = pull.stations("chirps", points, **asked)
        assert calls[_PIXELS] == 3
    xr.testing.assert_equal(found, whole)


def test_what_is_too_large_is_halved(catalog, days_from, points):
    catalog.add_smap(days_from("2019-01-01", 30))
    period = ("2019-01-01", "2019-01-31")
    asked = {"bands": BANDS, "cache": False}
    with catalog.connect():
        whole = pull.stations("smap", points, *period, **asked)
    # 60 bands of a series become 7 or 8, 30 images of a cube likewise.
    with catalog.connect(limits=Limits(pixels_bands=8)):
        series = pull.stations("smap", points, *period, **asked)
        cube = pull.cube("smap", *period, region=(90, 33.52, 90.64, 34), **asked).compute()
    assert whole.attrs["requests_asked"] < series.attrs["requests_asked"]
    xr.testing.assert_equal(series, whole)
    assert cube["soil_moisture_am"].notnull().sum() > 0
    at = {"x": series["pixel_longitude"], "y": series["pixel_latitude"]}
    for band in BANDS:
        np.testing.assert_array_equal(cube[band].sel(**at, method="nearest").T, series[band])


def test_one_pixel_in_one_image_that_is_too_large_is_an_error(catalog, days_from, points):
    catalog.add_smap(days_from("2019-01-01", 3))
    with (
        catalog.connect(limits=Limits(pixels_bytes=2)),
        pytest.raises(EarthEngineCallError, match="must be less than"),
    ):
        _pull(points, cache=False)


def test_no_more_requests_at_a_time_than_the_service_answers(
    catalog, days_from, points, monkeypatch
):
    catalog.add_rain(days_from("2017-01-01", 1200))
    under_way, most = [0], [0]
    original = ee.data.computePixels

    def watched(request):
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.01)
        try:
            return original(request)
        finally:
            under_way[0] -= 1

    monkeypatch.setattr(ee.data, "computePixels", watched)
    monkeypatch.setattr(client_calls, "_under_way", __import__("threading").BoundedSemaphore(2))
    with catalog.connect():
        pull.stations("chirps", points, "2017-01-01", "2020-04-01", workers=12, cache=False)
    assert most[0] == 2


_PULL_FOUR_YEARS = """
found = pull.stations("chirps", {"A": (90.1, 33.9)}, "2016-01-01", "2020-01-01", workers=1)
write(found, sys.argv[2])
"""


def test_a_killed_pull_loses_no_finished_chunk(
    catalog, days_from, own_cache, tmp_path, counted, killed_at_the_third_answer
):
    catalog.add_rain(days_from("2016-01-01", 1461), shape=(2, 2))
    with catalog.connect():
        whole = pull.stations(
            "chirps", {"A": (90.1, 33.9)}, "2016-01-01", "2020-01-01", cache=False
        )
    target = tmp_path / "out" / "series.nc"
    killed_at_the_third_answer(_PULL_FOUR_YEARS, catalog.folder, str(target))
    # The third answer came, but was not kept yet: two of four years are there.
    assert not target.exists()
    assert [p for p in own_cache.glob("*/*.pull") if p.stat().st_size == 0] == []
    with catalog.connect() as connection:
        calls = counted(connection)
        found = pull.stations("chirps", {"A": (90.1, 33.9)}, "2016-01-01", "2020-01-01")
    assert calls[_PIXELS] == 2
    xr.testing.assert_equal(found, whole)


def test_an_interrupted_write_leaves_the_former_file(catalog, days_from, points, tmp_path):
    from gee_sm.pull.writing import write

    catalog.add_smap(days_from("2019-01-01", 10))
    with catalog.connect():
        found = _pull(points)
    target = tmp_path / "series.nc"
    write(found, target)
    before = target.read_bytes()
    broken = found.assign(bad=("station", np.array([object()] * 3)))
    with pytest.raises(Exception):  # noqa: B017 whatever the library makes of it
        write(broken, target)
    assert target.read_bytes() == before
    assert {path.name for path in Path(tmp_path).glob("*.nc")} == {"series.nc"}
    assert not list(tmp_path.glob(".series*"))
