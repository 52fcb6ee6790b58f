"""Means over the pixels of another grid, by the areas they share; nothing here calls gee_sm."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
import xarray as xr

# (CRS, pixel, west, north) as NSIDC states EASE-Grid 2.0, and as the papers state theirs.
EASE2_36KM = ("EPSG:6933", 36032.220840584, -17367530.445, 7314540.831)
QUARTER_DEGREE = ("EPSG:4326", 0.25, -180.0, 90.0)
CMG_036 = ("EPSG:4326", 0.36, -180.0, 90.0)
ONE_KM = ("EPSG:4326", 0.01, -180.0, 90.0)


def target(grid, west: float, south: float, east: float, north: float) -> dict:
    """Whole pixels of a grid inside a box of degrees: affine transform, shape and edges."""
    crs, pixel, left, top = grid
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = to_grid.transform([west, east], [south, north])
    first, last = np.ceil((x[0] - left) / pixel), np.floor((x[1] - left) / pixel)
    upper, lower = np.ceil((top - y[1]) / pixel), np.floor((top - y[0]) / pixel)
    columns, rows = int(last - first), int(lower - upper)
    assert columns > 0
    assert rows > 0
    x_edges = left + pixel * (first + np.arange(columns + 1))
    y_edges = top - pixel * (upper + np.arange(rows + 1))
    transform = (pixel, 0.0, x_edges[0], 0.0, -pixel, y_edges[0])
    return {"crs": crs, "x": x_edges, "y": y_edges, "transform": transform}


def _shares(own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Length that each wanted interval shares with each own one, shape (wanted, own)."""
    low = np.maximum.outer(np.minimum(wanted[1:], wanted[:-1]), np.minimum(own[1:], own[:-1]))
    high = np.minimum.outer(np.maximum(wanted[1:], wanted[:-1]), np.maximum(own[1:], own[:-1]))
    return np.clip(high - low, 0, None)


def _edges(centres: np.ndarray) -> np.ndarray:
    step = centres[1] - centres[0]
    return np.append(centres - step / 2, centres[-1] + step / 2)


def upright_means(values: xr.DataArray, grid: dict) -> np.ndarray:
    """Means over pixels whose edges are meridians and parallels, as those of `values` are.

    Areas are those in the coordinates of `values`, where Earth Engine weighs pixels.
    """
    x, y = grid["x"], grid["y"]
    to_degrees = pyproj.Transformer.from_crs(grid["crs"], "EPSG:4326", always_xy=True)
    # Both systems are cylindrical: a column keeps its longitudes, a row its latitudes.
    lon = np.array(to_degrees.transform(x, np.zeros_like(x))[0])
    lat = np.array(to_degrees.transform(np.zeros_like(y), y)[1])
    across = _shares(_edges(values["x"].values), lon)
    down = _shares(_edges(values["y"].values), lat)
    known = values.notnull().values
    total = down @ np.where(known, values.values, 0) @ across.T
    weight = down @ known.astype(float) @ across.T
    full = (lat[:-1] - lat[1:])[:, None] * (lon[1:] - lon[:-1])[None]
    with np.errstate(invalid="ignore"):
        # Pixels of which less than a thousandth has values are masked.
        return np.where(weight / full >= 0.001, total / weight, np.nan)


def slanted_means(values: xr.DataArray, crs: str, grid: dict, per_side: int) -> np.ndarray:
    """Means over pixels of another system, by polygons in that of `values`.

    Sides are bent by the projection: each is drawn through so many points.
    """
    x, y = grid["x"], grid["y"]
    there = pyproj.Transformer.from_crs(grid["crs"], crs, always_xy=True)
    x_edges, y_edges = _edges(values["x"].values), _edges(values["y"].values)
    out = np.full((len(y) - 1, len(x) - 1), np.nan)
    t = np.linspace(0, 1, per_side + 1)[:-1]
    for i in range(len(y) - 1):
        for j in range(len(x) - 1):
            west, east, north, south = x[j], x[j + 1], y[i], y[i + 1]
            width, height = (east - west) * t, (south - north) * t
            around_x = np.concatenate([west + width, east + 0 * t, east - width, west + 0 * t])
            around_y = np.concatenate(
                [north + 0 * t, north + height, south + 0 * t, south - height]
            )
            outline = shapely.polygons(np.column_stack(there.transform(around_x, around_y)))
            left, bottom, right, top = shapely.bounds(outline)
            columns = np.flatnonzero((x_edges[1:] > left) & (x_edges[:-1] < right))
            rows = np.flatnonzero((y_edges[:-1] > bottom) & (y_edges[1:] < top))
            if not columns.size or not rows.size:
                continue
            boxes = shapely.box(
                x_edges[columns][None],
                y_edges[rows + 1][:, None],
                x_edges[columns + 1][None],
                y_edges[rows][:, None],
            )
            share = shapely.area(shapely.intersection(boxes, outline))
            under = values.values[np.ix_(rows, columns)]
            known = np.isfinite(under)
            if (share * known).sum() >= 0.001 * shapely.area(outline):
                out[i, j] = (share * np.where(known, under, 0)).sum() / (share * known).sum()
    return out


def nearest(values: xr.DataArray, crs: str, grid: dict) -> tuple[np.ndarray, np.ndarray]:
    """The pixel of `values` that holds the middle of each pixel of the grid, and where one does."""
    x, y = (np.asarray(edges)[:-1] + np.diff(edges) / 2 for edges in (grid["x"], grid["y"]))
    there = pyproj.Transformer.from_crs(grid["crs"], crs, always_xy=True)
    at_x, at_y = there.transform(*np.meshgrid(x, y))
    x_edges, y_edges = _edges(values["x"].values), _edges(values["y"].values)
    columns = np.searchsorted(x_edges, at_x, side="right") - 1
    rows = np.searchsorted(-y_edges, -at_y, side="right") - 1
    inside = (columns >= 0) & (columns < len(x_edges) - 1) & (rows >= 0) & (rows < len(y_edges) - 1)
    taken = values.values[np.where(inside, rows, 0), np.where(inside, columns, 0)]
    return taken, inside
