"""Projections made from the other forms in which they are given: codes, WKT and JSON."""

from __future__ import annotations

import math
import re
from typing import Any

from gee_sm.emulator.coercion import NotConvertible, converts, shown
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Projection, crs_of

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_PARAMETER = re.compile(r'PARAMETER\s*\[\s*"elt_(\d)_(\d)"\s*,\s*([^\]\s]+)\s*\]')


def projection_of(
    crs: str, transform: list[Any] | None = None, transform_wkt: str | None = None
) -> Projection:
    """Return the projection of a code or WKT text and an affine transform.

    Raises
    ------
    EarthEngineError
        If the system or the transform cannot be read.
    """
    crs_of(crs)  # fails for an unknown system
    if transform is not None and transform_wkt is not None:
        raise EarthEngineError("May not specify both 'transform' and 'transformWkt'.")
    if transform_wkt is not None:
        return Projection(crs, transform_of_wkt(transform_wkt))
    if transform is None:
        return Projection(crs, _IDENTITY)
    if len(transform) not in (6, 9) or not all(
        isinstance(v, int | float) and abs(v) < math.inf for v in transform
    ):
        raise EarthEngineError(
            f"A transform is six numbers in row-major order, got {shown(transform)}."
        )
    a, b, c, d, e, f = (float(value) for value in transform[:6])
    if a * e - b * d == 0:
        raise EarthEngineError("The transform cannot be inverted.")
    return Projection(crs, (a, b, c, d, e, f))


def transform_of_wkt(text: str) -> tuple[float, float, float, float, float, float]:
    """Read an affine transform from ``PARAM_MT["Affine", PARAMETER["elt_0_0", 2], ...]``."""
    if not text.strip().startswith("PARAM_MT"):
        raise EarthEngineError(f"The transform could not be parsed: '{text:.200}'.")
    found = list(_IDENTITY)
    for row, column, value in _PARAMETER.findall(text):
        if int(row) < 2 and int(column) < 3:
            found[int(row) * 3 + int(column)] = float(value)
    return tuple(found)  # type: ignore[return-value]


def wkt_of_transform(transform: tuple[float, ...]) -> str:
    """Write an affine transform as WKT; entries of the identity are left out."""
    entries = [
        f'PARAMETER["elt_{position // 3}_{position % 3}", {value!r}]'
        for position, (value, identity) in enumerate(zip(transform, _IDENTITY, strict=True))
        if value != identity
    ]
    head = ['PARAMETER["num_row", 3]', 'PARAMETER["num_col", 3]']
    inner = ", \n  ".join(head + entries)
    return f'PARAM_MT["Affine", \n  {inner}]'


@converts("Projection")
def _projection(value: Any) -> Projection:
    if isinstance(value, Projection):
        return value
    if isinstance(value, str):
        return projection_of(value)
    if isinstance(value, dict) and value.get("type") == "Projection":
        return projection_of(
            value.get("crs") or value.get("wkt"),
            value.get("transform"),
            value.get("transformWkt"),
        )
    raise NotConvertible
