"""Functions of images that take a number at each pixel, and no array."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.values.image import Image

__all__ = ["of_scalars", "require_scalars"]


def require_scalars(image: Image) -> Image:
    """Return an image whose bands all hold numbers.

    Raises
    ------
    EarthEngineError
        If one holds arrays.
    """
    for band in image.bands:
        if band.type.dimensions:
            raise EarthEngineError(
                f"Band '{band.name}' holds arrays of {band.type.dimensions} dimensions, where a "
                "number is expected at each pixel: use arrayGet or arrayFlatten first."
            )
    return image


def of_scalars(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a function refuse images of arrays in the arguments of these names."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = function.__code__.co_varnames

        @functools.wraps(function)
        def checked(*arguments: Any, **named: Any) -> Any:
            for name, value in (*zip(parameters, arguments, strict=False), *named.items()):
                if name in names and isinstance(value, Image):
                    require_scalars(value)
            return function(*arguments, **named)

        return checked

    return decorate
