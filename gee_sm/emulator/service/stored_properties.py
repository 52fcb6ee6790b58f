"""Which properties an asset keeps."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["stored_properties"]

_OWN = frozenset({"system:index", "system:footprint", "system:asset_size"})


def stored_properties(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties that can be stored: numbers, texts and flat lists of them.

    Parameters
    ----------
    properties : dict
        Properties of an image, a feature or a collection; what follows from the asset itself
        (its index, footprint and size) is left out.
    """
    return {
        key: _plain(value)
        for key, value in properties.items()
        if key not in _OWN and (_is_scalar(value) or _is_flat_list(value))
    }


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | np.number)


def _is_flat_list(value: Any) -> bool:
    return isinstance(value, list) and all(_is_scalar(item) for item in value)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.number) else value
