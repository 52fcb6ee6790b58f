"""Arithmetic, comparison, logic, bits and casts of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import special

from gee_sm.emulator import elementwise
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.source import Pixelwise
from gee_sm.emulator.pixels.zeroing import kept
from gee_sm.emulator.registry import implements
from gee_sm.emulator.signatures import signatures
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import (
    BOOLEAN,
    INT64,
    NAMED,
    PixelType,
    arithmetic,
    integer_type,
    union,
)

TypeRule = Callable[[PixelType, PixelType], PixelType]


def pairs(name: str, first: Image, second: Image) -> list[tuple[Band, Band, str]]:
    """Match the bands of two images by position; a single band goes with all of the other.

    Returns
    -------
    list of (Band, Band, str)
        The operands and the name of the result: the longer image's, else the left one's.

    Raises
    ------
    EarthEngineError
        If the counts differ and neither is one, or only one image is without bands.
    """
    left, right = first.bands, second.bands
    if (len(left) == 0) != (len(right) == 0):
        raise EarthEngineError(
            f"{name}: If one image has no bands, the other must also have no bands. "
            f"Got {len(left)} and {len(right)}."
        )
    if len(left) != len(right) and 1 not in (len(left), len(right)):
        raise EarthEngineError(
            f"{name}: Images must have the same number of bands, or one of them a single band. "
            f"Got {len(left)} and {len(right)}."
        )
    count = max(len(left), len(right))
    names = first.names if len(left) >= len(right) else second.names
    left = left * count if len(left) < count else left
    right = right * count if len(right) < count else right
    return [(a, b, n) for a, b, n in zip(left, right, names, strict=True)]


def _binary(
    name: str, function: Callable[..., np.ndarray], rule: TypeRule, *, masks_nan: bool = False
) -> None:
    """Register a two-image operator: its numpy function and the type of its result."""

    def operator(image1: Image, image2: Image) -> Image:
        bands = []
        for left, right, band_name in pairs(name, image1, image2):
            result = rule(left.type, right.type)
            source = Pixelwise(
                _broadcasting(function, left.type, right.type),
                (left.source, right.source),
                result.dtype,
                masks_nan=masks_nan,
            )
            bands.append(Band(band_name, result, left.projection, source))
        return Image(tuple(bands), image1.properties, image1.footprint)

    for alias in _aliases(name):
        implements(alias)(operator)


def _broadcasting(
    function: Callable[..., np.ndarray], left: PixelType, right: PixelType
) -> Callable[..., np.ndarray]:
    """Let a scalar band meet an array band: the scalar gets the array's further axes."""
    if not left.dimensions and not right.dimensions:
        return function

    def widened(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if left.dimensions and right.dimensions and a.shape[2:] != b.shape[2:]:
            raise EarthEngineError(
                "Arrays must have the same lengths on all axes, got "
                f"{list(a.shape[2:])} and {list(b.shape[2:])}."
            )
        if a.ndim < b.ndim and a.ndim >= 2:
            a = a.reshape(a.shape + (1,) * (b.ndim - a.ndim))
        elif b.ndim < a.ndim and b.ndim >= 2:
            b = b.reshape(b.shape + (1,) * (a.ndim - b.ndim))
        return function(a, b)

    return widened


def _aliases(name: str) -> list[str]:
    """Return a function's official name and its older spelling with underscores."""
    older = "".join(f"_{c.lower()}" if c.isupper() else c for c in name.removeprefix("Image."))
    names = [name]
    if f"Image.{older}" in signatures() and f"Image.{older}" != name:
        names.append(f"Image.{older}")
    return names


def _arithmetic(operator: str, ufunc: np.ufunc) -> None:
    def rule(first: PixelType, second: PixelType) -> PixelType:
        return arithmetic(operator, first, second)

    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        joint = np.result_type(a.dtype, b.dtype)
        if joint.kind not in "iub":
            return ufunc(a, b, dtype=joint, casting="unsafe")
        # Integers are added in 64 bits, so that the caller's cast to the widened type is exact.
        exact = ufunc(a, b, dtype=np.int64, casting="unsafe")
        return _saturated(exact, ufunc, a, b) if a.itemsize + b.itemsize >= 8 else exact

    _binary(f"Image.{operator}", function, rule)


def _saturated(exact: np.ndarray, ufunc: np.ufunc, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Put the nearest number of 64 bits in the place of results that went beyond them."""
    about = ufunc(a, b, dtype=np.float64, casting="unsafe")
    info = np.iinfo(np.int64)
    # Near the limits a double cannot tell; there the exact result has the wrong sign.
    over = (about >= 2.0**63) & ((about > 2.0**63) | (exact < 0))
    under = (about <= -(2.0**63)) & ((about < -(2.0**63)) | (exact > 0))
    return np.where(over, info.max, np.where(under, info.min, exact))


for _name, _ufunc in (("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply)):
    _arithmetic(_name, _ufunc)


def _floating(first: PixelType, second: PixelType) -> PixelType:
    """Type of a quotient: floating point whatever the operands."""
    precision = "float" if union(first, second).precision == "float" else "double"
    return PixelType(precision, dimensions=max(first.dimensions, second.dimensions))


def _power_type(first: PixelType, second: PixelType) -> PixelType:
    joined = union(first, second)
    precision = "double" if joined.precision == "double" else "float"
    return PixelType(precision, dimensions=joined.dimensions)


def _with_zero(first: PixelType, second: PixelType) -> PixelType:
    """Type of a remainder or of what is left of a shift: the union, whose range has 0 in it."""
    joined = union(first, second)
    if None in (joined.minimum, joined.maximum):
        return joined
    return replace(joined, minimum=min(0, joined.minimum), maximum=max(0, joined.maximum))


def _all_bits(first: PixelType, second: PixelType) -> PixelType:
    """Type of an operation on bits: the union, with all values that its bits can make."""
    joined = union(first, second)
    if joined.precision != "int":
        return replace(joined, minimum=None, maximum=None)
    info = np.iinfo(joined.dtype)
    return replace(joined, minimum=int(info.min), maximum=int(info.max))


def _boolean(first: PixelType, second: PixelType) -> PixelType:
    return replace(BOOLEAN, dimensions=max(first.dimensions, second.dimensions))


def divided(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return quotients; a division by zero gives zero."""
    quotient = np.true_divide(a, b)
    divisible = b != 0
    return quotient if divisible.all() else kept(quotient, divisible, in_place=True)


def _modulo(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    remainder = np.fmod(a, b)
    divisible = b != 0
    return remainder if divisible.all() else kept(remainder, divisible)


def _power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.power(a.astype(np.float64), b)


def _both_in_double(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Keep numpy from computing small integers in half precision."""
    return lambda a, b: function(a.astype(np.float64), b.astype(np.float64))


def _logical(ufunc: np.ufunc) -> Callable[..., np.ndarray]:
    return lambda a, b: ufunc(a != 0, b != 0)


def _bits(ufunc: np.ufunc) -> Callable[..., np.ndarray]:
    """Work in the type that holds both operands: what has no bits beyond it gets none there."""

    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        joint = np.result_type(a.dtype, b.dtype)
        joint = joint if joint.kind in "iu" else np.dtype(np.int64)
        return ufunc(a.astype(joint, copy=False), b.astype(joint, copy=False))

    return function


def _shifted_left(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.left_shift(a.astype(np.int64), b.astype(np.int64))


_binary("Image.divide", divided, _floating)
_binary("Image.mod", _modulo, _with_zero)
_binary("Image.pow", _power, _power_type, masks_nan=True)
_binary("Image.atan2", _both_in_double(lambda x, y: np.arctan2(y, x)), _power_type)
_binary("Image.hypot", _both_in_double(np.hypot), _power_type)
_binary(
    "Image.gammainc",
    _both_in_double(lambda x, a: special.gammainc(a, x)),
    _power_type,
    masks_nan=True,
)
_binary("Image.max", np.maximum, union)
_binary("Image.min", np.minimum, union)
_binary("Image.first", lambda a, b: np.broadcast_arrays(a, b)[0], union)
_binary("Image.firstNonZero", lambda a, b: np.where(a != 0, a, b), union)
implements("Image.first_nonzero")(
    lambda image1, image2: _registered("Image.firstNonZero")(image1, image2)
)
for _name, _ufunc in (
    ("lt", np.less),
    ("lte", np.less_equal),
    ("gt", np.greater),
    ("gte", np.greater_equal),
    ("eq", np.equal),
    ("neq", np.not_equal),
):
    _binary(f"Image.{_name}", _ufunc, _boolean)
_binary("Image.and", _logical(np.logical_and), _boolean)
_binary("Image.or", _logical(np.logical_or), _boolean)
for _name, _ufunc in (
    ("bitwiseAnd", np.bitwise_and),
    ("bitwiseOr", np.bitwise_or),
    ("bitwiseXor", np.bitwise_xor),
):
    _binary(f"Image.{_name}", _bits(_ufunc), _all_bits)
_binary("Image.leftShift", _shifted_left, lambda a, b: INT64)
_binary("Image.rightShift", _bits(np.right_shift), _with_zero)


def _registered(name: str) -> Callable[..., Image]:
    from gee_sm.emulator.registry import implementations

    return implementations()[name].function


def unary(
    image: Image,
    function: Callable[[np.ndarray], np.ndarray],
    rule: Callable[[PixelType], PixelType],
    *,
    masks_nan: bool = False,
) -> Image:
    """Apply a function to each band; name, default projection and properties stay."""

    def change(band: Band) -> Band:
        result = rule(band.type)
        source = Pixelwise(function, (band.source,), result.dtype, masks_nan=masks_nan)
        return Band(band.name, result, band.projection, source)

    return replace(image.map_bands(change), id=None, version=None)


def _unary(
    name: str,
    function: Callable[[np.ndarray], np.ndarray],
    rule: Callable[[PixelType], PixelType],
    *,
    masks_nan: bool = False,
) -> None:
    def operator(value: Image) -> Image:
        return unary(value, function, rule, masks_nan=masks_nan)

    for alias in _aliases(name):
        implements(alias)(operator)


def double_like(pixel_type: PixelType) -> PixelType:
    """Return the type of doubles in arrays of as many dimensions."""
    return PixelType("double", dimensions=pixel_type.dimensions)


def _in_double(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda a: function(a.astype(np.float64))


for _name, _function in (
    ("sin", np.sin),
    ("cos", np.cos),
    ("tan", np.tan),
    ("asin", np.arcsin),
    ("acos", np.arccos),
    ("atan", np.arctan),
    ("sinh", np.sinh),
    ("cosh", np.cosh),
    ("tanh", np.tanh),
    ("sqrt", np.sqrt),
    ("log", np.log),
    ("log10", np.log10),
    ("exp", np.exp),
    ("cbrt", np.cbrt),
    ("gamma", special.gamma),
    ("digamma", elementwise.digamma),
    ("trigamma", elementwise.trigamma),
    ("erf", special.erf),
    ("erfc", special.erfc),
    ("erfInv", special.erfinv),
    ("erfcInv", special.erfcinv),
    ("lanczos", elementwise.lanczos),
):
    _unary(f"Image.{_name}", _in_double(_function), double_like, masks_nan=True)


def _absolute_type(pixel_type: PixelType) -> PixelType:
    if None in (pixel_type.minimum, pixel_type.maximum):
        return pixel_type
    largest = max(abs(pixel_type.minimum), abs(pixel_type.maximum))
    return replace(pixel_type, minimum=0, maximum=largest)


def _absolute(a: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(np.int64)) if a.dtype.kind == "i" else np.abs(a)


def _type_of_whole(function: Callable[[float], float]) -> Callable[[PixelType], PixelType]:
    """Return the rule for a function that rounds: it rounds the ends of the range too."""

    def rule(pixel_type: PixelType) -> PixelType:
        ends = (pixel_type.minimum, pixel_type.maximum)
        if pixel_type.precision == "int":
            return pixel_type
        low, high = (v if v is None else float(function(v)) for v in ends)
        return replace(pixel_type, minimum=low, maximum=high)

    return rule


def _inverted_type(pixel_type: PixelType) -> PixelType:
    if pixel_type.precision != "int":
        return replace(INT64, dimensions=pixel_type.dimensions)
    low, high = int(pixel_type.minimum), int(pixel_type.maximum)
    return replace(integer_type(~high, ~low), dimensions=pixel_type.dimensions)


_unary("Image.abs", _absolute, _absolute_type)
_unary("Image.signum", np.sign, lambda t: replace(t, minimum=-1, maximum=1))
_unary("Image.floor", np.floor, _type_of_whole(np.floor))
_unary("Image.ceil", np.ceil, _type_of_whole(np.ceil))
_unary("Image.round", elementwise.half_up, _type_of_whole(elementwise.half_up))
_unary("Image.not", lambda a: a == 0, lambda t: replace(BOOLEAN, dimensions=t.dimensions))
_unary("Image.bitwiseNot", lambda a: ~a.astype(np.int64), _inverted_type)
_unary(
    "Image.bitCount",
    lambda a: np.bitwise_count(a.astype(np.int64).view(np.uint64)),
    lambda t: replace(integer_type(0, 64), dimensions=t.dimensions),
)


def cast_function(pixel_type: PixelType) -> Callable[[np.ndarray], np.ndarray]:
    """Return the cast to a type: integers lose their decimals and are clamped to the range."""
    dtype = pixel_type.dtype
    if pixel_type.precision != "int":
        return lambda a: a.astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, int(pixel_type.minimum)), min(info.max, int(pixel_type.maximum))

    def cast(a: np.ndarray) -> np.ndarray:
        if a.dtype.kind == "f":
            whole = np.trunc(
                np.nan_to_num(a.astype(np.float64), nan=0.0, posinf=np.inf, neginf=-np.inf)
            )
            # 2**63 - 1 is not a double: saturate by comparison, not by clipping to it.
            found = np.where(np.abs(whole) < 2.0**63, whole, 0).astype(np.int64)
            found = np.where(whole >= 2.0**63, np.int64(2**63 - 1), found)
            found = np.where(whole < -(2.0**63), np.int64(-(2**63)), found)
        else:
            found = a.astype(np.int64)
        return np.clip(found, low, high).astype(dtype)

    return cast


def cast_band(band: Band, pixel_type: PixelType) -> Band:
    """Return the band cast to a type."""
    result = replace(pixel_type, dimensions=band.type.dimensions)
    source = Pixelwise(cast_function(result), (band.source,), result.dtype)
    return Band(band.name, result, band.projection, source)


def _cast(names: tuple[str, ...], pixel_type: PixelType) -> None:
    def operator(value: Image) -> Image:
        found = value.map_bands(lambda band: cast_band(band, pixel_type))
        return replace(found, id=None, version=None)

    for name in names:
        implements(f"Image.{name}")(operator)


for _name, _type in NAMED.items():
    _cast(
        tuple(
            n for n in (_name, f"to{_name[0].upper()}{_name[1:]}") if f"Image.{n}" in signatures()
        ),
        _type,
    )
