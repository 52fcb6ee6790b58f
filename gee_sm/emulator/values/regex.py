"""Regular expressions in RE2's syntax, which Earth Engine uses, on top of Python's."""

from __future__ import annotations

import functools
import re

from gee_sm.emulator.errors import EarthEngineError

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_CLASS = re.compile(r"\[:(\w+):\]")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]|\(\?(?:[=!]|<[=!])")


@functools.lru_cache(maxsize=512)
def compile_re2(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile a pattern.

    Raises
    ------
    EarthEngineError
        If it is not a pattern, or uses what RE2 does not have (references back, look-around).
    """
    if _BACK_REFERENCE.search(pattern):
        raise EarthEngineError(f"Invalid regular expression: '{pattern}': invalid perl operator.")
    translated = _CLASS.sub(lambda found: _CLASSES.get(found[1], found[0]), pattern)
    translated = translated.replace(r"\z", r"\Z")
    try:
        return re.compile(translated, re.ASCII | (re.IGNORECASE if ignore_case else 0))
    except re.error as error:
        raise EarthEngineError(f"Invalid regular expression: '{pattern}': {error}.") from None
