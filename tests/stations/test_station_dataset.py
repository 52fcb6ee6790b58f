"""Screening as a whole: planted faults are found, named and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from local_core.stations import (
    LAYER_SETS,
    ScreeningRules,
    StationDataError,
    Status,
    layered_stations,
    read_netcdf_records,
    read_station_file,
    station_dataset,
    station_report,
    write_station_file,
)
from local_core.synthetic.stations import faulty_records, synthetic_stations


@pytest.fixture(scope="module")
def faulty():
    network = synthetic_stations(seed=5, n_years=1, stations_per_type=1)
    records, faults = faulty_records(network, station="SYN/AM1", seed=2)
    return records, faults, station_dataset(records)


def test_every_planted_fault_is_removed_with_its_reason(faulty):
    _, faults, data = faulty
    removals = data.removals
    for fault in faults.itertuples():
        rows = removals[
            (removals["depth_cm"] == fault.depth_cm) & (removals["reason"] == fault.reason)
        ]
        overlap = (rows["start"] <= fault.end) & (rows["end"] >= fault.start.floor("D"))
        assert overlap.any(), fault
    stuck = removals[removals["reason"] == "flat_line"].iloc[0]
    truth = faults[faults["reason"] == "flat_line"].iloc[0]
    assert (stuck["start"], stuck["end"]) == (truth["start"], truth["end"])


def test_values_without_fault_stay(faulty):
    _, faults, data = faulty
    removals = data.removals[data.removals["resolution"] == "value"]
    planted = sum(
        int((fault.end - fault.start) / pd.Timedelta("1h")) + 1
        for fault in faults.itertuples()
        if fault.reason != "near_identical_depths"
    )
    assert removals["n"].sum() == planted
    daily = data.removals[data.removals["reason"] == "near_identical_depths"]
    assert set(daily["depth_cm"]) == {50, 100}
    assert (daily.groupby("depth_cm")["n"].sum() == 31).all()


def test_status_explains_every_missing_day(faulty):
    _, _, data = faulty
    dataset = data.dataset
    valid = dataset["status"] == Status.VALID
    np.testing.assert_array_equal(valid, dataset["soil_moisture"].notnull())
    stuck = dataset.sel(depth=0.2, time=slice("2004-07-10", "2004-08-20"))
    assert (stuck["status"] == Status.FLAT_LINE).all()


def test_frozen_soil_is_marked_and_removed_on_demand(faulty):
    records, _, kept = faulty
    removed = station_dataset(records, frozen_soil="remove")
    frozen = kept.dataset["frozen"] == 1
    winter = frozen.sel(time=slice("2004-01-05", "2004-03-01"), depth=0.04)
    assert winter.all()
    assert kept.dataset["soil_moisture"].where(frozen).count() > 300
    assert removed.dataset["soil_moisture"].where(frozen).count() == 0
    same = kept.dataset["soil_moisture"].where(~frozen)
    np.testing.assert_array_equal(same, removed.dataset["soil_moisture"].where(~frozen))
    assert "frozen_soil" in set(removed.removals["reason"])


def test_unflagged_counts_as_good_only_where_the_network_has_no_g(make_record):
    old = make_record([0.2] * 48, network="OLD", flag=np.array(["U"] * 47 + ["D04"]))
    new = make_record([0.2] * 48, network="NEW", flag=np.array(["U"] * 24 + ["G"] * 24))
    data = station_dataset([old, new])
    counts = data.dataset["soil_moisture"].count("time").squeeze().to_series()
    assert counts["OLD/S1"] == 2
    assert counts["NEW/S1"] == 1
    flags = data.flag_counts.set_index(["station", "flag"])["accepted"]
    assert flags["OLD/S1", "U"]
    assert not flags["NEW/S1", "U"]
    removed = data.removals.set_index("flag")
    assert removed.loc["D04", "reason"] == "quality_flag"
    assert removed.loc["U", "n"] == 24


def test_frost_flags_stand_in_for_a_thermometer(make_record):
    flags = np.where(np.arange(240) < 120, "D01", "U")
    data = station_dataset([make_record(np.linspace(0.1, 0.2, 240), flag=flags)])
    assert data.dataset["frozen"].squeeze().values.tolist() == [1] * 5 + [0] * 5
    assert data.dataset["frozen_source"].item() == 2
    kept = station_dataset(
        [make_record(np.linspace(0.1, 0.2, 240), flag=flags)], flag_policy="good+frozen"
    )
    assert kept.dataset["soil_moisture"].count() == 10


def test_sensors_at_one_depth_are_averaged(make_record):
    first = make_record([0.2] * 48, sensor="A")
    second = make_record([0.4] * 24 + [np.nan] * 24, sensor="B")
    data = station_dataset([first, second])
    assert data.dataset["soil_moisture"].squeeze().values.tolist() == pytest.approx([0.3, 0.2])
    assert data.dataset["sensor"].item() == "A + B"


def test_sites_table_sets_type_and_place_and_the_evi_rule(make_record):
    kinds = ["meadow"] * 4 + ["steppe"] * 3
    evi = [0.28, 0.24, 0.19, 0.10, 0.16, 0.13, 0.09]
    records = [make_record([0.2] * 24, station=f"S{i}") for i in range(7)]
    sites = pd.DataFrame(
        {
            "station": [f"S{i}" for i in range(7)],
            "vegetation_type": kinds,
            "evi": evi,
            "latitude": 33.0,
        }
    )
    data = station_dataset(records, sites=sites)
    assert data.dataset["vegetation_type"].values.tolist() == ["meadow"] * 3 + ["steppe"] * 4
    assert (data.dataset["latitude"] == 33.0).all()
    assert "0.10 against" in station_report(data)
    with pytest.raises(StationDataError, match="no station of the table"):
        station_dataset(records, sites=pd.DataFrame({"station": ["elsewhere"]}))
    with pytest.raises(StationDataError, match="expected a column 'station'"):
        station_dataset(records, sites=pd.DataFrame({"name": ["S1"]}))


def test_layers_keep_temperature_and_state(faulty):
    _, _, data = faulty
    layered = layered_stations(data.dataset, LAYER_SETS["era5-land"])
    assert layered["soil_moisture"].dims == ("station", "layer", "time")
    surface = layered.isel(station=0, layer=0)
    assert (surface["frozen"].sel(time="2004-02") == 1).all()
    assert (surface["frozen"].sel(time="2004-07") == 0).all()
    assert surface["soil_temperature"].sel(time="2004-02").max() < 0
    thick = layered_stations(data.dataset, LAYER_SETS["era5-land"], min_cover=0.9)
    assert thick["soil_moisture"].isel(layer=0).count() == 0
    assert thick["soil_moisture"].isel(layer=1).count() > 200


def test_file_round_trip(tmp_path, faulty):
    _, _, data = faulty
    path = tmp_path / "deep" / "stations.nc"
    write_station_file(data.dataset, path)
    back = read_station_file(path)
    np.testing.assert_allclose(
        back["soil_moisture"], data.dataset["soil_moisture"], atol=1e-7, equal_nan=True
    )
    assert back["status"].dtype == np.int8
    assert back["soil_moisture"].attrs["units"] == "m3 m-3"
    assert [p.name for p in path.parent.iterdir()] == ["stations.nc"]
    records = read_netcdf_records(path)
    assert {r.site for r in records} == {"SYN/AM1"}
    again = station_dataset(records, rules=ScreeningRules(near_identical_days=400))
    np.testing.assert_allclose(
        again.dataset["soil_moisture"].sel(depth=0.1).dropna("time"),
        data.dataset["soil_moisture"].sel(depth=0.1).dropna("time"),
        atol=1e-7,
    )


def test_percent_is_converted_and_unknown_units_are_refused(tmp_path, faulty):
    _, _, data = faulty
    percent = data.dataset[["soil_moisture"]] * 100
    percent["soil_moisture"].attrs["units"] = "%"
    percent.to_netcdf(tmp_path / "percent.nc")
    np.testing.assert_allclose(
        read_station_file(tmp_path / "percent.nc")["soil_moisture"], data.dataset["soil_moisture"]
    )
    percent["soil_moisture"].attrs["units"] = "mm"
    percent.to_netcdf(tmp_path / "mm.nc")
    with pytest.raises(StationDataError, match="'mm'"):
        read_station_file(tmp_path / "mm.nc")
    (tmp_path / "junk.nc").write_bytes(b"no netcdf")
    with pytest.raises(StationDataError, match="cannot be read"):
        read_station_file(tmp_path / "junk.nc")


def test_nothing_to_screen_is_an_error(make_record):
    warm = make_record([1.0] * 24, variable="soil_temperature")
    with pytest.raises(StationDataError, match="none of the 1 records"):
        station_dataset([warm])
    with pytest.raises(ValueError, match="'keep' or 'remove'"):
        station_dataset([warm], frozen_soil="maybe")
