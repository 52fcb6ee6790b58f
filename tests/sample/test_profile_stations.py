"""The stations of the wide region: read, screened and compared with what was planted."""

from __future__ import annotations

import ee
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gee_sm import sample
from gee_sm.emulator import connect_client
from gee_sm.sample.profile_stations import DEPTHS_CM, TABLE_ID
from local_core.stations.freeze_thaw import freeze_thaw
from local_core.stations.station_dataset import station_dataset
from local_core.stations.station_source import read_stations


@pytest.fixture(scope="module")
def records(coarse_sample):
    with xr.open_dataset(coarse_sample / "stations/plateau.nc") as opened:
        return opened.load()


@pytest.fixture(scope="module")
def truth(coarse_sample):
    with xr.open_dataset(coarse_sample / "truth/stations_truth.nc") as opened:
        return opened.load()


@pytest.fixture(scope="module")
def planted(coarse_sample):
    faults = pd.read_csv(coarse_sample / "truth/stations_faults.csv")
    return faults.assign(start=pd.to_datetime(faults.start), end=pd.to_datetime(faults.end))


@pytest.fixture(scope="module")
def screened(coarse_sample):
    return station_dataset(read_stations(coarse_sample / "stations/plateau.nc"))


def test_three_types_and_five_depths(records):
    types, counts = np.unique(records.vegetation_type.values, return_counts=True)
    assert list(types) == ["alpine meadow", "alpine steppe", "alpine swamp meadow"]
    assert (counts == 6).all()
    assert [round(100 * d) for d in records.depth.values.tolist()] == list(DEPTHS_CM)
    assert records.sizes["time"] == 24 * 1096
    assert records.soil_moisture.units == "m3 m-3"


def test_wetter_types_are_wetter(records):
    summer = records.soil_moisture.sel(time=records.time.dt.month.isin([7, 8]), depth=0.05)
    mean = summer.mean("time").groupby("vegetation_type").mean()
    order = ["alpine steppe", "alpine meadow", "alpine swamp meadow"]
    assert list(mean.sel(vegetation_type=order).values) == sorted(mean.values)


def test_screening_finds_the_bad_sensors_and_no_others(records, planted, screened):
    removals = screened.removals
    removals = removals[removals.reason != "too_few_values"]
    there = records.soil_moisture.notnull()
    expected = set()
    for fault in planted[planted.found_by_screening].itertuples():
        part = there.sel(station=fault.station, depth=fault.depth_cm / 100, method=None).sel(
            time=slice(fault.start, fault.end)
        )
        # A fault while the logger was off leaves no trace.
        if bool(part.any()):
            expected.add((f"PLATEAU/{fault.station}", fault.depth_cm, fault.reason))
    found = set(zip(removals.station, removals.depth_cm, removals.reason, strict=True))
    assert {reason for *_, reason in expected} == {
        "flat_line",
        "spike",
        "out_of_range",
        "near_identical_depths",
    }
    assert found == expected


def test_screening_removes_the_stretches_that_were_planted(records, planted, screened):
    removals = screened.removals
    spikes = removals[removals.reason == "spike"]
    hours = set(planted[planted.reason == "spike"].start)
    assert set(pd.to_datetime(spikes.start)) <= hours
    assert spikes.n.sum() > 0.7 * len(hours)
    # Before and after, two depths may agree by chance for some days more.
    for reason, more in (("flat_line", 0), ("near_identical_depths", 10)):
        spare = pd.Timedelta(days=more)
        for fault in planted[planted.reason == reason].itertuples():
            rows = removals[
                (removals.station == f"PLATEAU/{fault.station}")
                & (removals.depth_cm == fault.depth_cm)
                & (removals.reason == reason)
            ]
            assert pd.to_datetime(rows.start).min() >= fault.start.floor("D") - spare
            assert pd.to_datetime(rows.end).max() <= fault.end.ceil("D") + spare
            seen = records.soil_moisture.sel(station=fault.station, depth=fault.depth_cm / 100)
            seen = seen.sel(time=slice(fault.start, fault.end)).dropna("time").time
            day = pd.Timedelta(days=1)
            assert pd.to_datetime(rows.start).min() <= pd.Timestamp(seen[0].item())
            assert pd.to_datetime(rows.end).max() >= pd.Timestamp(seen[-1].item()) - day


def test_what_remains_is_the_truth_with_the_stated_errors(coarse_sample, screened, truth):
    about = sample.wide_parameters_of(coarse_sample)["stations"]
    daily = screened.dataset["soil_moisture"]
    noon = truth["soil_moisture"]
    # The mean of a day of linear hours: of its two midnights.
    expected = ((noon + noon.shift(time=-1)) / 2).isel(time=slice(0, -1))
    expected = expected.assign_coords(station=[f"PLATEAU/{name}" for name in noon.station.values])
    error = (daily - expected).where(daily.time.dt.month.isin([7, 8]))
    error = error.drop_sel(station="PLATEAU/AS04")
    offset = error.mean("time")
    wanted = truth["sensor_offset"].assign_coords(station=expected.station)
    np.testing.assert_allclose(offset, wanted.sel(station=offset.station), atol=0.0015)
    within = (error - offset).std("time")
    # Noise of 24 hours averages out; what is left is the steps of the logger.
    assert float(within.max()) < 0.002
    n = wanted.size
    assert float(wanted.std()) == pytest.approx(
        about["sensor_offset_std"], abs=4 * about["sensor_offset_std"] / np.sqrt(2 * n)
    )


def test_a_drift_is_planted_that_screening_leaves(records, truth, planted):
    (drift,) = planted[planted.reason == "drift"].itertuples()
    assert not drift.found_by_screening
    pick = {"station": drift.station, "depth": drift.depth_cm / 100}
    recorded = records.soil_moisture.sel(pick).resample(time="D").mean()
    error = (recorded - truth.soil_moisture.sel(pick)).dropna("time")
    summer = error.sel(time=error.time.dt.month.isin([7, 8]))
    by_year = summer.groupby("time.year").mean()
    assert np.diff(by_year).mean() == pytest.approx(0.04, abs=0.003)


def test_winters_are_frozen_and_dry(records):
    daily = records.resample(time="D").mean()
    state = freeze_thaw(daily["soil_temperature"].sel(depth=0.05))
    month = daily.time.dt.month
    january = state.sel(time=month == 1)
    assert bool((january != 0).all())
    july = state.sel(time=month.isin([7, 8]))
    assert not bool((july == 1).any())
    liquid = daily.soil_moisture.sel(depth=0.05, time=month == 1).drop_sel(station="AS04")
    # 0.12 / sqrt(8) at -8 degC, and four sensor offsets.
    assert float(liquid.max()) < 0.045 + 4 * 0.012


def test_gaps_take_all_depths(coarse_sample, records):
    about = sample.wide_parameters_of(coarse_sample)["stations"]
    missing = records.soil_moisture.isnull()
    assert bool((missing.any("depth") == missing.all("depth")).all())
    share = missing.isel(depth=0).mean("time")
    assert float(share.min()) >= about["gap_share"]
    assert float(share.max()) < about["gap_share"] + 0.1


def test_the_table_says_where_and_what(coarse_sample, records):
    with connect_client(coarse_sample):
        found = ee.FeatureCollection(TABLE_ID).getInfo()["features"]
    assert len(found) == 18
    by_name = {feature["properties"]["station"]: feature for feature in found}
    for station in records.station.values.tolist():
        site, feature = records.sel(station=station), by_name[station]
        assert feature["properties"]["vegetation_type"] == str(site.vegetation_type.item())
        assert feature["properties"]["depths_cm"] == list(DEPTHS_CM)
        np.testing.assert_allclose(
            feature["geometry"]["coordinates"], [site.longitude, site.latitude], atol=1e-6
        )
