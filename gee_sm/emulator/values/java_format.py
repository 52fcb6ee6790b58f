"""Numbers written by a pattern of Java's Formatter: ``%.2f``, ``%05d``, ``%s`` ..."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from gee_sm.emulator.errors import EarthEngineError

_PATTERN = re.compile(
    r"(?P<before>[^%]*)%(?P<flags>[#\-+ 0,(]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?"
    r"(?P<conversion>[sdoxXeEfgGaA])(?P<after>[^%]*)"
)


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
        If the pattern is of another form.
    """
    found = _PATTERN.fullmatch(pattern)
    if found is None:
        raise EarthEngineError(f"Invalid format pattern: '{pattern}'.")
    flags, conversion = found["flags"], found["conversion"]
    width = int(found["width"] or 0)
    precision = None if found["precision"] is None else int(found["precision"])
    if conversion in "doxX":
        if precision is not None:
            raise EarthEngineError(
                f"Invalid format pattern: '{pattern}': no precision with integers."
            )
        sign, body = _integer(value, conversion, flags)
    elif conversion == "s":
        text = java_text(value)
        sign, body = "", text if precision is None else text[:precision]
        flags = flags.replace("0", "").replace("(", "")
    else:
        sign, body = _real(float(value), conversion, precision, flags)
    return found["before"] + _dressed(sign, body, flags, width) + found["after"]


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
    exact = Decimal(repr(value)).normalize()
    exponent = exact.adjusted()
    digits = str(exact.scaleb(-exponent))
    return f"{digits if '.' in digits else digits + '.0'}E{exponent}"


def _integer(value: int | float, conversion: str, flags: str) -> tuple[str, str]:
    if isinstance(value, float) and not math.isfinite(value):
        raise EarthEngineError(f"{java_text(value)} cannot be written as an integer.")
    whole = int(value)
    if conversion == "d":
        body = f"{abs(whole):,}" if "," in flags else str(abs(whole))
        return _sign(whole < 0, flags), body
    unsigned = whole & (2**64 - 1)
    body = format(unsigned, "o" if conversion == "o" else "x")
    if "#" in flags:
        body = ("0" if conversion == "o" else "0x") + body
    return "", body.upper() if conversion == "X" else body


def _sign(negative: bool, flags: str) -> str:
    if negative:
        return "(" if "(" in flags else "-"
    return "+" if "+" in flags else " " if " " in flags else ""


def _real(value: float, conversion: str, precision: int | None, flags: str) -> tuple[str, str]:
    if not math.isfinite(value):
        return _sign(value < 0, flags), "NaN" if math.isnan(value) else "Infinity"
    sign = _sign(math.copysign(1, value) < 0, flags)
    size = abs(value)
    if conversion in "aA":
        lead, fraction, power = re.fullmatch(r"(0x\d)\.([0-9a-f]+)p([+-]\d+)", size.hex()).groups()  # type: ignore[union-attr]
        body = f"{lead}.{fraction.rstrip('0') or '0'}p{int(power)}"
        return sign, body.upper() if conversion == "A" else body
    digits = 6 if precision is None else precision
    if conversion in "gG":
        return sign, _general(size, digits or 1, conversion, flags)
    if conversion in "eE":
        body = _scientific(size, digits)
    else:
        body = _rounded(size, digits)
        if "," in flags:
            whole, dot, rest = body.partition(".")
            body = f"{int(whole):,}{dot}{rest}"
    return sign, body.upper() if conversion == "E" else body


def _rounded(size: float, digits: int) -> str:
    exact = Decimal(repr(size)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{exact:f}"


def _scientific(size: float, digits: int) -> str:
    exact = Decimal(repr(size))
    exponent = exact.adjusted() if exact else 0
    mantissa = exact.scaleb(-exponent).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
        mantissa = mantissa.quantize(Decimal(1).scaleb(-digits))
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(size: float, digits: int, conversion: str, flags: str) -> str:
    if size != 0 and not 1e-4 <= size < 10**digits:
        body = _scientific(size, digits - 1)
        return body.upper() if conversion == "G" else body
    places = digits - 1 - (Decimal(repr(size)).adjusted() if size else 0)
    body = _rounded(size, max(places, 0))
    if "," in flags:
        whole, dot, rest = body.partition(".")
        body = f"{int(whole):,}{dot}{rest}"
    return body


def _dressed(sign: str, body: str, flags: str, width: int) -> str:
    closing = ")" if sign == "(" else ""
    if "-" in flags:
        return (sign + body + closing).ljust(width)
    if "0" in flags and body not in ("NaN", "Infinity"):
        return sign + body.rjust(width - len(sign) - len(closing), "0") + closing
    return (sign + body + closing).rjust(width)
