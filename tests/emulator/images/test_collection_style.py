"""Features painted in a style, against shapes whose pixels are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ee
import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw

from gee_sm.emulator import connect_client

SIDE = 64


@pytest.fixture(autouse=True)
def connected() -> Iterator[None]:
    """The client, on an emulator without stored data."""
    with connect_client():
        yield


def _picture(image: ee.Image) -> np.ndarray:
    """Return red, green, blue and alpha (0 to 255) on pixels of 1 m, rows from the north."""
    mask = image.mask().reduce(ee.Reducer.min()).multiply(255).round().toByte()
    found = ee.data.computePixels(
        {
            "expression": image.unmask(0, False).addBands(mask),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": SIDE, "height": SIDE},
                "affineTransform": {"scaleX": 1, "scaleY": -1, "translateY": SIDE},
                "crsCode": "EPSG:3857",
            },
        }
    )
    return np.stack([found[name] for name in found.dtype.names], axis=-1)


def _drawn(kind: str, coordinates: Any, properties: Any = None, **options: Any) -> np.ndarray:
    straight = () if kind == "Point" else (False,)
    shape = ee.Geometry({"type": kind, "coordinates": coordinates}, "EPSG:3857", *straight)
    return _picture(ee.FeatureCollection([ee.Feature(shape, properties or {})]).style(**options))


SQUARE = [[[16, 16], [48, 16], [48, 48], [16, 48], [16, 16]]]


def test_outline_and_inside_of_a_polygon() -> None:
    found = _drawn("Polygon", SQUARE, color="FF0000", width=4, fillColor="0000FF80")
    expected = np.zeros((SIDE, SIDE, 4), np.uint8)
    expected[14:50, 14:50] = (255, 0, 0, 255)  # 2 pixels to either side of the border
    expected[18:46, 18:46] = (0, 0, 255, 128)
    corners = np.ones((SIDE, SIDE), bool)
    for rows in (slice(14, 16), slice(48, 50)):
        for columns in (slice(14, 16), slice(48, 50)):
            corners[rows, columns] = False  # joints of lines are round
    np.testing.assert_array_equal(found[corners], expected[corners])


def test_inside_without_opacity_and_outline_without_width() -> None:
    outline = _drawn("Polygon", SQUARE, color="green", fillColor="00000000", width=2)
    assert (outline[20:44, 20:44, 3] == 0).all()
    assert tuple(outline[32, 16]) == (0, 128, 0, 255)
    usual = _drawn("Polygon", SQUARE, color="FF0000", width=0)
    inside = usual[16:48, 16:48]
    assert (inside == (255, 0, 0, round(0.66 * 255))).all()
    assert usual[..., 3].astype(int).sum() == inside[..., 3].astype(int).sum()


def test_the_last_feature_is_on_top() -> None:
    def feature(color: str) -> ee.Feature:
        shape = ee.Geometry({"type": "Polygon", "coordinates": SQUARE}, "EPSG:3857", False)
        return ee.Feature(shape, {"look": {"fillColor": color, "width": 0}})

    both = ee.FeatureCollection([feature("FF0000"), feature("0000FF80")])
    found = _picture(both.style(styleProperty="look"))[32, 32]
    # Blue of opacity 128/255 over opaque red.
    assert tuple(found) == (127, 0, 128, 255)


@pytest.mark.parametrize(
    ("marker", "corners"),
    [
        ("square", [(-1, -1), (1, -1), (1, 1), (-1, 1)]),
        ("d", [(0, -1), (1, 0), (0, 1), (-1, 0)]),
        ("triangle", [(0, -1), (0.8660, 0.5), (-0.8660, 0.5)]),
        ("<", [(-1, 0), (0.5, 0.8660), (0.5, -0.8660)]),
        ("circle", None),
    ],
)
def test_markers_are_those_that_pillow_draws(
    marker: str, corners: list[tuple[float, float]] | None
) -> None:
    found = _drawn(
        "Point",
        [32, 32],
        color="FF0000",
        fillColor="FF0000",
        pointShape=marker,
        pointSize=20,
        width=0,
    )
    fine = Picture.new("L", (SIDE * 8, SIDE * 8))
    pen = ImageDraw.Draw(fine)
    if corners is None:
        pen.ellipse([12 * 8, 12 * 8, 52 * 8, 52 * 8], fill=255)
    else:
        pen.polygon([((32 + 20 * x) * 8, (32 + 20 * y) * 8) for x, y in corners], fill=255)
    expected = np.asarray(fine).reshape(SIDE, 8, SIDE, 8).mean(axis=(1, 3))
    # Pillow draws whole pixels, here of an eighth of ours: along an edge that is 1/8 + 1/8 of 255.
    assert np.abs(found[..., 3] - expected).max() <= 64
    assert abs(found[..., 3].sum() / expected.sum() - 1) < 0.03


def test_dashes() -> None:
    line = [[0, 32], [64, 32]]
    solid, dashed, dotted = (
        _drawn("LineString", line, color="FF0000", width=2, lineType=kind)[31:33, :, 3] > 127
        for kind in ("solid", "dashed", "dotted")
    )
    assert solid.all()
    # On for 4 widths and off for 2; round ends add a width. Dots: on for 1 width, off for 2.
    assert 0.7 < dashed.mean() < 0.9
    assert dotted.mean() < dashed.mean()
    starts = np.flatnonzero(np.diff(dashed[0].astype(int)) == 1)
    assert set(np.diff(starts)) == {12}


def test_tiles_of_a_picture_fit_together() -> None:
    shape = ee.Geometry.LineString([[0, 3], [64, 61]], "EPSG:3857", False)
    image = ee.FeatureCollection([ee.Feature(shape)]).style(lineType="dashed", width=3)
    whole = _picture(image)
    right = ee.data.computePixels(
        {
            "expression": image.mask().select(0).multiply(255).round().toByte(),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": SIDE // 2, "height": SIDE},
                "affineTransform": {
                    "scaleX": 1,
                    "translateX": SIDE // 2,
                    "scaleY": -1,
                    "translateY": SIDE,
                },
                "crsCode": "EPSG:3857",
            },
        }
    )
    np.testing.assert_array_equal(right["vis-red"], whole[:, SIDE // 2 :, 3])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"color": "no colour"}, "Invalid color: 'no colour'"),
        ({"pointShape": "egg"}, "unknown point shape 'egg'"),
        ({"lineType": "wavy"}, "unknown line type 'wavy'"),
        ({"styleProperty": "look"}, "property 'look' is 'red', expected a dictionary"),
    ],
)
def test_what_is_no_style_is_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ee.EEException, match=words):
        _drawn("Point", [32, 32], {"look": "red"}, **options)
