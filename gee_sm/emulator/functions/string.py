"""String.*: text."""

from __future__ import annotations

import json
from typing import Any

from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.java_format import java_text
from gee_sm.emulator.values.regex import compile_re2


@implements("String")
def construct(input: Any) -> str:
    """Return a value as text."""
    return text_of(input)


def text_of(value: Any) -> str:
    """Return a value as text: numbers as Java writes them, lists and dictionaries as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return java_text(value)
    if value is None:
        raise EarthEngineError("Parameter 'input' is required and may not be null.")
    return encode_json(value)


@implements("String.cat")
def cat(string1: str, string2: str) -> str:
    """Return one text after the other."""
    return string1 + string2


def _units(text: str) -> str:
    """Return a text in UTF-16 units: of a character beyond 16 bits both halves."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    halves = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    return "".join(map(chr, halves))


@implements("String.length")
def length(string: str) -> int:
    """Return the number of UTF-16 units."""
    return len(_units(string))


@implements("String.toLowerCase")
def to_lower_case(string: str) -> str:
    """Return the text in lower case."""
    return string.lower()


@implements("String.toUpperCase")
def to_upper_case(string: str) -> str:
    """Return the text in upper case."""
    return string.upper()


@implements("String.trim")
def trim(string: str) -> str:
    """Return the text without the white space around it."""
    return string.strip("".join(chr(code) for code in range(33)))


@implements("String.compareTo")
def compare_to(string1: str, string2: str) -> int:
    """Return -1, 0 or 1 as the first text is before, equal to or behind the second."""
    first, second = (text.encode("utf-16-be", "surrogatepass") for text in (string1, string2))
    return (first > second) - (first < second)


@implements("String.equals")
def equals(reference: str, target: Any) -> bool:
    """Whether the target is the same text."""
    return isinstance(target, str) and reference == target


@implements("String.index")
def index(target: str, pattern: str) -> int:
    """Return at which UTF-16 unit a text first occurs, or -1."""
    return _units(target).find(_units(pattern))


@implements("String.rindex")
def rindex(target: str, pattern: str) -> int:
    """Return at which UTF-16 unit a text last occurs, or -1."""
    return _units(target).rfind(_units(pattern))


@implements("String.slice")
def slice_(string: str, start: int, end: int | None) -> str:
    """Return a part by UTF-16 units; negative positions count from the end."""
    part = _units(string)[start:end]
    return part.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _flags(flags: str, allowed: str) -> tuple[bool, bool]:
    """Return whether to match globally and whether to ignore case."""
    for flag in flags:
        if flag not in allowed:
            raise EarthEngineError(f"Unknown regular expression flag '{flag}' in '{flags}'.")
    return "g" in flags, "i" in flags


@implements("String.match")
def match(input: str, regex: str, flags: str) -> list[str | None]:
    """Return the first match and its groups, or with ``g`` all matches."""
    everywhere, ignore_case = _flags(flags, "gi")
    pattern = compile_re2(regex, ignore_case=ignore_case)
    if everywhere:
        return [found[0] for found in pattern.finditer(input)]
    found = pattern.search(input)
    return [] if found is None else [found[0], *found.groups()]


@implements("String.replace")
def replace(input: str, regex: str, replacement: str, flags: str) -> str:
    """Replace the first match, or with ``g`` all matches; ``$1`` is a group."""
    everywhere, ignore_case = _flags(flags, "gi")
    pattern = compile_re2(regex, ignore_case=ignore_case)
    return pattern.sub(
        lambda found: expanded(replacement, found), input, count=0 if everywhere else 1
    )


def expanded(replacement: str, found: Any) -> str:
    """Put groups where ``$n`` stands; ``$$`` is a dollar and ``$&`` the whole match."""
    text, position = "", 0
    while position < len(replacement):
        here, following = replacement[position], replacement[position + 1 : position + 2]
        if here == "$" and following.isdigit() and int(following) <= found.re.groups:
            text += found[int(following)] or ""
            position += 2
        elif here == "$" and following in ("$", "&"):
            text += "$" if following == "$" else found[0]
            position += 2
        else:
            text += here
            position += 1
    return text


@implements("String.split")
def split(string: str, regex: str, flags: str) -> list[str]:
    """Split at matches, without the empty parts at the end; by no pattern into characters."""
    _, ignore_case = _flags(flags, "i")
    if not regex:
        return list(string)
    parts, position = [], 0
    for found in compile_re2(regex, ignore_case=ignore_case).finditer(string):
        if found.end() == 0 or found.start() == len(string):
            continue  # an empty match at either end separates nothing
        parts.append(string[position : found.start()])
        position = found.end()
    if not parts:
        return [string]
    parts.append(string[position:])
    while parts and not parts[-1]:
        parts.pop()
    return parts


@implements("String.encodeJSON")
def encode_json(object: Any) -> str:
    """Return a value as JSON, keys sorted and without blanks."""
    return json.dumps(encode(object), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


@implements("String.decodeJSON")
def decode_json(string: str) -> Any:
    """Return the value of a JSON text."""
    try:
        return json.loads(string)
    except json.JSONDecodeError as error:
        raise EarthEngineError(f"Invalid JSON: {error}.") from None
