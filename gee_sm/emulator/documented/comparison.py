"""Documented outputs put to the service that the client is connected to, and compared."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gee_sm.emulator.documented.output import DocumentedOutput

__all__ = ["Comparison", "compare", "evaluate"]

_ERROR = "error: "
# A few units in the last place of a double: the order of operations may differ.
_ROUNDING = 1e-15


@dataclass(frozen=True)
class Comparison:
    """What a service answered beside what is documented.

    Attributes
    ----------
    row : DocumentedOutput
        What is documented.
    found : str
        The answer in the form of :attr:`DocumentedOutput.output`.
    agrees : bool
        Whether they are the same.
    """

    row: DocumentedOutput
    found: str
    agrees: bool


def evaluate(expression: str) -> Any:
    """Return what the service answers to an expression of this package.

    Names an expression may use: ``ee``; ``math``; ``empty``, an array of int8 without items;
    ``pixel(image)``, the array of an array image at a point, as the samples of the reference read
    it; ``weights(kernel)``, the rows of a kernel's weights, which the service prints as text.

    Raises
    ------
    ee.EEException
        If the service refuses.
    """
    import ee

    point = ee.Geometry.Point([-121, 42])
    names = {
        "__builtins__": {"range": range},
        "ee": ee,
        "math": math,
        "empty": ee.Array([], ee.PixelType.int8()),
        "pixel": lambda image: ee.Element(
            image.rename("array").sample(point, 500).first()
        ).get("array"),
        "weights": _Weights,
    }  # fmt: skip
    return eval(expression, names).getInfo()


@dataclass(frozen=True)
class _Weights:
    """The weights of a kernel as rows of numbers."""

    kernel: Any

    def getInfo(self) -> list[list[float]]:
        text = self.kernel.getInfo()["weights"]
        return [json.loads(f"[{row}]") for row in re.findall(r"\[([^\]]*)\]", text)]


def compare(row: DocumentedOutput) -> Comparison:
    """Evaluate the expression of a row and compare the answer with its output.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> from gee_sm.emulator.documented.output import DocumentedOutput
    >>> with connect_client():
    ...     compare(DocumentedOutput("Number.add", "ee.Number(5).add(10)", "15", "")).agrees
    True
    """
    import ee

    try:
        value = evaluate(row.expression)
    except ee.EEException as error:
        found = f"{_ERROR}{error}"
        # Pages fold the lines of a message.
        return Comparison(row, found, found.split() == row.output.split())
    found = json.dumps(value, ensure_ascii=False)
    if row.output.startswith(_ERROR):
        return Comparison(row, found, False)
    documented = json.loads(row.output, parse_float=_Printed)
    return Comparison(row, found, _same(value, documented, row.digits))


class _Printed(float):
    """A number with decimals, which remembers the unit of its last digit in print."""

    unit: float

    def __new__(cls, text: str) -> _Printed:
        made = super().__new__(cls, text)
        made.unit = float(Decimal(1).scaleb(Decimal(text).as_tuple().exponent))  # type: ignore[arg-type]
        return made


def _same(found: Any, documented: Any, digits: bool) -> bool:
    if isinstance(documented, bool) or isinstance(found, bool):
        return found is documented
    if isinstance(documented, int | float):
        if not isinstance(found, int | float):
            return False
        if digits and isinstance(documented, _Printed):
            # 1 + 1e-6: a number cut in print may be a whole unit away but for its own rounding.
            return abs(found - documented) <= documented.unit * (1 + 1e-6)
        return math.isclose(found, documented, rel_tol=_ROUNDING)
    if isinstance(documented, list):
        return (
            isinstance(found, list)
            and len(found) == len(documented)
            and all(_same(a, b, digits) for a, b in zip(found, documented, strict=True))
        )
    if isinstance(documented, dict):
        return (
            isinstance(found, dict)
            and found.keys() == documented.keys()
            and all(_same(found[key], documented[key], digits) for key in documented)
        )
    return bool(found == documented)
