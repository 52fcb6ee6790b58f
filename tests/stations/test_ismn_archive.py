"""ISMN archives: formats, line ends, missing values, and equality with the ismn package."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from local_core.stations import StationDataError, read_ismn
from local_core.stations.ismn_archive import _static_classes

ROWS = [
    "2010/07/01 00:00   0.3100 U M",
    "2010/07/01 01:00   -9999 M M",
    "2010/07/01 02:00   0.2900 D01,D03 M",
]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_any_line_end_gives_the_same_record(tmp_path, write_stm, end):
    write_stm(tmp_path, ROWS, end=end)
    [record] = read_ismn(tmp_path)
    assert record.site == "NET/S-1"
    assert (record.latitude, record.longitude, record.elevation_m) == (33.9, 102.1, 3431.0)
    assert (record.depth_from_m, record.depth_to_m, record.sensor) == (0.05, 0.05, "Probe A")
    np.testing.assert_array_equal(record.value, [0.31, np.nan, 0.29])
    assert record.flag.tolist() == ["U", "M", "D01,D03"]
    assert record.time[2] == np.datetime64("2010-07-01T02:00")


def test_ceop_in_separate_files_is_read(tmp_path):
    row = (
        "2010/07/01 {hour}:00 2010/07/01 {hour}:00 NET NET S-1 33.90000 102.10000 3431.00 "
        "0.05 0.05 {value} G M"
    )
    name = "NET_NET_S-1_sm_0.050000_0.050000_Probe_20100101_20101231.stm"
    lines = [row.format(hour="00", value="0.31"), row.format(hour="01", value="-9999.0")]
    (tmp_path / name).write_text("\n".join(lines) + "\n")
    [record] = read_ismn(tmp_path)
    np.testing.assert_array_equal(record.value, [0.31, np.nan])
    assert (record.latitude, record.depth_to_m) == (33.9, 0.05)
    assert record.flag.tolist() == ["G", "G"]


def test_zip_and_folder_agree_and_other_variables_are_passed_over(tmp_path, write_stm):
    folder = tmp_path / "archive"
    paths = [
        write_stm(folder, ROWS),
        write_stm(folder, ["2010/07/01 00:00 12.5 G M"], variable="ts"),
        write_stm(folder, ["2010/07/01 00:00 0.2 G M"], variable="p"),
    ]
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for path in paths:
            archive.write(path, path.relative_to(folder))
    from_folder, from_zip = read_ismn(folder), read_ismn(tmp_path / "archive.zip")
    assert [r.variable for r in from_folder] == ["soil_moisture", "soil_temperature"]
    for one, other in zip(from_folder, from_zip, strict=True):
        assert one.source == other.source
        np.testing.assert_array_equal(one.value, other.value)


def test_repeated_and_disordered_rows_keep_the_first_of_each_time(tmp_path, write_stm):
    rows = [
        "2010/07/01 02:00 0.30 G M",
        "2010/07/01 01:00 0.20 G M",
        "2010/07/01 02:00 0.99 G M",
    ]
    write_stm(tmp_path, rows)
    [record] = read_ismn(tmp_path)
    assert record.value.tolist() == [0.2, 0.3]


def test_file_without_rows_is_an_empty_record(tmp_path, write_stm):
    write_stm(tmp_path, [])
    [record] = read_ismn(tmp_path)
    assert record.time.size == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"NET NET S-1 33.9\n2010/07/01 00:00 0.3 G M\n", "header\\+values"),
        (b"N N S 1 2 3 0.05 0.05 P\n2010/07/01 00:00 zero G M\n", "header\\+values"),
        (b"N N S 1 2 3 0.05 0.05 P\n2010-07-01 00:00 0.3 G M\n", "header\\+values"),
    ],
)
def test_damaged_file_is_named(tmp_path, content, message):
    name = "NET_NET_S-1_sm_0.050000_0.050000_Probe_20100101_20101231.stm"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StationDataError, match=message) as error:
        read_ismn(tmp_path)
    assert name in str(error.value)


def test_bad_archives_say_what_is_expected(tmp_path):
    with pytest.raises(StationDataError, match="nothing there"):
        read_ismn(tmp_path / "absent.zip")
    (tmp_path / "broken.zip").write_bytes(b"PK but no zip")
    with pytest.raises(StationDataError, match="not a readable zip"):
        read_ismn(tmp_path / "broken.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StationDataError, match="no soil-moisture"):
        read_ismn(tmp_path / "empty")
    (tmp_path / "renamed").mkdir()
    (tmp_path / "renamed" / "data.stm").write_text("x")
    with pytest.raises(StationDataError, match="restore the name"):
        read_ismn(tmp_path / "renamed")
    with pytest.raises(ValueError, match="'plain' or 'ismn'"):
        read_ismn(tmp_path / "empty", reader="fast")


def test_static_variables_prefer_what_was_seen_on_site():
    line = "land cover classification;;;;{value};{text};{source};;;;;;;"
    content = "\n".join(
        [
            "quantity_name;unit;from;to;value;description;source;x;x;x;x;x;x;",
            line.format(value=10, text="Cropland", source="CCI_landcover_2010"),
            line.format(value=130, text="Grassland", source="insitu"),
            line.format(value=11, text="Cropland", source="CCI_landcover_2005"),
            "climate classification;;;;Dfa;Cold;koeppen_geiger_2017;;;;;;;",
        ]
    )
    assert _static_classes(content.encode()) == ("130 Grassland", "Dfa Cold")


@pytest.mark.realdata
@pytest.mark.parametrize(
    "archive",
    [
        "TUW-GEO__pytesmo-test-data/ismn",
        "mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu/InSituDownload1",
    ],
)
def test_plain_reader_equals_the_ismn_package_on_real_archives(shared_data, archive):
    pytest.importorskip("ismn")
    plain = read_ismn(shared_data / archive)
    package = read_ismn(shared_data / archive, reader="ismn")
    assert [r.source for r in plain] == [r.source for r in package]
    for ours, theirs in zip(plain, package, strict=True):
        np.testing.assert_array_equal(ours.time, theirs.time)
        np.testing.assert_array_equal(ours.value, theirs.value)
        np.testing.assert_array_equal(ours.flag, theirs.flag)
        assert (ours.latitude, ours.longitude) == (theirs.latitude, theirs.longitude)
        assert (ours.depth_from_m, ours.depth_to_m) == (theirs.depth_from_m, theirs.depth_to_m)
        assert ours.value.size > 10_000


def test_ismn_package_reads_a_zip_like_the_plain_reader(tmp_path, write_stm):
    pytest.importorskip("ismn")
    folder = tmp_path / "archive"
    path = write_stm(folder, ROWS)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.write(path, path.relative_to(folder))
    [plain] = read_ismn(tmp_path / "archive.zip")
    [package] = read_ismn(tmp_path / "archive.zip", reader="ismn")
    np.testing.assert_array_equal(plain.time, package.time)
    np.testing.assert_array_equal(plain.value, package.value)
