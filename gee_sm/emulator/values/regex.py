"""Regular expressions in RE2's syntax, which Earth Engine uses, translated to Python's.

https://github.com/google/re2/wiki/Syntax. What RE2 refuses is refused: references back,
look-around, possessive and repeated repetitions. Python's engine goes back over its tracks where
RE2 does not, so that a pattern such as ``(a+)+b`` takes long here on a long text without a match.
"""

from __future__ import annotations

import functools
import itertools
import re
import sys
import unicodedata

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
_PERL = {"d": _CLASSES["digit"], "s": r"\t\n\f\r ", "w": _CLASSES["word"]}
_CATEGORIES = re.compile(
    "Any|C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?"
)  # of Unicode; scripts such as Greek are not known here
_CONTROLS = dict(zip("aftnrv", "\a\f\t\n\r\v", strict=True))
_REPETITION = re.compile(r"[*+?]|\{(\d+)(?:(,)(\d*))?\}")
_CLASS_NAME = re.compile(r"\[:(\^?)(\w*):\]")
_CATEGORY = re.compile(r"\\[pP](?:\{(\^?)(\w+)\}|([A-Z]))")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_CODE = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})")
_GROUP = re.compile(r"\((?:\?(?:P?<(\w+)>|([imsU]*)(-[imsU]+)?([:)])))?")
_MOST_REPETITIONS = 1000


@functools.lru_cache(maxsize=512)
def compile_re2(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile a pattern.

    Raises
    ------
    EarthEngineError
        If it is not a pattern of RE2.
    """
    try:
        return re.compile(_Translation(pattern, ignore_case=ignore_case).text)
    except RecursionError:
        reason = "nesting too deep"
    except (re.error, _Refused) as error:
        reason = str(error)
    raise EarthEngineError(f"Invalid regular expression: '{pattern:.100}': {reason}.")


class _Refused(Exception):
    """A pattern is not one of RE2."""


@functools.cache
def _category_runs() -> list[tuple[int, int, str]]:
    """Return the Unicode categories as runs of characters: first, last, category."""
    found, start = [], 0
    everything = map(unicodedata.category, map(chr, range(sys.maxunicode + 1)))
    for category, run in itertools.groupby(everything):
        end = start + sum(1 for _ in run)
        found.append((start, end - 1, category))
        start = end
    return found


@functools.cache
def _category(name: str, *, negated: bool) -> str:
    """Return the characters of a Unicode category, or all others, as ranges of a class."""
    return "".join(
        f"{_exact(chr(first))}-{_exact(chr(last))}"
        for first, last, category in _category_runs()
        if category.startswith(name) != negated
    )


@functools.cache
def _all_but(ranges: str) -> str:
    """Return the characters that are in none of some ranges of ASCII."""
    ascii_others = re.findall(f"[^{ranges}]", "".join(map(chr, range(128))))
    return "".join(map(_exact, ascii_others)) + r"\x80-\U0010ffff"


class _Translation:
    """Reads a pattern from left to right and writes the same for Python.

    Flags are put on each atom apart, because RE2 lets them change in the middle of a group.
    """

    def __init__(self, pattern: str, *, ignore_case: bool):
        self.pattern = pattern
        self.position = 0
        self.flags = frozenset("i" if ignore_case else "")
        found: list[str] = []
        outer: list[frozenset[str]] = []
        while self.position < len(pattern):
            letter = pattern[self.position]
            if letter == "(":
                found.append(self._group(outer))
                continue
            if letter in "|)":
                if letter == ")":
                    if not outer:
                        raise _Refused("unexpected )")
                    self.flags = outer.pop()
                self.position += 1
                found.append(letter + self._repeated() if letter == ")" else letter)
                continue
            atom = self._atom(letter)
            found.append(atom + (self._repeated() if atom else ""))
        self.text = "".join(found)

    def _group(self, outer: list[frozenset[str]]) -> str:
        opened = _GROUP.match(self.pattern, self.position)
        name, on, off, end = opened.groups()  # type: ignore[union-attr]
        if opened[0] == "(" and self.pattern.startswith("(?", self.position):  # type: ignore[index]
            raise _Refused(f"invalid perl operator: {self.pattern[self.position :][:4]}")
        self.position = opened.end()  # type: ignore[union-attr]
        if end is None:
            outer.append(self.flags)
            return "(" if name is None else f"(?P<{name}>"
        if end == ":":
            outer.append(self.flags)
        self.flags = (self.flags | set(on)) - set(off or "")
        return "(?:" if end == ":" else ""

    def _repeated(self) -> str:
        """Return the repetition behind an atom."""
        found = _REPETITION.match(self.pattern, self.position)
        if found is None:
            return ""
        self.position = found.end()
        low, comma, high = found.groups()
        if max(int(low or 0), int(high or 0)) > _MOST_REPETITIONS:
            raise _Refused(f"invalid repetition size: {found[0]}")
        lazy = self.pattern.startswith("?", self.position)
        self.position += lazy
        again = _REPETITION.match(self.pattern, self.position)
        if again is not None:
            raise _Refused(f"bad repetition operator: {found[0]}{'?' * lazy}{again[0]}")
        if comma is None and low is not None:
            return found[0]
        return found[0] + "?" * (lazy != ("U" in self.flags))

    def _atom(self, letter: str) -> str:
        if letter == "[":
            return self._flagged(self._class())
        if letter == "\\":
            return self._escape()
        if _REPETITION.match(self.pattern, self.position):
            raise _Refused(f"no argument for repetition operator: {letter}")
        self.position += 1
        if letter == ".":
            return "(?s:.)" if "s" in self.flags else r"[^\n]"
        if letter == "^":
            return "(?m:^)" if "m" in self.flags else r"\A"
        if letter == "$":
            return "(?m:$)" if "m" in self.flags else r"\Z"
        return self._flagged(re.escape(letter))

    def _flagged(self, atom: str) -> str:
        return f"(?i:{atom})" if "i" in self.flags else atom

    def _escape(self) -> str:
        letter = self.pattern[self.position + 1 : self.position + 2]
        if letter == "Q":
            end = self.pattern.find(r"\E", self.position)
            end = len(self.pattern) if end < 0 else end
            text = self.pattern[self.position + 2 : end]
            self.position = end + 2
            # A repetition behind the quotation is one of its last character.
            return "".join(self._flagged(re.escape(character)) for character in text)
        if letter and letter in "AzbB":
            self.position += 2
            return {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}[letter]
        ranges = self._ranges()
        if ranges is not None:
            return self._flagged(f"[{ranges}]" if ranges else r"[^\s\S]")
        return self._flagged(re.escape(self._character()))

    def _ranges(self) -> str | None:
        r"""Return the characters of ``\d``, ``\pL``, ``\p{Lu}`` ... ; None for other escapes."""
        letter = self.pattern[self.position + 1 : self.position + 2]
        if letter and letter in "dswDSW":
            self.position += 2
            ranges = _PERL[letter.lower()]
            return _all_but(ranges) if letter.isupper() else ranges
        if letter not in ("p", "P"):
            return None
        found = _CATEGORY.match(self.pattern, self.position)
        name = found and (found[2] or found[3])
        if found is None or not _CATEGORIES.fullmatch(name):
            raise _Refused(f"invalid character class range: {found[0] if found else letter}")
        self.position = found.end()
        return _category("" if name == "Any" else name, negated=(letter == "P") != bool(found[1]))

    def _character(self) -> str:
        """Return the character that an escape stands for."""
        rest = self.pattern[self.position + 1 :]
        octal = _OCTAL.match(rest)
        code = _CODE.match(rest)
        if octal:
            self.position += 1 + octal.end()
            return chr(int(octal[0], 8))
        if code:
            number = int(code[1] or code[2], 16)
            if number > sys.maxunicode:
                raise _Refused(rf"invalid escape sequence: \{code[0]}")
            self.position += 1 + code.end()
            return chr(number)
        letter = rest[:1]
        if not letter:
            raise _Refused("trailing \\")
        if letter not in _CONTROLS and (letter.isalnum() or not letter.isascii()):
            raise _Refused(rf"invalid escape sequence: \{letter}")
        self.position += 2
        return _CONTROLS.get(letter, letter)

    def _class(self) -> str:
        """Return a class in brackets."""
        start = self.position
        self.position += 1
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        parts: list[str] = []
        while parts == [] or not self.pattern.startswith("]", self.position):
            if self.position >= len(self.pattern):
                raise _Refused(f"missing closing ]: {self.pattern[start:]}")
            parts.append(self._class_part())
        self.position += 1
        ranges = "".join(parts)
        if not ranges:
            return r"[\s\S]" if negated else r"[^\s\S]"
        return f"[{'^' * negated}{ranges}]"

    def _class_part(self) -> str:
        named = _CLASS_NAME.match(self.pattern, self.position)
        if named:
            if named[2] not in _CLASSES:
                raise _Refused(f"invalid character class range: {named[0]}")
            self.position = named.end()
            return _all_but(_CLASSES[named[2]]) if named[1] else _CLASSES[named[2]]
        if self.pattern[self.position] == "\\":
            ranges = self._ranges()
            if ranges is not None:
                return ranges
        low = self._class_character()
        following = self.pattern[self.position + 1 : self.position + 2]
        if not self.pattern.startswith("-", self.position) or following in ("", "]"):
            return _exact(low)
        self.position += 1
        high = self._class_character()
        if high < low:
            raise _Refused(f"invalid character class range: {low}-{high}")
        return f"{_exact(low)}-{_exact(high)}"

    def _class_character(self) -> str:
        if self.pattern[self.position] == "\\":
            return self._character()
        self.position += 1
        return self.pattern[self.position - 1]


def _exact(character: str) -> str:
    return f"\\U{ord(character):08x}"
