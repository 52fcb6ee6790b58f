"""The language of ``Number.expression`` and ``Image.expression``.

Grammar, loosest first::

    conditional  ?:                  equality        == !=
    or           ||                  order           < <= > >=
    and          &&                  shift           << >>
    bits         |  ^  &             sum, product    + -   * / %
                                     prefix, power   - + ! ~   **

and, as operands, numbers (decimal, ``0x``, ``0b``), quoted text, names, ``a.b``, ``a['b']``,
``a[0]``, calls such as ``max(a, b)`` or ``b('B4')``, and parentheses. ``name = expression`` names
the result. ``^`` is the exclusive or of truths.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gee_sm.emulator.errors import EarthEngineError

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<mark>\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>!~&|^?:()\[\].,=])"
    r")"
)

# Operators by looseness, and the function of Earth Engine that each stands for.
BINARY_LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or"},
    {"&&": "and"},
    {"|": "bitwiseOr"},
    {"^": "xor"},
    {"&": "bitwiseAnd"},
    {"==": "eq", "!=": "neq"},
    {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"},
    {"<<": "leftShift", ">>": "rightShift"},
    {"+": "add", "-": "subtract"},
    {"*": "multiply", "/": "divide", "%": "mod"},
)
PREFIXES = {"!": "not", "~": "bitwiseNot", "-": "negate", "+": "same"}

CONSTANTS = {("Math", "PI"): math.pi, ("Math", "E"): math.e}


@dataclass(frozen=True)
class Literal:
    """A number or a text."""

    value: Any


@dataclass(frozen=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True)
class Member:
    """``target.key`` or ``target[key]``."""

    target: Node
    key: Node


@dataclass(frozen=True)
class Call:
    """A function of the given name applied to arguments; operators are calls too."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Conditional:
    """``test ? yes : no``."""

    test: Node
    yes: Node
    no: Node


@dataclass(frozen=True)
class Assignment:
    """``name = expression``: the expression, with a name for its result."""

    name: str
    expression: Node


Node = Literal | Name | Member | Call | Conditional | Assignment


@dataclass(frozen=True)
class Token:
    """A word of the text: its kind (number, name, text, mark or end), text and position."""

    kind: str
    text: str
    position: int


def tokenize(text: str) -> list[Token]:
    """Split a text into words.

    Raises
    ------
    EarthEngineError
        If a character belongs to no word.
    """
    found = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise EarthEngineError(
                f"Unable to parse the expression '{text}': "
                f"unexpected '{text[position:].strip()[:1]}' at position {position}."
            )
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind)))
        position = match.end()
    found.append(Token("end", "", end))
    return found


def number_of(text: str) -> int | float:
    """Return the value of a number as written in an expression."""
    lower = text.lower()
    if lower.startswith(("0x", "0b")):
        return int(lower, 0)
    return int(lower) if lower.isdigit() else float(lower)


def text_of(quoted: str) -> str:
    """Return the text between quotes, with backslashes taken out."""
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


class TokenReader:
    """Reads words one after the other."""

    def __init__(self, text: str):
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0

    @property
    def next(self) -> Token:
        """The word that comes next."""
        return self.tokens[self.position]

    def take(self) -> Token:
        """Return the next word and move behind it."""
        token = self.next
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token

    def accept(self, *marks: str) -> str | None:
        """Take the next word if it is one of the marks."""
        if self.next.kind == "mark" and self.next.text in marks:
            return self.take().text
        return None

    def expect(self, mark: str) -> None:
        """Take the next word, which must be the mark."""
        if self.accept(mark) is None:
            raise self.error(f"expected '{mark}'")

    def error(self, what: str = "unexpected") -> EarthEngineError:
        """Return the error for the next word."""
        token = self.next
        here = f"'{token.text}'" if token.text else "the end"
        return EarthEngineError(
            f"Unable to parse the expression '{self.text}': "
            f"{what} at position {token.position}, found {here}."
        )


class _Parser(TokenReader):
    """Recursive descent, one method a level of the grammar."""

    def whole(self) -> Node:
        first, second = self.tokens[0], self.tokens[min(1, len(self.tokens) - 1)]
        if first.kind == "name" and second.text == "=" and second.kind == "mark":
            self.position = 2
            node: Node = Assignment(first.text, self.conditional())
        else:
            node = self.conditional()
        if self.next.kind != "end":
            raise self.error("expected an operator")
        return node

    def conditional(self) -> Node:
        test = self.binary(0)
        if self.accept("?") is None:
            return test
        yes = self.conditional()
        self.expect(":")
        return Conditional(test, yes, self.conditional())

    def binary(self, level: int) -> Node:
        if level == len(BINARY_LEVELS):
            return self.prefix()
        operators = BINARY_LEVELS[level]
        left = self.binary(level + 1)
        while (mark := self.accept(*operators)) is not None:
            left = Call(operators[mark], (left, self.binary(level + 1)))
        return left

    def prefix(self) -> Node:
        mark = self.accept(*PREFIXES)
        if mark is not None:
            return Call(PREFIXES[mark], (self.prefix(),))
        return self.power()

    def power(self) -> Node:
        base = self.postfix()
        if self.accept("**") is None:
            return base
        return Call("pow", (base, self.prefix()))

    def postfix(self) -> Node:
        node = self.operand()
        while True:
            if self.accept("."):
                if self.next.kind != "name":
                    raise self.error("expected a name")
                node = Member(node, Literal(self.take().text))
            elif self.accept("["):
                node = Member(node, self.conditional())
                self.expect("]")
            elif isinstance(node, Name) and self.accept("("):
                node = Call(node.name, self.arguments())
            else:
                return node

    def arguments(self) -> tuple[Node, ...]:
        found: list[Node] = []
        if self.accept(")"):
            return ()
        while True:
            found.append(self.conditional())
            if self.accept(")"):
                return tuple(found)
            self.expect(",")

    def operand(self) -> Node:
        token = self.next
        if token.kind == "number":
            return Literal(number_of(self.take().text))
        if token.kind == "text":
            return Literal(text_of(self.take().text))
        if token.kind == "name":
            return Name(self.take().text)
        if self.accept("("):
            inner = self.conditional()
            self.expect(")")
            return inner
        raise self.error("expected a value")


def parse(text: str) -> Node:
    """Return the syntax tree of an expression.

    Raises
    ------
    EarthEngineError
        If the text is not an expression.

    Examples
    --------
    >>> parse("a + 2 * b")
    Call(function='add', arguments=(Name(name='a'), Call(function='multiply', \
arguments=(Literal(value=2), Name(name='b')))))
    """
    return _Parser(text).whole()


def evaluate(
    node: Node,
    resolve_name: Callable[[str], Any],
    call_function: Callable[[str, Sequence[Any]], Any],
) -> Any:
    """Compute a syntax tree.

    Parameters
    ----------
    node : Node
        What :func:`parse` returned.
    resolve_name : callable
        Gives the value of a variable.
    call_function : callable
        Applies a function, by its name in Earth Engine (``add``, ``pow``, ``log``, ``b``, ...), to
        values. Two names are not of Earth Engine: ``conditional`` with test and both cases, and
        ``member`` with a value and the key (a name or an index) of one of its parts.

    Returns
    -------
    object
        The value; the name of an :class:`Assignment` is left to the caller.
    """

    def compute(node: Node) -> Any:
        return evaluate(node, resolve_name, call_function)

    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return resolve_name(node.name)
    if isinstance(node, Assignment):
        return compute(node.expression)
    if isinstance(node, Conditional):
        return call_function("conditional", [compute(n) for n in (node.test, node.yes, node.no)])
    if isinstance(node, Member):
        constant = _constant(node)
        if constant is not None:
            return constant
        return call_function("member", [compute(node.target), compute(node.key)])
    values = [compute(argument) for argument in node.arguments]
    if node.function == "negate":
        if isinstance(values[0], int | float):
            return -values[0]
        return call_function("multiply", [values[0], -1])
    if node.function == "same":
        return values[0]
    if node.function == "xor":
        truths = [call_function("not", [value]) for value in values]
        return call_function("neq", truths)
    return call_function(node.function, values)


def _constant(node: Member) -> float | None:
    """Return the value of ``Math.PI`` or ``Math.E``."""
    if isinstance(node.target, Name) and isinstance(node.key, Literal):
        return CONSTANTS.get((node.target.name, node.key.value))
    return None


def names_of(node: Node) -> set[str]:
    """Return the variables that a syntax tree uses."""
    if isinstance(node, Name):
        return {node.name}
    if isinstance(node, Literal):
        return set()
    if isinstance(node, Assignment):
        return names_of(node.expression)
    if isinstance(node, Member):
        if _constant(node) is not None:
            return set()
        return names_of(node.target) | names_of(node.key)
    inner = (node.test, node.yes, node.no) if isinstance(node, Conditional) else node.arguments
    return set().union(*(names_of(child) for child in inner)) if inner else set()
