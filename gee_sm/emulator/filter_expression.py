"""Filters written as text: ``cloud < 20 and (place == 'A' or not orbit in [1, 2])``."""

from __future__ import annotations

import functools
import operator
from typing import Any

from gee_sm.emulator.expression_parser import TokenReader, number_of, text_of
from gee_sm.emulator.values.filters import (
    Combined,
    Comparison,
    Filter,
    Not,
    Operand,
    equal,
    ordered,
)

_less = functools.partial(ordered, before=operator.lt)
_greater = functools.partial(ordered, before=operator.gt)
_WORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})


def parse_filter(text: str) -> Filter:
    """Return the filter that a text describes.

    Raises
    ------
    EarthEngineError
        If the text is not a filter.
    """
    reader = _FilterReader(text)
    found = reader.any_of()
    if reader.next.kind != "end":
        raise reader.error("expected 'and' or 'or'")
    return found


def compare(mark: str, left: Operand, right: Operand) -> Filter:
    """Return the filter of a comparison; like the client, the negative ones are negations."""
    if mark in ("==", "="):
        return Comparison(left, right, equal, takes_null=True)
    if mark == "!=":
        return Not(Comparison(left, right, equal, takes_null=True))
    if mark == "<":
        return Comparison(left, right, _less)
    if mark == ">":
        return Comparison(left, right, _greater)
    return Not(Comparison(left, right, _greater if mark == "<=" else _less))


class _FilterReader(TokenReader):
    def word(self, *words: str) -> bool:
        if self.next.kind == "name" and self.next.text.lower() in words:
            self.take()
            return True
        return False

    def any_of(self) -> Filter:
        found = [self.all_of()]
        while self.accept("||") or self.word("or"):
            found.append(self.all_of())
        return found[0] if len(found) == 1 else Combined(tuple(found), every=False)

    def all_of(self) -> Filter:
        found = [self.one()]
        while self.accept("&&") or self.word("and"):
            found.append(self.one())
        return found[0] if len(found) == 1 else Combined(tuple(found), every=True)

    def one(self) -> Filter:
        if self.accept("!") or self.word("not"):
            return Not(self.one())
        if self.accept("("):
            inner = self.any_of()
            self.expect(")")
            return inner
        left = self.operand()
        if self.word("not"):
            if not self.word("in"):
                raise self.error("expected 'in'")
            return Not(self.member(left))
        if self.word("in"):
            return self.member(left)
        mark = self.accept("==", "!=", "<=", ">=", "<", ">", "=")
        if mark is None:
            raise self.error("expected a comparison")
        return compare(mark, left, self.operand())

    def member(self, left: Operand) -> Filter:
        if self.next.text in ("[", "("):
            closing = "]" if self.take().text == "[" else ")"
            items = []
            while self.accept(closing) is None:
                if items:
                    self.expect(",")
                items.append(self.operand().value)
            right = Operand(None, items)
        else:
            right = self.operand()
        return Comparison(left, right, _is_in)

    def operand(self) -> Operand:
        token = self.next
        sign = -1 if self.accept("-") else 1
        token = self.next
        if token.kind == "number":
            return Operand(None, sign * number_of(self.take().text))
        if sign < 0:
            raise self.error("expected a number")
        if token.kind == "text":
            return Operand(None, text_of(self.take().text))
        if token.kind == "name":
            return self.name_or_word()
        raise self.error("expected a property or a value")

    def name_or_word(self) -> Operand:
        word = self.take().text
        if word.lower() in ("true", "false", "null"):
            return Operand(None, {"true": True, "false": False, "null": None}[word.lower()])
        if word.lower() in _WORDS:
            self.position -= 1
            raise self.error("expected a property or a value")
        # Properties such as system:index and a.b are one name here.
        while self.accept(":"):
            word += ":" + self.take().text
        while self.accept("."):
            word += "." + self.take().text
        return Operand(word)


def _is_in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, item) for item in right)
