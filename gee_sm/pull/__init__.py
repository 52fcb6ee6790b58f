"""Products brought to xarray: cubes of pixels, and series at places.

:func:`cube` is lazy and reads through xee; :func:`stations` reads the pixels of many places over
many years, keeps what it read, and goes on where it was interrupted. Both give physical units,
a value for every step of time, and a status that says why a value is missing.
"""

from __future__ import annotations

from gee_sm.pull.cache import PullCache
from gee_sm.pull.lazy_cube import cube
from gee_sm.pull.series_at_places import stations
from gee_sm.pull.status import PullStatus

__all__ = ["PullCache", "PullStatus", "cube", "stations"]
