"""Which Sentinel-1 passes see the region: times, swaths, slices and incidence angles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import shapely
import shapely.geometry

from gee_sm.sample.region import Grid, scene_grid

__all__ = [
    "FREEZE_MONTHS",
    "ORBITS",
    "THAW_MONTHS",
    "Acquisition",
    "RelativeOrbit",
    "acquisitions",
    "swath_window",
]

THAW_MONTHS = (7, 8)
"""July and August: the ground is thawed."""

FREEZE_MONTHS = (1, 2)
"""January and February: the ground is frozen."""

_CYCLE = timedelta(days=12)
_ORBITS_PER_CYCLE = 175
# Sentinel-1A's absolute orbit 30639 is relative orbit 117; both are kept in step from there.
_KNOWN_ORBIT, _KNOWN_RELATIVE_ORBIT = 30639, 117
_KNOWN_TIME = datetime(2020, 1, 3, 17, 8, 15, tzinfo=UTC)
_ANGLE_PER_KM = 0.068
_SLICE_SECONDS = 25
_SLICE_BORDER = 900.0
_FAR = 1e5


@dataclass(frozen=True)
class RelativeOrbit:
    """One of the ground tracks whose swath touches the region.

    Parameters
    ----------
    number : int
        Relative orbit, 1 to 175.
    passing : str
        ``ASCENDING`` (evening) or ``DESCENDING`` (morning).
    heading : float
        Direction of flight, degrees clockwise from north.
    centre_angle : float
        Incidence angle on the ellipsoid at the region's centre, in degrees.
    near_edge, far_edge : float
        Where the swath begins and ends, in metres of ground range from the region's centre.
    slices : int
        Into how many products (1 or 2) along the track the region is cut.
    """

    number: int
    passing: str
    heading: float
    centre_angle: float
    near_edge: float = -math.inf
    far_edge: float = math.inf
    slices: int = 1

    @property
    def letter(self) -> str:
        """``A`` or ``D``, as in the names of the maps."""
        return self.passing[0]

    @property
    def name(self) -> str:
        """Pass and number, such as ``A114``."""
        return f"{self.letter}{self.number:03d}"

    def ground_range(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return metres from the region's centre, away from the satellite (it looks right)."""
        return _along(self.heading + 90, x, y)

    def along_track(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return metres from the region's centre in the direction of flight."""
        return _along(self.heading, x, y)

    def incidence_angle(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the incidence angle on the ellipsoid in degrees, linear across range."""
        return self.centre_angle + _ANGLE_PER_KM * self.ground_range(x, y) / 1000

    def swath(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return where the orbit sees the ground."""
        ground_range = self.ground_range(x, y)
        return (ground_range >= self.near_edge) & (ground_range <= self.far_edge)

    def slice_of(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the slice a place is in, from 0 in the order of flight."""
        return np.digitize(self.along_track(x, y), self._cuts())

    def footprint(self, number: int, bounds: tuple[float, float, float, float]) -> dict[str, Any]:
        """Return the outline of a slice within some bounds, as GeoJSON in metres (UTM 46N)."""
        edges = [-_FAR, *self._cuts(), _FAR]
        ranges = max(self.near_edge, -_FAR), min(self.far_edge, _FAR)
        corners = [(r, a) for r in ranges for a in edges[number : number + 2]]
        heading = math.radians(self.heading)
        centre_x, centre_y = _centre()
        outline = shapely.MultiPoint(
            [
                (
                    centre_x + r * math.cos(heading) + a * math.sin(heading),
                    centre_y - r * math.sin(heading) + a * math.cos(heading),
                )
                for r, a in corners
            ]
        ).convex_hull
        return shapely.geometry.mapping(outline.intersection(shapely.box(*bounds)))

    def _cuts(self) -> list[float]:
        """Return the distances along the track at which one slice ends and the next begins."""
        return [_SLICE_BORDER] if self.slices == 2 else []


ORBITS = (
    RelativeOrbit(41, "ASCENDING", 347.5, 42.0, far_edge=2100.0),
    RelativeOrbit(114, "ASCENDING", 347.5, 33.2, near_edge=-2000.0),
    RelativeOrbit(77, "DESCENDING", 192.5, 33.6, near_edge=-2300.0),
    RelativeOrbit(150, "DESCENDING", 192.5, 41.6, far_edge=2000.0, slices=2),
)
"""Two orbits each way; between them they cover the region, in the middle twice."""


@dataclass(frozen=True)
class Acquisition:
    """One passage over the region.

    Parameters
    ----------
    orbit : RelativeOrbit
        Its ground track.
    absolute_orbit : int
        Orbits since launch.
    time : datetime
        Start of the first slice over the region, UTC.
    """

    orbit: RelativeOrbit
    absolute_orbit: int
    time: datetime

    @property
    def thawed(self) -> bool:
        """Whether the ground is thawed then."""
        return self.time.month in THAW_MONTHS

    @property
    def name(self) -> str:
        """Day, pass and orbit, such as ``20200706_A114``."""
        return f"{self.time:%Y%m%d}_{self.orbit.name}"

    def slice_time(self, number: int) -> datetime:
        """Return the start of a slice."""
        return self.time + timedelta(seconds=_SLICE_SECONDS * number)

    def index(self, number: int) -> str:
        """Return the ``system:index`` of a slice, in the pattern of the mission's products."""
        start = self.slice_time(number)
        end = start + timedelta(seconds=_SLICE_SECONDS)
        take = 0x30000 + self.absolute_orbit
        unique = (self.absolute_orbit * 40503 + 977 * number) % 0x10000
        return (
            f"S1A_IW_GRDH_1SDV_{start:%Y%m%dT%H%M%S}_{end:%Y%m%dT%H%M%S}_"
            f"{self.absolute_orbit:06d}_{take:06X}_{unique:04X}"
        )


def acquisitions(years: tuple[int, ...]) -> list[Acquisition]:
    """Return all passages in the thawing and freezing months of some years, in order of time.

    Parameters
    ----------
    years : tuple of int
        Calendar years.

    Returns
    -------
    list of Acquisition
        One per orbit and 12 days.

    Examples
    --------
    >>> first = acquisitions((2020,))[0]
    >>> first.name, len(acquisitions((2020,)))
    ('20200103_A114', 41)
    """
    found = []
    for orbit in ORBITS:
        for year in years:
            cycles = (datetime(year, 1, 1, tzinfo=UTC) - _KNOWN_TIME) // _CYCLE
            for cycle in range(cycles - 1, cycles + 33):
                offset = orbit.number - _KNOWN_RELATIVE_ORBIT
                time = _KNOWN_TIME + (cycle + offset / _ORBITS_PER_CYCLE) * _CYCLE
                time = time.replace(microsecond=0)
                if time.year == year and time.month in THAW_MONTHS + FREEZE_MONTHS:
                    absolute = _KNOWN_ORBIT + cycle * _ORBITS_PER_CYCLE + offset
                    found.append(Acquisition(orbit, absolute, time))
    return sorted(found, key=lambda acquisition: acquisition.time)


def swath_window(orbit: RelativeOrbit, number: int, grid: Grid) -> tuple[slice, slice]:
    """Return the rows and columns of a grid that hold a slice of an orbit's swath."""
    inside = orbit.swath(grid.x, grid.y) & (orbit.slice_of(grid.x, grid.y) == number)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _along(azimuth: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return metres from the region's centre in a direction, clockwise from north."""
    centre_x, centre_y = _centre()
    radians = math.radians(azimuth)
    return (x - centre_x) * math.sin(radians) + (y - centre_y) * math.cos(radians)


def _centre() -> tuple[float, float]:
    west, south, east, north = scene_grid().bounds
    return (west + east) / 2, (south + north) / 2
