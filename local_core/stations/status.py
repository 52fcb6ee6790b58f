"""What happened to a value: the status every removal is recorded with, as CF flags."""

from __future__ import annotations

from enum import IntEnum


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


class FrozenSource(IntEnum):
    """What the state of the soil at one depth was taken from."""

    NONE = 0
    SOIL_TEMPERATURE = 1
    QUALITY_FLAGS = 2


class SoilState(IntEnum):
    """Freeze/thaw state of the soil on one day."""

    UNKNOWN = -1
    THAWED = 0
    FROZEN = 1
