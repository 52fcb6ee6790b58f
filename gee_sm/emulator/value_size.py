"""How large a computed value is."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["value_bytes"]

_NUMBER = 8
_PLAIN = {bool, int, float, type(None)}


def value_bytes(value: Any) -> int:
    """Return about how many bytes a value takes: 8 a number, 2 a character.

    Lazy values, images and collections among them, take none. An array, and what was learnt from a
    table, take what their numbers do.

    Examples
    --------
    >>> value_bytes([1, 2.5, "text"])
    24
    """
    if isinstance(value, str):
        return 2 * len(value)
    if isinstance(value, list):
        if set(map(type, value)) <= _PLAIN:  # most lists are of numbers, and this is fast
            return _NUMBER * len(value)
        return sum(max(value_bytes(item), _NUMBER) for item in value)
    if isinstance(value, dict):
        return sum(2 * len(str(key)) + value_bytes(item) for key, item in value.items())
    if isinstance(value, int | float):
        return _NUMBER
    arrays = (getattr(value, name, None) for name in ("values", "x", "y"))
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
