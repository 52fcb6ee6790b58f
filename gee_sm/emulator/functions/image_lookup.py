"""Values by table and by formula: remap and expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.expression_parser import Assignment, evaluate, parse
from gee_sm.emulator.functions.image_bands import as_image, rename, select
from gee_sm.emulator.graph import Function
from gee_sm.emulator.pixels.source import Pixelwise
from gee_sm.emulator.registry import implementations, implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import of_constant, union


@implements("Image.remap")
def remap(
    image: Image, from_: list[Any], to: list[Any], defaultValue: Any, bandName: str | None
) -> Image:
    """Replace values by those of a table; the others are masked or get a default."""
    if len(from_) != len(to):
        raise EarthEngineError(
            f"Image.remap: 'from' has {len(from_)} values, 'to' has {len(to)}: must be equal."
        )
    if not from_:
        raise EarthEngineError("Image.remap: 'from' and 'to' are empty lists.")
    if not image.bands:
        raise EarthEngineError("Image.remap: The image has no bands.")
    from_ = [coerce(value, "Number", "Image.remap", "from") for value in from_]
    to = [coerce(value, "Number", "Image.remap", "to") for value in to]
    if defaultValue is not None:
        defaultValue = coerce(defaultValue, "Number", "Image.remap", "defaultValue")
    band = image.first_band if bandName is None else image.band(bandName)
    result = of_constant(to[0])
    for value in [*to[1:], *([] if defaultValue is None else [defaultValue])]:
        result = union(result, of_constant(value))
    order = np.argsort(np.asarray(from_, np.float64), kind="stable")
    keys = np.asarray(from_, np.float64)[order]
    values = np.asarray(to, np.float64)[order]

    def function(a: np.ndarray) -> np.ndarray:
        numbers = a.astype(np.float64)
        place = np.clip(np.searchsorted(keys, numbers), 0, len(keys) - 1)
        hit = keys[place] == numbers
        other = np.nan if defaultValue is None else float(defaultValue)
        return np.where(hit, values[place], other)

    looked_up = Pixelwise(function, (band.source,), np.dtype(np.float64), masks_nan=True)
    source = Pixelwise(lambda a: np.nan_to_num(a), (looked_up,), result.dtype)
    return Image(
        (Band("remapped", result, band.projection, source),), image.properties, image.footprint
    )


@implements("Image.parseExpression")
def parse_expression(
    expression: str, argName: str, vars: list[str], mapFreeVarsToDefaultImageBands: bool
) -> Function:
    """Return the function that an expression text describes.

    Its first argument is the default image, whose bands ``b(...)`` picks; the others are the
    variables.
    """
    tree = parse(expression)
    names = [argName, *(name for name in vars if name != argName)]

    def call(*arguments: Any) -> Any:
        given = dict(zip(names, arguments, strict=False))
        default = given.get(argName)

        def resolve(name: str) -> Any:
            if name in given and given[name] is not None:
                return given[name]
            if mapFreeVarsToDefaultImageBands and isinstance(default, Image):
                return select(default, [name], None)
            raise EarthEngineError(f"Image.parseExpression: Unknown variable '{name}'.")

        def function(name: str, values: Sequence[Any]) -> Any:
            return _expression_call(name, list(values), default)

        result = as_image(evaluate(tree, resolve, function))
        if isinstance(tree, Assignment):
            result = rename(result, [tree.name])
        return result

    return Function(tuple(names), call)


def _expression_call(name: str, values: list[Any], default: Any) -> Any:
    """Apply an operator or function of an expression to images and numbers."""
    if name == "b":
        if not isinstance(default, Image):
            raise EarthEngineError("Image.parseExpression: b() needs a default image.")
        return select(default, values, None) if values else default
    if name == "member":
        return select(as_image(values[0]), [values[1]], None)
    images = [as_image(value) for value in values]
    known = implementations()
    if name == "conditional":
        test, yes, no = images
        return known["Image.where"].function(no, test, yes)
    implementation = known.get(f"Image.{name}")
    if implementation is None:
        raise EarthEngineError(f"Image.parseExpression: Unknown function '{name}'.")
    return implementation.function(*images)
