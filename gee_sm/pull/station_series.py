"""Pixels put together to series at places, with what happened to each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyproj
import xarray as xr
from numpy.typing import NDArray

from gee_sm.composites.temporal import COUNT_SUFFIX
from gee_sm.pull.cf_dataset import add_time, variable_attributes
from gee_sm.pull.chunking import cut_windows
from gee_sm.pull.footprints import footprint_pixels, nearest_pixels, reduced
from gee_sm.pull.pixel_grid import Window
from gee_sm.pull.plan import PullPlan
from gee_sm.pull.status import PullStatus, coded, flag_attributes, values_and_status

__all__ = ["How", "Job", "StationSeries"]

How = Literal["nearest", "footprint"]

_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True, eq=False)
class Job:
    """One request: a window of pixels in some steps of time.

    Attributes
    ----------
    window : Window
        The pixels.
    places : ndarray of int
        Places whose pixels they are.
    steps : ndarray of int
        Steps of time.
    """

    window: Window
    places: NDArray[np.intp]
    steps: NDArray[np.intp]


class StationSeries:
    """The series of one pull, filled request by request.

    Parameters
    ----------
    plan : PullPlan
        What is read.
    table : pandas.DataFrame
        Places, as :func:`gee_sm.pull.places.read_points` returns them.
    how : {"nearest", "footprint"}
        The pixel that contains the place, or the mean under a circle.
    footprint_m : float or None
        Diameter of the circle.
    """

    def __init__(self, plan: PullPlan, table: pd.DataFrame, how: How, footprint_m: float | None):
        self.plan = plan
        self.table = table
        self.how = how
        self.footprint_m = footprint_m
        lon, lat = table["longitude"].to_numpy(), table["latitude"].to_numpy()
        self.placed = np.isfinite(lon) & np.isfinite(lat)
        known = np.where(self.placed, lon, 0.0), np.where(self.placed, lat, 0.0)
        self.column, self.row = plan.grid.pixels(*known)
        self.covered = self.placed & plan.grid.covers(self.column, self.row)
        self.read_places = np.flatnonzero(self.covered)
        inside = tuple(values[self.read_places] for values in known)
        if footprint_m is None:
            self.footprints = nearest_pixels(plan.grid, *inside)
        else:
            self.footprints = footprint_pixels(plan.grid, *inside, footprint_m)
        shape = (len(table), plan.steps)
        self.values = {
            name: np.full(shape, np.nan, dtype=np.float32) for name in plan.request.numbers
        }
        self.status = np.full(shape, PullStatus.NO_IMAGE, dtype=np.uint8)
        self.status[~self.covered] = PullStatus.OUTSIDE_COVERAGE
        self.status[~self.placed] = PullStatus.NO_COORDINATES
        self.valid_share = np.zeros(shape, dtype=np.float32)

    def jobs(self) -> list[Job]:
        """Return the requests that are needed."""
        windows = cut_windows(self.footprints.boxes)
        return [
            Job(window, places, steps) for steps in self.plan.groups() for window, places in windows
        ]

    def take(self, job: Job, pixels: NDArray[np.float32]) -> None:
        """Put the pixels of a request in their place.

        Parameters
        ----------
        job : Job
            The request.
        pixels : ndarray of float32, shape (height, width, steps, bands)
            Its answer.
        """
        request = self.plan.request
        height, width, steps, bands = pixels.shape
        flat = pixels.reshape(height * width, steps, bands)
        matrix = self.footprints.matrix(job.window, job.places)
        at = np.ix_(self.read_places[job.places], job.steps)
        weights = []
        found = np.empty((len(job.places), steps, len(request.bands)))
        for number, name in enumerate(request.bands):
            values, _ = values_and_status(flat[..., number : number + 1])
            kind = request.product.variable(name).kind
            value, weight = reduced(values[..., 0], matrix, kind)
            self.values[name][at] = value
            weights.append(weight)
            reason = self._reasons(flat[..., number], matrix)
            found[..., number] = np.where(weight > 0, value, reason)
        for number, name in enumerate(request.numbers[len(request.bands) :], len(request.bands)):
            # Counts of images: the mean number under a footprint.
            self.values[name][at] = reduced(flat[..., number], matrix, "state")[0]
        self.status[at] = values_and_status(found)[1]
        total = matrix.sum(axis=1)[:, None]
        self.valid_share[at] = np.mean(weights, axis=0) / total

    def dataset(self) -> xr.Dataset:
        """Return the series as a Dataset, without global attributes."""
        plan, request = self.plan, self.plan.request
        timed = plan.axis is not None
        dims = ("station", "time") if timed else ("station",)

        def shaped(values: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[Any]]:
            return dims, values if timed else values[:, 0]

        found = xr.Dataset({name: shaped(self.values[name]) for name in request.bands})
        area = "point" if self.footprint_m is None else "mean"
        for name in request.bands:
            found[name].attrs = variable_attributes(
                request.product, name, step=request.step, area=area
            )
        found = found.assign_coords(self._places())
        found = found.assign_coords(status=shaped(self.status))
        found["status"].attrs = flag_attributes()
        counts = {
            name: shaped(np.nan_to_num(self.values[name]).round().astype(np.int32))
            for name in request.numbers
            if name.endswith(COUNT_SUFFIX) and name not in request.bands
        }
        found = found.assign_coords(counts)
        for name in counts:
            found[name].attrs = {"long_name": "stored images behind the value", "units": "1"}
        if self.footprint_m is not None:
            found = found.assign_coords(valid_share=shaped(self.valid_share))
            found["valid_share"].attrs = {
                "long_name": "share of the footprint's area that has values, mean of the bands",
                "units": "1",
            }
        if plan.axis is None:
            return found
        return add_time(found, plan.axis, plan.request.product, step=plan.request.step)

    def _reasons(self, numbers: NDArray[np.float32], matrix: Any) -> NDArray[np.float64]:
        """Return the lowest reason under each place, as a number among values."""
        reason = np.full((matrix.shape[0], numbers.shape[1]), coded(PullStatus.NO_IMAGE))
        for code in (
            PullStatus.NO_VALID_VALUE,
            PullStatus.NO_STORED_VALUE,
            PullStatus.REMOVED_BY_QUALITY_RULE,
        ):
            there = np.isclose(numbers, coded(code), rtol=1e-3, atol=0.0)
            reason[(matrix @ there.astype(np.float64)) > 0] = coded(code)
        return reason

    def _places(self) -> dict[str, Any]:
        """Return the coordinates over stations."""
        table = self.table
        lon, lat = table["longitude"].to_numpy(), table["latitude"].to_numpy()
        pixel_lon, pixel_lat = (np.full(len(table), np.nan) for _ in range(2))
        here = self.covered
        pixel_lon[here], pixel_lat[here] = self.plan.grid.places(self.column[here], self.row[here])
        distance = np.full(len(table), np.nan)
        distance[here] = (
            _GEOD.inv(lon[here], lat[here], pixel_lon[here], pixel_lat[here])[2] / 1000.0
        )
        east = {"standard_name": "longitude", "units": "degrees_east"}
        north = {"standard_name": "latitude", "units": "degrees_north"}
        found: dict[str, Any] = {
            "station": (
                "station",
                table.index.to_numpy(dtype=object).astype(str).astype(object),
                {"cf_role": "timeseries_id", "long_name": "name of the place"},
            ),
            "longitude": ("station", lon, east),
            "latitude": ("station", lat, north),
            "pixel_longitude": ("station", pixel_lon, {**east, "long_name": "pixel's centre"}),
            "pixel_latitude": ("station", pixel_lat, {**north, "long_name": "pixel's centre"}),
            "distance_km": (
                "station",
                distance,
                {"units": "km", "long_name": "from the place to its pixel's centre"},
            ),
        }
        for name in table.columns.difference(["longitude", "latitude"], sort=False):
            values = table[name].to_numpy()
            if values.dtype.kind == "O":
                values = np.array([str(v) if v == v else "" for v in values], dtype=object)
            found[str(name)] = ("station", values)
        if self.footprint_m is not None:
            pixels = np.zeros(len(table), dtype=np.int32)
            pixels[self.read_places] = [
                int((weight > 0).sum()) for weight in self.footprints.weights
            ]
            found["footprint_pixels"] = (
                "station",
                pixels,
                {
                    "long_name": f"pixels under the footprint of {self.footprint_m:g} m",
                    "units": "1",
                },
            )
        return found
