"""Which pixels stand for a place: the one it lies in, or those under a footprint, by area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gee_sm.catalog.product import Kind
from gee_sm.pull.pixel_grid import PixelGrid, Window
from local_core.gridded.footprint import circle_on_the_ground, circle_weights

__all__ = ["Footprints", "footprint_pixels", "nearest_pixels", "reduced"]

_RADIANS = np.pi / 180.0


@dataclass(frozen=True)
class Footprints:
    """Pixels of each place, with weights.

    Attributes
    ----------
    boxes : ndarray of int64, shape (places, 4)
        First column, first row, and those after the last.
    weights : list of ndarray of float, each (height, width) of its box
        Ground in the footprint, m2; 1 for a single pixel.
    """

    boxes: NDArray[np.int64]
    weights: list[NDArray[np.float64]]

    def matrix(self, window: Window, places: NDArray[np.intp]) -> sparse.csr_array:
        """Return the weights of a window's pixels (row by row) for some places."""
        rows, columns, values = [], [], []
        for number, place in enumerate(places):
            left, top, right, bottom = self.boxes[place]
            y, x = np.mgrid[
                top - window.row : bottom - window.row, left - window.column : right - window.column
            ]
            weight = self.weights[place]
            inside = weight > 0
            columns.append((y * window.width + x)[inside])
            values.append(weight[inside])
            rows.append(np.full(int(inside.sum()), number))
        shape = (len(places), window.width * window.height)
        return sparse.csr_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
        )


def nearest_pixels(grid: PixelGrid, lon: NDArray, lat: NDArray) -> Footprints:
    """Return the pixel that each place lies in."""
    column, row = grid.pixels(lon, lat)
    boxes = np.stack([column, row, column + 1, row + 1], axis=1)
    return Footprints(boxes, [np.ones((1, 1))] * len(boxes))


def footprint_pixels(grid: PixelGrid, lon: NDArray, lat: NDArray, diameter_m: float) -> Footprints:
    """Return the pixels under circles around places, weighted by the area under the circle.

    Parameters
    ----------
    grid : PixelGrid
        The pixels.
    lon, lat : ndarray, shape (places,)
        Degrees.
    diameter_m : float
        Diameter on the ground; the circle is drawn along geodesics.

    Raises
    ------
    ValueError
        If a footprint is smaller than a pixel, or holds a pole and the pixels are in degrees.
    """
    if not diameter_m >= grid.pixel_m:
        raise ValueError(
            f"a footprint of {diameter_m:g} m is smaller than the product's pixels of "
            f"{grid.pixel_m:.0f} m: take the nearest pixel (give none), or a larger footprint"
        )
    boxes, weights = [], []
    for place in zip(lon, lat, strict=True):
        box, weight = _under_circle(grid, *place, diameter_m)
        boxes.append(box)
        weights.append(weight)
    return Footprints(np.array(boxes, dtype=np.int64), weights)


def _under_circle(
    grid: PixelGrid, lon: float, lat: float, diameter_m: float
) -> tuple[tuple[int, int, int, int], NDArray[np.float64]]:
    """Return the pixels around a circle, and the ground of each under it, m2."""
    if grid.proj.is_geographic:
        # On the grid's turn of the globe. A circle over its edge continues beyond it; those pixels
        # are not there.
        lon = float(grid.project(lon, lat)[0][0])
    columns, rows = grid.positions(*circle_on_the_ground(lon, lat, diameter_m))
    left, top = int(np.floor(columns.min())), int(np.floor(rows.min()))
    right, bottom = int(np.ceil(columns.max())), int(np.ceil(rows.max()))
    x, _ = grid.centres(np.arange(left, right), 0)
    _, y = grid.centres(0, np.arange(top, bottom))
    sizes = grid.transform[4], grid.transform[0]
    row, column, area = circle_weights(lat, lon, diameter_m, y, x, grid.proj, sizes)
    weight = np.zeros((bottom - top, right - left))
    weight[row, column] = area
    return (left, top, right, bottom), weight


def reduced(
    values: NDArray[np.float32], matrix: sparse.csr_array, kind: Kind
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one value for each place from the pixels under it.

    Parameters
    ----------
    values : ndarray, shape (pixels, steps)
        NaN where there is none.
    matrix : sparse array, shape (places, pixels)
        Weights.
    kind : str
        States and totals: weighted mean of the valid pixels. Classes and days of year: the one of
        most weight, the smallest of equals. Directions: direction of the mean unit vector.

    Returns
    -------
    value, valid_weight : ndarray, shape (places, steps)
        NaN and 0 where no pixel is valid.
    """
    valid = np.isfinite(values)
    weight = matrix @ valid.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        if kind == "direction":
            angle = np.where(valid, values, 0.0).astype(np.float64) * _RADIANS
            east, north = (
                matrix @ np.where(valid, part, 0.0) for part in (np.sin(angle), np.cos(angle))
            )
            found = np.degrees(np.arctan2(east, north)) % 360.0
        elif kind in ("class", "day_of_year"):
            classes = np.unique(values[valid])
            shares = [matrix @ (values == value).astype(np.float64) for value in classes]
            found = (
                classes[np.argmax(shares, axis=0)]
                if len(classes)
                else np.full(weight.shape, np.nan)
            )
        else:
            found = (matrix @ np.where(valid, values, 0.0).astype(np.float64)) / weight
    return np.where(weight > 0, found, np.nan), weight
