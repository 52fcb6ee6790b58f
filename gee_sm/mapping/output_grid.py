"""The grid of a map: whole multiples of the pixel size in one coordinate system."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pyproj
from affine import Affine


@dataclass(frozen=True)
class OutputGrid:
    """Where the pixels of a map lie.

    Attributes
    ----------
    crs : str
        Code of a projected coordinate system.
    transform : Affine
        From (column, row) to coordinates; the corner is a multiple of the pixel size.
    height, width : int
        Rows and columns.
    """

    crs: str
    transform: Affine
    height: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def scale(self) -> float:
        """Pixel size in metres."""
        return self.transform.a

    def window(self, row: int, column: int, height: int, width: int) -> dict[str, Any]:
        """Return a part of the grid as the REST interface writes it."""
        corner_x, corner_y = self.transform @ (column, row)
        return {
            "dimensions": {"width": width, "height": height},
            "affineTransform": {
                "scaleX": self.transform.a,
                "shearX": 0,
                "translateX": corner_x,
                "shearY": 0,
                "scaleY": self.transform.e,
                "translateY": corner_y,
            },
            "crsCode": self.crs,
        }

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the grid's system."""
        west, north = self.transform @ (0, 0)
        east, south = self.transform @ (self.width, self.height)
        return west, south, east, north


def utm_zone(region: tuple[float, float, float, float]) -> str:
    """Return the code of the UTM zone under the middle of a region in degrees."""
    west, south, east, north = region
    zone = math.floor(((west + east) / 2 + 180) / 6) % 60 + 1
    return f"EPSG:{32600 + zone if south + north >= 0 else 32700 + zone}"


def grid_for(
    region: tuple[float, float, float, float], *, scale: float, crs: str | None = None
) -> OutputGrid:
    """Return the grid of pixels that touch a region.

    Parameters
    ----------
    region : tuple of float
        West, south, east, north in degrees.
    scale : float
        Pixel size in metres.
    crs : str, optional
        Projected system in metres; the region's UTM zone when left out.

    Raises
    ------
    ValueError
        If the system is unknown or not in metres.

    Examples
    --------
    >>> grid_for((92.0, 32.5, 92.1, 32.6), scale=100).shape
    (112, 96)
    """
    crs = crs or utm_zone(region)
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ValueError(f"crs {crs!r} is unknown: {error}") from error
    if not system.is_projected or system.axis_info[0].unit_name not in ("metre", "meter"):
        raise ValueError(f"crs {crs!r} is not a projected system in metres, such as EPSG:32646")
    west, south, east, north = pyproj.Transformer.from_crs(
        "EPSG:4326", system, always_xy=True
    ).transform_bounds(*region, densify_pts=21)
    left, top = math.floor(west / scale), math.ceil(north / scale)
    right, bottom = math.ceil(east / scale), math.floor(south / scale)
    return OutputGrid(
        crs, Affine(scale, 0, left * scale, 0, -scale, top * scale), top - bottom, right - left
    )
