"""Images in the colours of a Styled Layer Descriptor (OGC SLD 1.0, Symbology Encoding 1.1)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels.source import Masking
from gee_sm.emulator.pixels.tile import Tile, empty, intersect
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BYTE

Element = ElementTree.Element
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}$")
_NAMES = ("vis-red", "vis-green", "vis-blue")


@dataclass(frozen=True)
class ColorMap:
    """Colours by value: ``ramp``, ``intervals`` (up to each value) or ``values`` (exactly)."""

    kind: str
    quantities: np.ndarray
    colours: np.ndarray
    opaque: np.ndarray

    def apply(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return red, green and blue along a first axis, and where there is a colour."""
        values = values.astype(np.float64)
        last = len(self.quantities) - 1
        if self.kind == "ramp":
            found = np.stack([np.interp(values, self.quantities, c) for c in self.colours.T])
            left = np.clip(np.searchsorted(self.quantities, values, side="right") - 1, 0, last)
            return np.rint(found), self.opaque[left]
        if self.kind == "intervals":
            index = np.searchsorted(self.quantities, values, side="right")
            known = index <= last
        else:
            index = np.searchsorted(self.quantities, values)
            known = (index <= last) & (self.quantities[np.minimum(index, last)] == values)
        index = np.minimum(index, last)
        return np.moveaxis(self.colours[index], -1, 0), known & self.opaque[index]


@implements("Image.sldStyle")
@of_scalars("input")
def sld_style(input: Image, sldXml: str) -> Image:
    """Return the three colours, in bytes, that a style gives to the image."""
    symbolizer = _symbolizer(sldXml)
    opacity = _child(symbolizer, "Opacity")
    hidden = opacity is not None and _number(opacity.text, "Opacity") == 0
    colours = _colour_map(_child(symbolizer, "ColorMap"))
    channels, gammas = _channels(input, symbolizer)
    overall = _gamma(symbolizer)
    gammas = [gamma * overall for gamma in gammas]
    if colours is not None:
        channels = channels[:1]
    elif len(channels) not in (1, 3):
        raise EarthEngineError(f"Expected 1 or 3 channels, got {len(channels)}.")

    def function(part: int) -> Callable[..., Tile]:
        def painted(*tiles: Tile) -> Tile:
            if hidden or any(tile.is_empty for tile in tiles):
                return empty(BYTE.dtype)
            mask = intersect(*(tile.mask for tile in tiles))
            if colours is not None:
                found, known = colours.apply(tiles[0].data)
                return Tile(found[part].astype(BYTE.dtype), intersect(mask, np.asarray(known)))
            index = part if len(tiles) == 3 else 0
            values = np.clip(tiles[index].data.astype(np.float64), 0, 255) / 255
            grey = np.rint(255 * values ** (1 / gammas[index]))
            return Tile(grey.astype(BYTE.dtype), mask)

        return painted

    sources = [band.source for band in channels]
    bands = [
        Band(name, BYTE, channels[0].projection, Masking(function(part), sources))
        for part, name in enumerate(_NAMES)
    ]
    return replace(input.with_bands(bands), id=None, version=None)


# -- reading --------------------------------------------------------------------------------------


def _symbolizer(text: str) -> Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise EarthEngineError("The style must not declare a document type or entities.")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise EarthEngineError(f"The style is not XML: {error}.") from None
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    found = [element for element in root.iter() if element.tag == "RasterSymbolizer"]
    if len(found) != 1:
        raise EarthEngineError(f"Exactly one RasterSymbolizer is required, got {len(found)}.")
    if _child(found[0], "ShadedRelief") is not None:
        raise EarthEngineError("ShadedRelief is not supported.")
    return found[0]


def _child(element: Element, *path: str) -> Element | None:
    for name in path:
        inner = [child for child in element if child.tag == name]
        if not inner:
            return None
        element = inner[0]
    return element


def _number(text: str | None, what: str) -> float:
    try:
        return float((text or "").strip())
    except ValueError:
        raise EarthEngineError(f"{what} must be a number, got '{text!s:.40}'.") from None


def _colour(text: str | None) -> list[int]:
    text = (text or "").strip()
    if not _COLOUR.match(text):
        raise EarthEngineError(f"A colour is written #rrggbb, got '{text:.40}'.")
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]


def _gamma(element: Element) -> float:
    """Return the gamma of an element's contrast enhancement, 1 without one."""
    enhancement = _child(element, "ContrastEnhancement")
    if enhancement is None:
        return 1.0
    for name in ("Histogram", "Normalize"):
        if _child(enhancement, name) is not None:
            raise EarthEngineError(
                f"{name} needs the statistics of the whole image, which the emulator does not make "
                "here. Stretch the bands with Image.unitScale first."
            )
    value = _child(enhancement, "GammaValue")
    gamma = 1.0 if value is None else _number(value.text, "GammaValue")
    if gamma <= 0:
        raise EarthEngineError(f"GammaValue must be positive, got {gamma}.")
    return gamma


def _channels(image: Image, symbolizer: Element) -> tuple[list[Band], list[float]]:
    """Return the bands to be shown and their gammas."""
    selection = _child(symbolizer, "ChannelSelection")
    if selection is None:
        if not image.bands:
            raise EarthEngineError("The image has no bands.")
        bands = list(image.bands[:3]) if len(image.bands) >= 3 else [image.first_band]
        return bands, [1.0] * len(bands)
    bands, gammas = [], []
    names = ("GrayChannel",)
    if _child(selection, "GrayChannel") is None:
        names = ("RedChannel", "GreenChannel", "BlueChannel")
    for name in names:
        channel = _child(selection, name)
        source = None if channel is None else _child(channel, "SourceChannelName")
        if channel is None or source is None:
            raise EarthEngineError(f"The ChannelSelection lacks the SourceChannelName of {name}.")
        bands.append(_band(image, (source.text or "").strip()))
        gammas.append(_gamma(channel))
    return bands, gammas


def _band(image: Image, name: str) -> Band:
    """Return a band by its name or, if there is none, by its number from 1."""
    if name not in image.names and name.isdigit() and 1 <= int(name) <= len(image.bands):
        return image.bands[int(name) - 1]
    return image.band(name)


def _colour_map(element: Element | None) -> ColorMap | None:
    if element is None:
        return None
    kind = element.get("type", "ramp")
    entries: list[tuple[float, list[int], bool]] = []
    categories, points = _child(element, "Categorize"), _child(element, "Interpolate")
    if categories is not None:
        values = [_colour(e.text) for e in categories if e.tag == "Value"]
        limits = [_number(e.text, "Threshold") for e in categories if e.tag == "Threshold"]
        if len(values) != len(limits) + 1:
            raise EarthEngineError("Categorize takes one Value more than Thresholds.")
        limits.append(np.inf)
        entries = [(limit, value, True) for limit, value in zip(limits, values, strict=True)]
        kind = "intervals"
    elif points is not None:
        for point in points:
            if point.tag == "InterpolationPoint":
                data, value = _child(point, "Data"), _child(point, "Value")
                if data is None or value is None:
                    raise EarthEngineError("An InterpolationPoint has Data and Value.")
                entries.append((_number(data.text, "Data"), _colour(value.text), True))
        kind = "ramp"
    else:
        entries = [
            (
                _number(entry.get("quantity"), "quantity"),
                _colour(entry.get("color")),
                _number(entry.get("opacity", "1"), "opacity") > 0,
            )
            for entry in element
            if entry.tag == "ColorMapEntry"
        ]
    if kind not in ("ramp", "intervals", "values"):
        raise EarthEngineError(
            f"The type of a ColorMap must be ramp, intervals or values, got '{kind}'."
        )
    if not entries:
        raise EarthEngineError("The ColorMap has no entries.")
    entries.sort(key=lambda entry: entry[0])
    quantities, colours, opaque = zip(*entries, strict=True)
    return ColorMap(kind, np.array(quantities), np.array(colours, float), np.array(opaque))
