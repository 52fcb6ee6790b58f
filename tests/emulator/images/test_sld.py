"""Colours of styled layer descriptors, against numpy."""

from __future__ import annotations

import ee
import numpy as np
import pytest

ENTRIES = (
    '<ColorMapEntry color="#000040" quantity="30"/>'
    '<ColorMapEntry color="#20ff00" quantity="50"/>'
    '<ColorMapEntry color="#ff8010" quantity="65" opacity="0.4"/>'
)


def _style(inner: str) -> str:
    return f"<RasterSymbolizer>{inner}</RasterSymbolizer>"


def _colours(pulled) -> np.ndarray:
    assert list(pulled) == ["vis-red", "vis-green", "vis-blue"]
    return np.stack([values.data for values in pulled.values()], axis=-1)


def test_a_ramp_runs_straight_between_its_colours(pull_tiled, rasters):
    image = ee.Image("TEST/IMAGE").select("value")
    found = _colours(pull_tiled(image.sldStyle(_style(f"<ColorMap>{ENTRIES}</ColorMap>"))))
    stops = np.array([[0, 0, 0x40], [0x20, 0xFF, 0], [0xFF, 0x80, 0x10]])
    expected = [np.interp(rasters["value"], [30, 50, 65], stops[:, i]) for i in range(3)]
    np.testing.assert_array_equal(found, np.rint(np.stack(expected, axis=-1)))


def test_intervals_and_values_leave_out_what_they_do_not_name(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("count")
    style = _style(f'<ColorMap type="intervals">{ENTRIES}</ColorMap>')
    found = pull(image.sldStyle(style))["vis-red"]
    count = rasters["count"]
    np.testing.assert_array_equal(np.ma.getmaskarray(found), count >= 65)
    below = count < 65
    expected = np.select([count < 30, count < 50], [0, 0x20], 0xFF)
    np.testing.assert_array_equal(found.data[below], expected[below])
    found = pull(image.sldStyle(style.replace("intervals", "values")))["vis-green"]
    np.testing.assert_array_equal(~np.ma.getmaskarray(found), np.isin(count, [30, 50, 65]))
    assert (found.data[count == 50] == 0xFF).all()
    clear = _style(f'<ColorMap type="intervals">{ENTRIES}</ColorMap>'.replace("0.4", "0"))
    found = pull(image.sldStyle(clear))["vis-red"]
    np.testing.assert_array_equal(np.ma.getmaskarray(found), count >= 50)


def test_symbology_encoding_is_read_too(pull, rasters):
    image = ee.Image("TEST/IMAGE").select("classes")
    style = """<?xml version="1.0"?>
    <se:StyledLayerDescriptor xmlns:se="http://www.opengis.net/se"><se:NamedLayer>
    <se:RasterSymbolizer><se:ColorMap><se:Categorize><se:Value>#010203</se:Value>
    <se:Threshold>1</se:Threshold><se:Value>#040506</se:Value><se:Threshold>3</se:Threshold>
    <se:Value>#070809</se:Value></se:Categorize></se:ColorMap></se:RasterSymbolizer>
    </se:NamedLayer></se:StyledLayerDescriptor>"""
    found = _colours(pull(image.sldStyle(style)))
    first = np.select([rasters["classes"] < 1, rasters["classes"] < 3], [1, 4], 7)
    np.testing.assert_array_equal(found, first[..., None] + np.arange(3))
    points = "".join(
        f"<InterpolationPoint><Data>{x}</Data><Value>{c}</Value></InterpolationPoint>"
        for x, c in ((0, "#000000"), (4, "#c86432"))
    )
    found = _colours(pull(image.sldStyle(_style(f"<ColorMap><Interpolate>{points}"
                                                "</Interpolate></ColorMap>"))))  # fmt: skip
    np.testing.assert_array_equal(found[..., 0], rasters["classes"].astype(int) * 50)


def test_channels_by_name_and_number_with_gamma(pull, rasters):
    image = ee.Image("TEST/IMAGE").select(["value", "count", "classes"])
    gamma = "<ContrastEnhancement><GammaValue>2</GammaValue></ContrastEnhancement>"
    channels = "".join(
        f"<{c}Channel><SourceChannelName>{n}</SourceChannelName>{e}</{c}Channel>"
        for c, n, e in (
            ("Red", "count", gamma),
            ("Green", "1", ""),
            ("Blue", "3", ""),
        )
    )
    style = _style(f"<ChannelSelection>{channels}</ChannelSelection>")
    found = _colours(pull(image.sldStyle(style)))
    np.testing.assert_array_equal(found[..., 0], np.rint(255 * np.sqrt(rasters["count"] / 255)))
    np.testing.assert_array_equal(found[..., 1], np.rint(np.clip(rasters["value"], 0, 255)))
    np.testing.assert_array_equal(found[..., 2], rasters["classes"])


def test_an_opacity_of_zero_hides_everything(pull):
    image = ee.Image("TEST/IMAGE").select("value")
    style = _style(f"<Opacity>0.0</Opacity><ColorMap>{ENTRIES}</ColorMap>")
    assert np.ma.getmaskarray(pull(image.sldStyle(style))["vis-red"]).all()
    style = style.replace("0.0<", "0.3<")
    assert not np.ma.getmaskarray(pull(image.sldStyle(style))["vis-red"]).any()


@pytest.mark.parametrize(
    ("style", "message"),
    [
        ("<a>", "is not XML"),
        ("<a/>", "Exactly one RasterSymbolizer is required, got 0"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "must not declare a document type"),
        (_style("<ColorMap/>"), "has no entries"),
        (_style('<ColorMap type="odd">' + ENTRIES + "</ColorMap>"), "got 'odd'"),
        (_style('<ColorMap><ColorMapEntry color="red" quantity="1"/></ColorMap>'), "#rrggbb"),
        (_style('<ColorMap><ColorMapEntry color="#ff0000"/></ColorMap>'), "quantity must be"),
        (
            _style("<ContrastEnhancement><Normalize/></ContrastEnhancement>"),
            "Normalize needs the statistics",
        ),
        (_style("<ShadedRelief/>"), "ShadedRelief is not supported"),
    ],
)
def test_styles_that_are_none(style, message):
    with pytest.raises(ee.EEException, match=message):
        ee.Image("TEST/IMAGE").sldStyle(style).bandNames().getInfo()
