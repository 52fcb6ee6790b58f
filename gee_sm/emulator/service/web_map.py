"""The tiles of a web map: the world in Web Mercator, halved at every zoom level."""

from __future__ import annotations

from gee_sm.emulator.pixels.grid import Grid, Projection

__all__ = ["MAX_ZOOM", "TILE_SIDE", "WORLD", "tile_grid"]

TILE_SIDE = 256
MAX_ZOOM = 24
WORLD = 2 * 20037508.342789244
"""Width of the world, in units of the projection."""


def tile_grid(zoom: int, x: int, y: int) -> Grid:
    """Return the pixels of a tile; rows count from the north."""
    size = WORLD / 2**zoom / TILE_SIDE
    origin = (-WORLD / 2 + x * TILE_SIDE * size, WORLD / 2 - y * TILE_SIDE * size)
    projection = Projection("EPSG:3857", (size, 0.0, origin[0], 0.0, -size, origin[1]))
    return Grid.of(projection, TILE_SIDE, TILE_SIDE)
