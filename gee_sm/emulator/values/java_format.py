"""Numbers written by a pattern of Java's Formatter: ``%.2f``, ``%05d``, ``%s`` ..."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

from gee_sm.emulator.errors import EarthEngineError

_PATTERN = re.compile(
    r"(?P<before>[^%]*)%(?P<flags>[#\-+ 0,(]*)(?P<width>[1-9]\d*)?(?:\.(?P<precision>\d+))?"
    r"(?P<conversion>[sdoxXeEfgGaA])(?P<after>[^%]*)"
)
# Flags that a conversion does not have.
_NOT_WITH = {
    "s": "#+ 0,(", "d": "#", "o": "+ ,(", "x": "+ ,(", "e": ",", "f": "", "g": "#", "a": ",(",
}  # fmt: skip
_LONGEST = 100_000  # characters of width or decimals
_EXACT = Context(prec=_LONGEST + 400)
_HEX_DIGITS = 13  # of a double's fraction


def java_format(pattern: str, value: int | float) -> str:
    """Return a number as text.

    Parameters
    ----------
    pattern : str
        Text with exactly one conversion out of ``sdoxXeEfgGaA``; the number is turned into what
        the conversion needs.

    Raises
    ------
    EarthEngineError
        If the pattern is of another form, or Java's Formatter refuses its flags.
    """
    found = _PATTERN.fullmatch(pattern)
    if found is None:
        raise EarthEngineError(f"Invalid format pattern: '{pattern}'.")
    flags, conversion = found["flags"], found["conversion"]
    width = int(found["width"] or 0)
    precision = None if found["precision"] is None else int(found["precision"])
    reason = _refusal(flags, conversion.lower(), width, precision)
    if reason:
        raise EarthEngineError(f"Invalid format pattern: '{pattern}': {reason}.")
    if conversion in "doxX":
        sign, body = _integer(value, conversion.lower(), flags)
    elif conversion == "s":
        sign, body = "", java_text(value)[:precision]
    else:
        sign, body = _real(float(value), conversion.lower(), precision, flags)
    text = _dressed(sign, body, flags, width)
    return found["before"] + (text.upper() if conversion.isupper() else text) + found["after"]


def _refusal(flags: str, conversion: str, width: int, precision: int | None) -> str:
    """Return why Java's Formatter refuses a conversion; nothing if it does not."""
    for flag in flags:
        if flag in _NOT_WITH[conversion]:
            return f"no flag '{flag}' with %{conversion}"
        if flags.count(flag) > 1:
            return f"the flag '{flag}' stands there twice"
    if not width and ("-" in flags or "0" in flags):
        return "the flags '-' and '0' need a width"
    if {"-", "0"} <= set(flags) or {"+", " "} <= set(flags):
        return f"the flags '{flags}' exclude each other"
    if precision is not None and conversion in "dox":
        return "no precision with integers"
    if max(width, precision or 0) > _LONGEST:
        return f"no more than {_LONGEST} characters"
    return ""


def java_text(value: int | float) -> str:
    """Return a number as Java's ``toString`` writes it."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(value)
    exact = _decimal(value).normalize()
    exponent = exact.adjusted()
    digits = str(exact.scaleb(-exponent))
    return f"{digits if '.' in digits else digits + '.0'}E{exponent}"


def _decimal(value: float) -> Decimal:
    """Return the decimal number that Java prints: the shortest, but of two digits at least."""
    two_digits = f"{value:.1e}"
    return Decimal(two_digits if float(two_digits) == value else repr(value))


def _integer(value: int | float, conversion: str, flags: str) -> tuple[str, str]:
    if isinstance(value, float) and not math.isfinite(value):
        raise EarthEngineError(f"{java_text(value)} cannot be written as an integer.")
    whole = int(value)
    if conversion == "d":
        return _sign(whole < 0, flags), f"{abs(whole):,}" if "," in flags else str(abs(whole))
    prefix = {"o": "0", "x": "0x"}[conversion] if "#" in flags else ""
    return prefix, format(whole & (2**64 - 1), conversion)


def _sign(negative: bool, flags: str) -> str:
    if negative:
        return "(" if "(" in flags else "-"
    return "+" if "+" in flags else " " if " " in flags else ""


def _real(value: float, conversion: str, precision: int | None, flags: str) -> tuple[str, str]:
    if math.isnan(value):
        return "", "NaN"
    sign = _sign(math.copysign(1, value) < 0, flags)
    size = abs(value)
    if math.isinf(value):
        return sign, "Infinity"
    if conversion == "a":
        return sign + "0x", _hexadecimal(size, precision)
    digits = 6 if precision is None else precision
    if conversion == "g":
        body = _general(size, digits or 1)
    else:
        body = _scientific(size, digits) if conversion == "e" else _rounded(size, digits)
    if "#" in flags and not digits:
        mantissa, mark, exponent = body.partition("e")
        body = f"{mantissa}.{mark}{exponent}"
    if "," in flags and "e" not in body:
        whole, dot, rest = body.partition(".")
        body = f"{int(whole):,}{dot}{rest}"
    return sign, body


def _rounded(size: float, digits: int) -> str:
    unit = Decimal(1).scaleb(-digits)
    return f"{_decimal(size).quantize(unit, rounding=ROUND_HALF_UP, context=_EXACT):f}"


def _scientific(size: float, digits: int) -> str:
    exact = _decimal(size)
    exponent = exact.adjusted() if exact else 0
    unit = Decimal(1).scaleb(-digits)
    mantissa = exact.scaleb(-exponent).quantize(unit, rounding=ROUND_HALF_UP, context=_EXACT)
    if mantissa >= 10:
        mantissa, exponent = (mantissa / 10).quantize(unit, context=_EXACT), exponent + 1
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(size: float, digits: int) -> str:
    """Write so many digits, without an exponent where the rounded number is of handy size."""
    scientific = _scientific(size, digits - 1)
    exponent = int(scientific.partition("e")[2])
    if size != 0 and not -4 <= exponent < digits:
        return scientific
    return _rounded(size, digits - 1 - exponent)


def _hexadecimal(size: float, precision: int | None) -> str:
    """Write a double to the base 16, without the mark 0x, halves rounded to even digits."""
    digits = _HEX_DIGITS if precision is None else min(max(precision, 1), _HEX_DIGITS)
    power = 0
    if digits < _HEX_DIGITS and size > 0:
        mantissa, power = math.frexp(size)
        size = round(math.ldexp(mantissa, 1 + 4 * digits)) / 16**digits
        power -= 1
        if size == 2:
            size, power = 1.0, power + 1
    lead, fraction, exponent = re.fullmatch(  # type: ignore[union-attr]
        r"0x(\d)\.([0-9a-f]+)p([+-]\d+)", size.hex()
    ).groups()
    fraction = (fraction.rstrip("0") or "0").ljust(0 if precision is None else precision or 1, "0")
    return f"{lead}.{fraction}p{int(exponent) + power}"


def _dressed(sign: str, body: str, flags: str, width: int) -> str:
    closing = ")" if sign == "(" else ""
    if "0" in flags and body not in ("NaN", "Infinity"):
        return sign + body.rjust(width - len(sign) - len(closing), "0") + closing
    text = sign + body + closing
    return text.ljust(width) if "-" in flags else text.rjust(width)
