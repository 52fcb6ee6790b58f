"""What happened to a value: the status every removal is recorded with, as CF flags."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Status(IntEnum):
    """Status of one value or one day of a sensor; 0 is used, everything else says why not."""

    VALID = 0
    NOT_RECORDED = 1
    QUALITY_FLAG = 2
    OUT_OF_RANGE = 3
    SPIKE = 4
    FLAT_LINE = 5
    NEAR_IDENTICAL_DEPTHS = 6
    FROZEN_SOIL = 7
    TOO_FEW_VALUES = 8


class LayerStatus(IntEnum):
    """How much of a layer the measured profile covers on one day."""

    COVERED = 0
    PARTLY_COVERED = 1
    SENSOR_MISSING = 2
    BEYOND_PROFILE = 3
    NO_VALUE = 4


class SoilState(IntEnum):
    """Freeze/thaw state of the soil on one day."""

    UNKNOWN = -1
    THAWED = 0
    FROZEN = 1


def flag_attributes(enumeration: type[IntEnum], long_name: str) -> dict[str, object]:
    """Return the CF attributes of a flag variable.

    Examples
    --------
    >>> flag_attributes(SoilState, "state of the soil")["flag_meanings"]
    'unknown thawed frozen'
    """
    return {
        "long_name": long_name,
        "flag_values": np.array([int(member) for member in enumeration], dtype=np.int8),
        "flag_meanings": " ".join(member.name.lower() for member in enumeration),
    }
