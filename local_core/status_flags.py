"""Status codes as flag variables of the CF conventions."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


def flag_attributes(codes: type[IntEnum], long_name: str) -> dict[str, object]:
    """Return the CF attributes of a variable of status codes.

    Parameters
    ----------
    codes : IntEnum
        The codes, each of which fits int8.
    long_name : str
        What the variable says.

    Returns
    -------
    dict
        ``long_name``, ``flag_values`` and ``flag_meanings``.

    Examples
    --------
    >>> class State(IntEnum):
    ...     UNKNOWN = -1
    ...     THAWED = 0
    >>> flag_attributes(State, "state of the soil")["flag_meanings"]
    'unknown thawed'
    """
    return {
        "long_name": long_name,
        "flag_values": np.array([int(code) for code in codes], dtype=np.int8),
        "flag_meanings": " ".join(code.name.lower() for code in codes),
    }
