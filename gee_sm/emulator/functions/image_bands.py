"""Loading, building, naming and selecting the bands of images."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, coerce, converts, shown
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_math import cast_band
from gee_sm.emulator.functions.string import expanded
from gee_sm.emulator.pixels.grid import DEFAULT
from gee_sm.emulator.pixels.source import Constant
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.image import Band, Image, constant_band, masked_image, unique_names
from gee_sm.emulator.values.pixel_type import NAMED, PixelType, of_dtype
from gee_sm.emulator.values.regex import compile_re2


@converts("Image")
def as_image(value: Any) -> Image:
    """Return the image that a value stands for: numbers and arrays become constants."""
    if isinstance(value, Image):
        return value
    if isinstance(value, int | float | list):
        return constant(value)
    if getattr(value, "type_name", "") == "Array":
        return constant(value)
    raise NotConvertible


@implements("Image.load")
def load(id: str, version: int, context: Any) -> Image:
    """Load a stored image."""
    return context.catalog.image(id)


@implements("Image.constant")
def constant(value: Any) -> Image:
    """Return an image of the same value everywhere, one band for each value of a list."""
    if value is None:
        raise EarthEngineError("Image.constant: Parameter 'value' is required and may not be null.")
    if isinstance(value, list):
        bands = [_constant(item, f"constant_{i}") for i, item in enumerate(value)]
        return Image(tuple(bands))
    return Image((_constant(value, "constant"),))


def _constant(value: Any, name: str) -> Band:
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, int | float):
        return constant_band(value, name)
    array = getattr(value, "values", None)
    if isinstance(array, np.ndarray):
        pixel_type = replace(of_dtype(array.dtype), dimensions=array.ndim)
        return Band(name, pixel_type, DEFAULT, Constant(array[None, None]))
    raise EarthEngineError(f"Image.constant: Cannot make a constant of {shown(value)}.")


@implements("Image.bandNames")
def band_names(image: Image) -> list[str]:
    """Return the band names."""
    return image.names


@implements("Image.bandTypes")
def band_types(image: Image) -> dict[str, PixelType]:
    """Return the band types by name."""
    return {band.name: band.type for band in image.bands}


@implements("Image.id")
def image_id(element: Any) -> str | None:
    """Return the element's ``system:index``."""
    return element.properties.get("system:index")


@implements("Image.date")
def image_date(image: Image) -> Date:
    """Return the time at which the image starts."""
    start = image.properties.get("system:time_start")
    if start is None:
        raise EarthEngineError("Image.date: The image has no 'system:time_start'.")
    return start if isinstance(start, Date) else Date(start)


@implements("Image.select")
def select(input: Image, bandSelectors: list[Any], newNames: list[str] | None) -> Image:
    """Select bands by name, regular expression or position, and rename them."""
    picked: list[Band] = []
    for selector in bandSelectors:
        picked.extend(_matching(input, selector))
    if newNames is not None:
        if len(newNames) != len(picked):
            raise EarthEngineError(
                f"Image.select: Got {len(newNames)} new names for {len(picked)} bands."
            )
        names = newNames
    else:
        names = [band.name for band in picked]
    return input.with_bands(
        band.named(name) for band, name in zip(picked, unique_names(names), strict=True)
    )


def _matching(image: Image, selector: Any) -> list[Band]:
    if isinstance(selector, int | float) and not isinstance(selector, bool):
        position = int(selector) if math.isfinite(selector) else len(image.bands)
        if not -len(image.bands) <= position < len(image.bands):
            raise EarthEngineError(
                f"Image.select: Invalid band number ({position}): the image contains "
                f"{len(image.bands)} bands."
            )
        return [image.bands[position]]
    if not isinstance(selector, str):
        raise EarthEngineError(f"Image.select: Invalid band selector {shown(selector)}.")
    if not image.bands:
        raise EarthEngineError(
            f"Image.select: Band pattern '{selector}' was applied to an Image with no bands. "
            "See https://developers.google.com/earth-engine/guides/debugging#no-bands"
        )
    exact = [band for band in image.bands if band.name == selector]
    if exact:
        return exact
    try:
        pattern = compile_re2(selector)
    except EarthEngineError:  # a name that is not a pattern
        pattern = compile_re2(rf"\Q{selector}")
    found = [band for band in image.bands if pattern.fullmatch(band.name)]
    if not found:
        raise EarthEngineError(
            f"Image.select: Band pattern '{selector}' did not match any bands. "
            f"Available bands: [{', '.join(image.names)}]"
        )
    return found


@implements("Image.slice")
def slice_(image: Image, start: int, end: int | None) -> Image:
    """Select a run of bands."""
    return image.with_bands(image.bands[start:end])


@implements("Image.rename")
def rename(input: Image, names: list[str]) -> Image:
    """Rename all bands."""
    if len(names) == 1 and isinstance(names[0], list):
        names = names[0]
    if len(names) != len(input.bands):
        raise EarthEngineError(
            f"Image.rename: Must have the same number of names as bands. Got {len(names)} names "
            f"for {len(input.bands)} bands."
        )
    return input.with_bands(band.named(name) for band, name in zip(input.bands, names, strict=True))


@implements("Image.regexpRename")
def regexp_rename(input: Image, regex: str, replacement: str, all: bool) -> Image:
    """Rename the bands by a regular expression."""
    pattern = compile_re2(regex)

    def renamed(name: str) -> str:
        return pattern.sub(lambda found: expanded(replacement, found), name, 0 if all else 1)

    return input.map_bands(lambda band: replace(band, name=renamed(band.name)))


@implements("Image.addBands")
def add_bands(dstImg: Image, srcImg: Image, names: list[str] | None, overwrite: bool) -> Image:
    """Append the bands of another image, or replace those of the same name."""
    added = srcImg.bands if names is None else select(srcImg, names, None).bands
    if overwrite:
        replaced = {band.name: band for band in added}
        kept = [replaced.pop(band.name, band) for band in dstImg.bands]
        return dstImg.with_bands([*kept, *replaced.values()])
    return _joined(dstImg, [*dstImg.bands, *added])


@implements("Image.cat")
def cat(images: list[Any]) -> Image:
    """Put the bands of several images into one."""
    found = [as_image(image) for image in images]
    if not found:
        return Image(())
    return _joined(found[0], [band for image in found for band in image.bands])


def _joined(image: Image, bands: list[Band]) -> Image:
    names = unique_names(band.name for band in bands)
    return image.with_bands(band.named(name) for band, name in zip(bands, names, strict=True))


@implements("Image.cast")
def cast(image: Image, bandTypes: dict[str, Any], bandOrder: list[str] | None) -> Image:
    """Cast bands by name; a band that is not there is added fully masked."""
    types = {name: pixel_type_of(value) for name, value in bandTypes.items()}
    known = {band.name: band for band in image.bands}
    order = bandOrder or [*image.names, *sorted(set(types) - set(known))]
    bands = []
    for name in order:
        band = known.get(name) or masked_image([name]).bands[0]
        bands.append(cast_band(band, types[name]) if name in types else band)
    return image.with_bands(bands)


def pixel_type_of(value: Any) -> PixelType:
    """Return the pixel type of a type, its name or its JSON."""
    if isinstance(value, PixelType):
        return value
    if isinstance(value, str) and value in NAMED:
        return NAMED[value]
    if isinstance(value, dict) and "precision" in value:
        return PixelType(value["precision"], value.get("min"), value.get("max"))
    raise EarthEngineError(f"Unknown pixel type {value!r:.80}.")


@implements("Image.metadata")
def metadata(image: Image, property: str, name: str | None) -> Image:
    """Return a band that holds a property of the image everywhere."""
    value = image.properties.get(property)
    value = getattr(value, "milliseconds", value)
    if not isinstance(value, int | float):
        raise EarthEngineError(f"Image.metadata: Property '{property}' is not a number.")
    band = constant_band(float(value), name or property)
    return Image((replace(band, projection=image.bands[0].projection if image.bands else DEFAULT),))


def _list_of_names(names: Any, argument: str) -> list[str] | None:
    """Return a name or several as a list."""
    if names is None:
        return None
    names = [names] if isinstance(names, str) else names
    return coerce(names, "List<String>", "Image.linkCollection", argument)


@implements("Image.linkCollection")
def link_collection(
    input: Image,
    imageCollection: Collection,
    linkedBands: Any,
    linkedProperties: Any,
    matchPropertyName: str,
) -> Image:
    """Add bands and properties of the image in another collection that shares a property.

    Without a match the bands are added fully masked and the properties are left out.
    """
    linkedBands = _list_of_names(linkedBands, "linkedBands")
    linkedProperties = _list_of_names(linkedProperties, "linkedProperties")
    wanted = input.properties.get(matchPropertyName)
    images = list(imageCollection)
    match = next((i for i in images if i.properties.get(matchPropertyName) == wanted), None)
    found = input
    if linkedBands is not None:
        selectors = linkedBands
        if match is not None:
            extra = select(match, selectors, None)
        elif images:
            template = select(images[0], selectors, None)
            extra = masked_image(template.names).map_bands(
                lambda band: cast_band(band, template.band(band.name).type)
            )
        else:
            extra = masked_image(str(selector) for selector in selectors)
        found = add_bands(found, extra, None, False)
    if linkedProperties is not None and match is not None:
        names = linkedProperties
        extra_properties = {n: match.properties[n] for n in names if n in match.properties}
        found = found.with_properties({**found.properties, **extra_properties})
    return found
