"""TFRecord files of tables and images, read by a reader that nobody here wrote."""

from __future__ import annotations

import gzip
import json
import struct
import time
from pathlib import Path
from typing import Any

import crc32c
import ee
import numpy as np
import pytest
import tfrecord
from ee import batch

from gee_sm.emulator import ClientConnection, Emulator
from gee_sm.emulator.service.encoders.tfrecord import example, record


def _finished(task: batch.Task) -> dict[str, Any]:
    task.start()
    until = time.monotonic() + 30
    while task.active():
        assert time.monotonic() < until
        time.sleep(0.01)
    return task.status()


def _masked(data: bytes) -> int:
    """The checksum as TensorFlow's description of the format has it, by another library."""
    crc = crc32c.crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _checked(content: bytes) -> int:
    """Check the checksums of a file's records and return how many there are."""
    count = position = 0
    while position < len(content):
        head = content[position : position + 8]
        (length,) = struct.unpack("<Q", head)
        message = content[position + 12 : position + 12 + length]
        check = (content[position + 8 : position + 12], content[position + 12 + length :][:4])
        assert check == tuple(struct.pack("<I", _masked(data)) for data in (head, message))
        position += 16 + length
        count += 1
    return count


def _examples(path: Path) -> list[dict[str, Any]]:
    """Read a file with a reader from the package index."""
    body = path.read_bytes()
    kind = "gzip" if path.suffix == ".gz" else None
    found = list(tfrecord.tfrecord_loader(str(path), None, None, compression_type=kind))
    assert _checked(gzip.decompress(body) if kind else body) == len(found)
    return found


def test_table_to_tfrecord(connection: ClientConnection, emulator: Emulator) -> None:
    table = ee.FeatureCollection(
        [
            ee.Feature(None, {"n": 7, "patch": ee.Array([[1, 2], [3, 4.5]]), "name": "größer"}),
            ee.Feature(None, {"n": -0.25, "name": "", "words": ["a", "b"]}),
        ]
    )
    status = _finished(batch.Export.table.toDrive(table, "examples", fileFormat="TFRecord"))
    assert status["state"] == "COMPLETED", status
    first, second = _examples(emulator.exports / "drive" / "examples.tfrecord.gz")
    assert first["n"] == [7]
    assert first["n"].dtype == np.float32
    np.testing.assert_array_equal(first["patch"], [1, 2, 3, 4.5])
    assert bytes(first["name"]).decode() == "größer"
    assert set(second) >= {"n", "name", "words"}
    assert second["n"] == [-0.25]
    assert "patch" not in second


def test_selected_columns_only(connection: ClientConnection, emulator: Emulator) -> None:
    export = batch.Export.table.toDrive(
        ee.FeatureCollection("TEST/POINTS"), "x", fileFormat="TFRecord", selectors=["value"]
    )
    assert _finished(export)["state"] == "COMPLETED"
    rows = _examples(emulator.exports / "drive" / "x.tfrecord.gz")
    np.testing.assert_array_equal([row["value"][0] for row in rows], np.arange(25) / 4)
    assert {name for row in rows for name in row} == {"value"}


def test_what_tfrecord_cannot_hold(connection: ClientConnection) -> None:
    table = ee.FeatureCollection([ee.Feature(None, {"odd": ee.Dictionary({"a": 1})})])
    status = _finished(batch.Export.table.toDrive(table, "x", fileFormat="TFRecord"))
    assert status["state"] == "FAILED"
    assert "Property 'odd' cannot be exported to TFRecord" in status["error_message"]


def test_records_of_any_length(tmp_path: Path) -> None:
    lengths = (0, 1, 31, 32, 4095, 4096, 600_000)
    path = tmp_path / "lengths.tfrecord"
    path.write_bytes(b"".join(record(example({"v": np.arange(n)})) for n in lengths))
    assert _checked(path.read_bytes()) == len(lengths)
    found = list(tfrecord.tfrecord_loader(str(path), None, {"v": "float"}))
    for row, length in zip(found, lengths):
        np.testing.assert_array_equal(row["v"], np.arange(length, dtype=np.float32))


def test_checksum_of_the_published_example() -> None:
    """RFC 3720, appendix B.4: 32 bytes of zeros have the CRC-32C 0x8A9136AA."""
    assert crc32c.crc32c(bytes(32)) == 0x8A9136AA
    found = struct.unpack("<I", record(bytes(32))[-4:])[0]
    assert found == _masked(bytes(32))


def _exported(image: ee.Image, name: str, **options: Any) -> dict[str, Any]:
    box = [400_000, 3_499_700, 400_400, 3_500_000]
    return _finished(
        batch.Export.image.toDrive(
            image,
            name,
            region=ee.Geometry.Rectangle(box, "EPSG:32646", False),
            scale=10,
            crs="EPSG:32646",
            fileFormat="TFRecord",
            formatOptions=options,
        )
    )


def test_patches_and_how_they_lie(
    connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_1")
    status = _exported(image, "patches", patchDimensions=[16, 8], compressed=True)
    assert status["state"] == "COMPLETED", status
    folder = emulator.exports / "drive"
    assert sorted(path.name for path in folder.iterdir()) == [
        "patches-00000.tfrecord.gz",
        "patches-mixer.json",
    ]
    # 40 x 30 pixels hold 2 x 3 patches of 16 x 8; the rest on the right and below is left out.
    mixer = json.loads((folder / "patches-mixer.json").read_text())
    assert mixer == {
        "projection": {
            "crs": "EPSG:32646",
            "affine": {"doubleMatrix": [10, 0, 400_000, 0, -10, 3_500_000]},
        },
        "patchDimensions": [16, 8],
        "patchesPerRow": 2,
        "totalPatches": 6,
    }
    rows = _examples(folder / "patches-00000.tfrecord.gz")
    assert len(rows) == 6
    valid = (stored["counts"](1) > 0) & np.isfinite(stored["ratio"](1))
    for name in ("counts", "ratio"):
        # What a user does: put the patches side by side again.
        whole = np.stack([row[name] for row in rows]).reshape(3, 2, 8, 16)
        whole = whole.transpose(0, 2, 1, 3).reshape(24, 32)
        expected = np.where(valid, stored[name](1), 0)[:24, :32]
        np.testing.assert_array_equal(whole, expected.astype(np.float32))


def test_margins_overlap_and_bands_collapse(
    connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_1").unmask(0, False)
    options = {"patchDimensions": [20, 15], "kernelSize": [4, 2], "collapseBands": True}
    assert _exported(image, "wide_", **options, defaultValue=-9)["state"] == "COMPLETED"
    rows = _examples(emulator.exports / "drive" / "wide_00000.tfrecord")
    assert [set(row) for row in rows] == [{"counts"}] * 4
    patches = np.stack([row["counts"] for row in rows]).reshape(4, 2, 15 + 2, 20 + 4)
    for band, name in enumerate(("counts", "ratio")):
        values = np.nan_to_num(stored[name](1).astype(np.float32))
        # Beyond the region all is masked; -9 is what the type of counts has nearest to it: 0.
        padded = np.pad(values, ((1, 1), (2, 2)), constant_values=-9 if band else 0)
        for patch, (row, column) in zip(patches[:, band], ((0, 0), (0, 20), (15, 0), (15, 20))):
            np.testing.assert_array_equal(patch, padded[row : row + 17, column : column + 24])


def test_masked_patches_and_sizes_of_files(
    connection: ClientConnection, emulator: Emulator, stored: dict[str, Any]
) -> None:
    image = ee.Image("TEST/IMAGES/scene_0").select("counts")
    masked = image.updateMask(image.gt(600))  # the upper half
    options = {"patchDimensions": [10, 10], "maskedThreshold": 0.6, "defaultValue": -5.5}
    # A record of 100 floats and a name has 437 bytes: two fit into a file of 900.
    status = _exported(masked, "kept", **options, maxFileSize=900)
    assert status["state"] == "COMPLETED", status
    files = sorted((emulator.exports / "drive").glob("kept*"))
    assert [path.name for path in files] == [f"kept-{i:05d}.tfrecord" for i in range(4)]
    rows = [row["counts"].reshape(10, 10) for path in files for row in _examples(path)]
    counts = stored["counts"](0).astype(np.float32)
    expected = np.where(counts > 600, counts, 0)  # the type has no -5.5: cut off, and clamped
    blocks = [
        expected[row : row + 10, column : column + 10]
        for row in (0, 10, 20)
        for column in (0, 10, 20, 30)
    ]
    kept = [block for block in blocks if (block == 0).mean() <= 0.6]
    assert len(kept) == 8
    np.testing.assert_array_equal(np.stack(rows), np.stack(kept))
    assert not list((emulator.exports / "drive").glob("*mixer*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patchDimensions": [64, 8]}, "40x30 pixels holds no patch of 64x8"),
        ({"sequenceData": True}, "'sequenceData' of tfRecordOptions is unknown, or not impl"),
        ({"patchDimensions": [0, 8]}, "expected width and height from 1 to 4096"),
    ],
)
def test_patches_that_cannot_be_made(
    connection: ClientConnection, options: dict[str, Any], words: str
) -> None:
    try:
        message = _exported(ee.Image("TEST/SINGLE"), "x", **options)["error_message"]
    except ee.EEException as error:  # what is wrong with the request itself is told at once
        message = str(error)
    assert words in message
