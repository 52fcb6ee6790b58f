"""Tables with a column a sensor, and with a row a value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from local_core.stations import ColumnMapping, StationDataError, read_csv_table

WIDE = (
    "﻿Reading Time (CST),WFV 0-5 (%),T 0-5 (C),Q\n"
    "30/11/2018 18:00,18.9,2.0,G\n"
    "30/11/2018 19:00,-999,1.5,M\n"
    "01/12/2018 00:00,18.5,,G\n"
)


def mapping(**changes) -> ColumnMapping:
    given = {
        "time": "Reading Time (CST)",
        "time_format": "%d/%m/%Y %H:%M",
        "time_zone": "-06:00",
        "moisture": {"WFV 0-5 (%)": (0, 5)},
        "temperature": {"T 0-5 (C)": (0, 5)},
        "flag": {"WFV 0-5 (%)": "Q"},
        "moisture_scale": 0.01,
        "missing": (-999.0,),
        "latitude": 49.6,
        "longitude": -97.9,
    }
    return ColumnMapping(**{**given, **changes})


def test_wide_table_with_a_mapping(tmp_path):
    path = tmp_path / "Manitoba 1.csv"
    path.write_text(WIDE, encoding="utf-8")
    moisture, temperature = read_csv_table(path, mapping())
    assert (moisture.station, moisture.depth_from_m, moisture.depth_to_m) == (
        "Manitoba 1",
        0.0,
        0.05,
    )
    assert moisture.depth_cm == 3
    np.testing.assert_allclose(moisture.value, [0.189, np.nan, 0.185])
    assert moisture.flag.tolist() == ["G", "M", "G"]
    np.testing.assert_array_equal(temperature.value, [2.0, 1.5, np.nan])
    # 18:00 at six hours behind UTC is midnight UTC.
    assert moisture.time[0] == np.datetime64("2018-12-01T00:00")


def test_what_pandas_lends_is_not_written_to(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(
        "station,time,depth_cm,soil_moisture\nA,2020-07-01,5,0.2\nA,2020-07-02,5,-9999\n"
    )
    # The default of pandas 3, in which arrays taken from a table are read-only.
    with pd.option_context("mode.copy_on_write", True):
        (record,) = read_csv_table(path)
    np.testing.assert_array_equal(record.value, [0.2, np.nan])


def test_daily_dates_are_not_shifted_by_the_zone(tmp_path):
    path = tmp_path / "daily.csv"
    path.write_text("d,v\n2018-11-30,20\n2018-12-01,21\n")
    [record] = read_csv_table(
        path, ColumnMapping(time="d", moisture={"v": 5}, time_zone="America/Winnipeg")
    )
    assert record.time[0] == np.datetime64("2018-11-30")


def test_hours_repeated_by_a_clock_change_are_left_out(tmp_path):
    path = tmp_path / "summer.csv"
    path.write_text("d,v\n2018-11-04 00:30,1\n2018-11-04 01:30,2\n2018-11-04 03:30,3\n")
    [record] = read_csv_table(
        path, ColumnMapping(time="d", moisture={"v": 5}, time_zone="America/Winnipeg")
    )
    assert record.value.tolist() == [1.0, 3.0]


def test_words_for_missing_are_named_in_the_mapping(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("d,v\n2018-11-30,0.2\n2018-12-01,No Data\n2018-12-02,-99\n")
    plain = ColumnMapping(time="d", moisture={"v": 5})
    with pytest.raises(StationDataError, match="holds 'No Data' in row 3"):
        read_csv_table(path, plain)
    told = ColumnMapping(time="d", moisture={"v": 5}, missing=("No Data", -99))
    np.testing.assert_array_equal(read_csv_table(path, told)[0].value, [0.2, np.nan, np.nan])


def test_alternative_spellings_serve_tables_that_differ(tmp_path):
    described = ColumnMapping(time="d|day", moisture={"0-5|0 to 5": (0, 5)})
    for name, header in (("a", "d,0-5"), ("b", "day,0 to 5")):
        (tmp_path / f"{name}.csv").write_text(f"{header}\n2018-11-30,0.2\n")
        [record] = read_csv_table(tmp_path / f"{name}.csv", described)
        assert (record.value.tolist(), record.sensor) == ([0.2], header.split(",")[1])
    (tmp_path / "c.csv").write_text("d,other\n2018-11-30,0.2\n")
    with pytest.raises(StationDataError, match=r"no column '0-5\|0 to 5'"):
        read_csv_table(tmp_path / "c.csv", described)


def test_station_column_splits_the_table(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("s,d,v,lat\nB,2018-11-30,0.2,49\nA,2018-11-30,0.3,50\nB,2018-12-01,0.1,49\n")
    records = read_csv_table(
        path,
        ColumnMapping(time="d", moisture={"v": 5}, station_column="s", latitude="lat", network="N"),
    )
    assert [(r.site, r.value.tolist(), r.latitude) for r in records] == [
        ("N/A", [0.3], 50.0),
        ("N/B", [0.2, 0.1], 49.0),
    ]


def test_long_table_needs_no_mapping(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(
        "station,time,depth_cm,soil_moisture,soil_temperature,flag\n"
        "A,2018-11-30T00:00Z,5,0.2,1.5,G\nA,2018-11-30T01:00Z,5,-9999,1.4,M\n"
        "A,2018-11-30T00:00Z,20,0.3,2.5,G\n"
    )
    records = read_csv_table(path)
    assert [(r.variable, r.depth_cm) for r in records] == [
        ("soil_moisture", 5),
        ("soil_temperature", 5),
        ("soil_moisture", 20),
        ("soil_temperature", 20),
    ]
    np.testing.assert_array_equal(records[0].value, [0.2, np.nan])
    assert records[0].flag.tolist() == ["G", "M"]


def test_mapping_from_toml(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(
        'time = "d"\nmissing = [-99, "No Data"]\nlatitude = 39.1\n'
        '[moisture]\n"v5" = 5\n"v0" = [0, 5]\n'
    )
    described = ColumnMapping.from_toml(path)
    assert described.moisture == {"v5": 5, "v0": [0, 5]}
    assert described.missing == (-99, "No Data")
    path.write_text('tiem = "d"\n')
    with pytest.raises(
        StationDataError, match=r"unknown key 'tiem'; key 'moisture' is needed; key 'time'"
    ):
        ColumnMapping.from_toml(path)
    path.write_text("time = \n")
    with pytest.raises(StationDataError, match="TOML"):
        ColumnMapping.from_toml(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": "Time"}, "no column 'Time'"),
        ({"time_format": "%Y-%m-%d"}, "cannot be read as time"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"moisture": {"Q": 5}}, "holds 'G' in row 2"),
    ],
)
def test_errors_name_the_column_and_the_cure(tmp_path, changes, message):
    path = tmp_path / "a.csv"
    path.write_text(WIDE, encoding="utf-8")
    with pytest.raises(StationDataError, match=message):
        read_csv_table(path, mapping(**changes))


def test_table_of_another_form_asks_for_a_mapping(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(StationDataError, match="Describe them in a mapping"):
        read_csv_table(path)
    with pytest.raises(StationDataError, match="cannot be read as a table"):
        read_csv_table(tmp_path / "absent.csv")
