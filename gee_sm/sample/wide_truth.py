"""The truth of the wide region: soil moisture, temperature and rain at any place, time and depth.

Space and time separate: total water is a few maps times a few series, so three years of any grid
are a small matrix product, and the truth folder holds maps and series instead of cubes. What
freezes is a function of the temperature there.

Depth
    Deeper soil follows the surface as an exponential filter with a memory that grows by
    :data:`MEMORY_DAYS_PER_M` (Wagner et al. 1999), and differs less from place to place. Depth 0
    is the surface that satellites see. A layer is the mean of points in it.
Freezing
    Below 0 degC water stays liquid up to 0.12 |T|**-0.5, as in
    :func:`local_core.synthetic.freezing_soil.liquid_water`.
Time
    States are kept for 00:00 UTC and linear in between, so the value at 12:00 is the day's mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr
from rasterio.warp import transform
from scipy.signal import lfilter

from gee_sm.sample.region import CRS
from gee_sm.sample.soil_moisture import SoilMoisturePattern
from gee_sm.sample.vegetation import BARE_SOIL_NDVI, growing_season
from gee_sm.sample.wide_ground import (
    GroundMaps,
    WideGround,
    annual_temperature,
    vegetation_type,
)
from gee_sm.sample.wide_region import (
    TRUTH_GRID,
    PixelMean,
    basin_weight,
    longitude_latitude,
)
from gee_sm.sample.wide_weather import WideWeather, rain_region_weights
from local_core.atomic_write import replacing
from local_core.synthetic.freezing_soil import temperature_wave

__all__ = [
    "MEMORY_DAYS_PER_M",
    "TRUTH_PARAMETERS",
    "Depth",
    "PointTruth",
    "WideTruth",
    "depth_memory_days",
]

Depth = float | tuple[float, float]
"""A depth in cm, or the top and bottom of a layer in cm."""

MEMORY_DAYS_PER_M = 120.0
"""Growth of the exponential filter's memory with depth."""

_MEMORY_FROM_M = 0.03
_DEEP_MEAN = 0.2
_DEEP_SHARE, _DEEP_M = 0.4, 0.5
_ANNUAL_AMPLITUDE = 12.0
_WARMTH_DAMPING_M = 0.25
_POINTS_PER_LAYER = 8
_GREENING, _GREENING_DAYS = 1.2, 30.0

TRUTH_PARAMETERS = {
    "memory_days_per_m": MEMORY_DAYS_PER_M,
    "memory_from_m": _MEMORY_FROM_M,
    "mean_at_depth": {
        "towards": _DEEP_MEAN,
        "share": _DEEP_SHARE,
        "scale_m": _DEEP_M,
        "formula": "mean + share * (1 - exp(-depth / scale_m)) * (towards - mean)",
    },
    "temperature": {
        "annual_amplitude_k": _ANNUAL_AMPLITUDE,
        "annual_damping_depth_m": 2.0,
        "weather_damping_depth_m": _WARMTH_DAMPING_M,
    },
    "ndvi": {
        "bare_soil": BARE_SOIL_NDVI,
        "rise_per_soil_moisture": _GREENING,
        "memory_days": _GREENING_DAYS,
    },
    "liquid_water_below_0_degc": "min(total, 0.12 * abs(T)**-0.5)",
}
"""What the truth folder says of depth and frost."""


class WideTruth:
    """Soil moisture, soil temperature and rain behind all products of the wide region.

    Parameters
    ----------
    ground : GroundMaps
        Maps on the truth's 1 km grid.
    weather : WideWeather
        Series.

    Examples
    --------
    >>> import numpy as np
    >>> truth = WideTruth.of_seed(1)
    >>> july = np.array(["2020-07-01T12", "2020-07-02T12"], "datetime64[ns]")
    >>> truth.soil_moisture(july, depth=5.0).shape == (2, *TRUTH_GRID.shape)
    True
    """

    def __init__(self, ground: GroundMaps, weather: WideWeather) -> None:
        self.ground = ground
        self.weather = weather

    @classmethod
    def of_seed(cls, seed: int) -> WideTruth:
        """Return the truth of a sample's seed."""
        return cls(WideGround(seed).maps(), WideWeather.of_seed(seed))

    @cached_property
    def region_weights(self) -> np.ndarray:
        """Weight of each rain region's weather at the truth's pixels, shape (regions, y, x)."""
        return rain_region_weights(*longitude_latitude(TRUTH_GRID))

    @cached_property
    def rain_weights(self) -> np.ndarray:
        """Weight of what rain each region had beyond the expected; 0 in the scenes' basin."""
        return basin_weight(TRUTH_GRID.x, TRUTH_GRID.y) * self.region_weights

    @cached_property
    def moisture_maps(self) -> np.ndarray:
        """Maps whose sum, weighted by :meth:`moisture_series`, is total water; (maps, y, x)."""
        ground = self.ground
        return np.stack(
            [
                ground.mean,
                np.ones_like(ground.mean),
                ground.response,
                ground.response_contrast,
                *(ground.response * self.rain_weights),
            ]
        )

    def moisture_series(self, times: np.ndarray, depth: Depth = 0.0) -> np.ndarray:
        """Return the weights of :attr:`moisture_maps` over time.

        Parameters
        ----------
        times : ndarray of datetime64, shape (n,)
            UTC.
        depth : float or (float, float), default 0
            cm.

        Returns
        -------
        ndarray, shape (maps, n)
            Weights.
        """
        points = _points(depth)
        share = np.mean(_DEEP_SHARE * (1 - np.exp(-points / _DEEP_M)))
        weather = self.weather
        daily = np.stack([weather.common, weather.contrast, *weather.rain_anomaly])
        followed = np.mean([_filtered(daily, depth_memory_days(z)) for z in points], axis=0)
        changing = self._at(times, followed)
        constant = np.ones((1, len(times)))
        return np.concatenate([(1 - share) * constant, share * _DEEP_MEAN * constant, changing])

    def season_series(self, times: np.ndarray, depth: Depth = 0.0) -> np.ndarray:
        """Return the seasonal cycle where the response is 1, about its mean, m3 m-3; shape (n,)."""
        season = self.weather.season[None] - self.weather.season.mean()
        followed = np.mean(
            [_filtered(season, depth_memory_days(z)) for z in _points(depth)], axis=0
        )
        return self._at(times, followed)[0]

    def total_water(
        self, times: np.ndarray, depth: Depth = 0.0, over: PixelMean | None = None
    ) -> np.ndarray:
        """Return liquid and frozen water, m3 m-3.

        Parameters
        ----------
        times : ndarray of datetime64, shape (n,)
            UTC.
        depth : float or (float, float), default 0
            cm.
        over : PixelMean, optional
            Pixels to average over; the truth's own by default.

        Returns
        -------
        ndarray, shape (n, rows, columns)
            Total water.
        """
        maps = self.moisture_maps if over is None else over(self.moisture_maps)
        return np.tensordot(self.moisture_series(times, depth).T, maps, axes=1)

    def soil_temperature(
        self, times: np.ndarray, depth: Depth = 0.0, over: PixelMean | None = None
    ) -> np.ndarray:
        """Return soil temperature in degC; arguments as for :meth:`total_water`.

        Returns
        -------
        ndarray, shape (n, rows, columns)
            Temperature, without the course of the day.
        """
        maps = self.temperature_maps if over is None else over(self.temperature_maps)
        return np.tensordot(self.temperature_series(times, depth).T, maps, axes=1)

    @cached_property
    def temperature_maps(self) -> np.ndarray:
        """Maps of soil temperature, as :attr:`moisture_maps`; (maps, y, x)."""
        annual = annual_temperature(self.ground.elevation)
        return np.stack([annual, np.ones_like(annual), *self.region_weights])

    def temperature_series(self, times: np.ndarray, depth: Depth = 0.0) -> np.ndarray:
        """Return the weights of :attr:`temperature_maps` over time, shape (maps, n)."""
        points = _points(depth)
        wave = np.mean(
            temperature_wave(
                _day_of_year(times),
                points,
                annual_mean_degc=0.0,
                annual_amplitude_degc=_ANNUAL_AMPLITUDE,
                weather_degc=np.zeros(len(times)),
            ),
            axis=0,
        )
        damping = np.mean(np.exp(-points / _WARMTH_DAMPING_M))
        warmth = damping * self._at(times, self.weather.warmth)
        return np.concatenate([[np.ones(len(times)), wave], warmth])

    def soil_moisture(
        self, times: np.ndarray, depth: Depth = 0.0, over: PixelMean | None = None
    ) -> np.ndarray:
        """Return liquid water, m3 m-3: what sensors and radiometers respond to.

        Arguments and shape as for :meth:`total_water`. Ice is told from water in each 1 km pixel,
        and then averaged.
        """
        times = np.asarray(times)
        shape = TRUTH_GRID.shape if over is None else over.grid.shape
        out = np.empty((len(times), *shape))
        # A month at a time keeps memory at some tens of MB.
        for start in range(0, len(times), 32):
            part = slice(start, start + 32)
            warmth = self.soil_temperature(times[part], depth)
            if warmth.min() >= 0:
                out[part] = self.total_water(times[part], depth, over)
                continue
            liquid = _liquid(self.total_water(times[part], depth), warmth)
            out[part] = liquid if over is None else over(liquid)
        return out

    def at_points(self, x: np.ndarray, y: np.ndarray, moisture: SoilMoisturePattern) -> PointTruth:
        """Return the truth at points, whose soil may differ from their kilometre's mean.

        Parameters
        ----------
        x, y : ndarray, shape (points,)
            Coordinates in metres (UTM 46N).
        moisture : SoilMoisturePattern
            The ground at the points.
        """
        return PointTruth(self, x, y, moisture)

    def rain(self, days: np.ndarray, over: PixelMean | None = None) -> np.ndarray:
        """Return the rain (or snow) of UTC days in mm, shape (n, rows, columns)."""
        maps = np.stack([np.ones(TRUTH_GRID.shape), *self.rain_weights])
        maps = maps if over is None else over(maps)
        weather = self.weather
        number = (days.astype("datetime64[D]") - weather.day[0]).astype(int)
        expected = weather.expected_rain[number]
        surplus = weather.rain[:, number] - expected
        return np.tensordot(np.concatenate([expected[None], surplus]).T, maps, axes=1)

    @cached_property
    def greenness_maps(self) -> np.ndarray:
        """Maps of NDVI, as :attr:`moisture_maps`; (maps, y, x)."""
        ground = self.ground
        return np.stack(
            [
                np.ones_like(ground.ndvi),
                ground.ndvi - BARE_SOIL_NDVI,
                *(ground.response * self.rain_weights),
            ]
        )

    def ndvi(self, times: np.ndarray, over: PixelMean | None = None) -> np.ndarray:
        """Return NDVI, shape (n, rows, columns): the type's season, greener after wet weeks."""
        maps = self.greenness_maps if over is None else over(self.greenness_maps)
        return np.tensordot(self.greenness_series(times).T, maps, axes=1)

    def greenness_series(self, times: np.ndarray) -> np.ndarray:
        """Return the weights of :attr:`greenness_maps` over time, shape (maps, n)."""
        season = growing_season(1 + _day_of_year(times))
        wet_weeks = self._at(times, _filtered(self.weather.rain_anomaly, _GREENING_DAYS))
        constant = np.full(len(times), BARE_SOIL_NDVI)
        return np.concatenate([[constant, season], _GREENING * season * wet_weeks])

    @property
    def vegetation(self) -> np.ndarray:
        """Numbers of the vegetation types on the truth's grid."""
        return vegetation_type(self.ground.mean)

    def _at(self, times: np.ndarray, daily: np.ndarray) -> np.ndarray:
        """Interpolate series, shape (series, n)."""
        since = np.asarray(times, "datetime64[ns]") - self.weather.day[0].astype("datetime64[ns]")
        position = since / np.timedelta64(1, "D")
        if len(position) and not (
            position.min() >= 0 and position.max() <= self.weather.day.size - 1
        ):
            raise ValueError(
                f"the truth runs from {self.weather.day[0]} to {self.weather.day[-1]}; "
                f"got times from {min(times)} to {max(times)}"
            )
        before = np.minimum(position.astype(int), self.weather.day.size - 2)
        part = position - before
        return daily[:, before] * (1 - part) + daily[:, before + 1] * part

    def save(self, folder: Path) -> None:
        """Write ``wide_maps.nc`` and ``wide_weather.nc``."""
        longitude, latitude = longitude_latitude(TRUTH_GRID)
        units = {
            "mean": "m3 m-3",
            "response": "1",
            "response_contrast": "1",
            "elevation": "m",
            "ndvi": "1",
            "clay": "percent",
            "sand": "percent",
        }
        maps = xr.Dataset(
            {
                **{
                    name: (("y", "x"), values.astype("float32"), {"units": units[name]})
                    for name, values in vars(self.ground).items()
                },
                "vegetation_type": (("y", "x"), self.vegetation, {"units": "1"}),
            },
            coords={
                "y": ("y", TRUTH_GRID.y[:, 0], {"units": "m", "axis": "Y"}),
                "x": ("x", TRUTH_GRID.x[0], {"units": "m", "axis": "X"}),
            },
            attrs={
                "crs": TRUTH_GRID.crs,
                "bounds_longitude": [float(longitude.min()), float(longitude.max())],
                "bounds_latitude": [float(latitude.min()), float(latitude.max())],
            },
        )
        weather = self.weather
        series = xr.Dataset(
            {
                "season": ("time", weather.season, {"units": "m3 m-3"}),
                "common": ("time", weather.common, {"units": "m3 m-3"}),
                "contrast": ("time", weather.contrast, {"units": "m3 m-3"}),
                "rain_anomaly": (("region", "time"), weather.rain_anomaly, {"units": "m3 m-3"}),
                "rain": (("region", "time"), weather.rain, {"units": "mm"}),
                "expected_rain": ("time", weather.expected_rain, {"units": "mm"}),
                "warmth": (("region", "time"), weather.warmth, {"units": "K"}),
            },
            coords={"time": weather.day.astype("datetime64[ns]")},
        )
        for name, dataset in (("wide_maps.nc", maps), ("wide_weather.nc", series)):
            packed = {n: {"zlib": True, "complevel": 5} for n in dataset.data_vars}
            with replacing(folder / name) as partial:
                dataset.to_netcdf(partial, encoding=packed)

    @classmethod
    def load(cls, folder: Path) -> WideTruth:
        """Read what :meth:`save` wrote."""
        with xr.open_dataset(folder / "wide_maps.nc") as maps:
            ground = GroundMaps(
                **{
                    name: maps[name].to_numpy().astype(float)
                    for name in GroundMaps.__dataclass_fields__
                }
            )
        with xr.open_dataset(folder / "wide_weather.nc") as series:
            weather = WideWeather(
                day=series["time"].to_numpy().astype("datetime64[D]"),
                **{
                    name: series[name].to_numpy()
                    for name in WideWeather.__dataclass_fields__
                    if name != "day"
                },
            )
        return cls(ground, weather)


class PointTruth:
    """The truth at points of the ground.

    Parameters
    ----------
    truth : WideTruth
        The truth.
    x, y : ndarray, shape (points,)
        Coordinates in metres (UTM 46N).
    moisture : SoilMoisturePattern
        The ground at the points.
    """

    def __init__(
        self, truth: WideTruth, x: np.ndarray, y: np.ndarray, moisture: SoilMoisturePattern
    ) -> None:
        self.truth = truth
        longitude, latitude = map(np.array, transform(CRS, "EPSG:4326", x, y))
        regions = rain_region_weights(longitude, latitude)
        self._moisture = np.stack(
            [
                moisture.mean,
                np.ones_like(x),
                moisture.response,
                moisture.response * moisture.contrast,
                *(moisture.response * basin_weight(x, y) * regions),
            ]
        )
        inverse = ~TRUTH_GRID.transform
        column = np.floor(inverse.a * x + inverse.c).astype(int)
        row = np.floor(inverse.e * y + inverse.f).astype(int)
        annual = annual_temperature(truth.ground.elevation[row, column])
        self._temperature = np.stack([annual, np.ones_like(x), *regions])

    def total_water(self, times: np.ndarray, depth: Depth = 0.0) -> np.ndarray:
        """Return liquid and frozen water, m3 m-3, shape (points, n)."""
        return self._moisture.T @ self.truth.moisture_series(times, depth)

    def soil_temperature(self, times: np.ndarray, depth: Depth = 0.0) -> np.ndarray:
        """Return soil temperature in degC, shape (points, n); that of the 1 km pixel."""
        return self._temperature.T @ self.truth.temperature_series(times, depth)

    def soil_moisture(self, times: np.ndarray, depth: Depth = 0.0) -> np.ndarray:
        """Return liquid water, m3 m-3, shape (points, n)."""
        return _liquid(self.total_water(times, depth), self.soil_temperature(times, depth))


def depth_memory_days(depth_m: float) -> float:
    """Return the memory of the exponential filter at a depth in metres, days."""
    return MEMORY_DAYS_PER_M * max(depth_m - _MEMORY_FROM_M, 0.0)


def _liquid(total: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Return what stays liquid; a root is several times faster than the general power."""
    unfrozen = 0.12 / np.sqrt(np.maximum(-temperature, 1e-6))
    return np.where(temperature >= 0, total, np.minimum(total, unfrozen))


def _points(depth: Depth) -> np.ndarray:
    """Return the depths in metres whose mean stands for a depth or layer in cm."""
    if isinstance(depth, Sequence):
        top, bottom = depth
        if not 0 <= top < bottom:
            raise ValueError(f"a layer is (top, bottom) in cm with 0 <= top < bottom; got {depth}")
        steps = (np.arange(_POINTS_PER_LAYER) + 0.5) / _POINTS_PER_LAYER
        return (top + (bottom - top) * steps) / 100
    if not depth >= 0:
        raise ValueError(f"a depth is in cm from the surface down, 0 or more; got {depth!r}")
    return np.array([depth / 100])


def _filtered(daily: np.ndarray, memory_days: float) -> np.ndarray:
    """Return series through an exponential filter that starts in the mean of the first years."""
    if memory_days == 0:
        return daily
    gain = 1 - np.exp(-1 / memory_days)
    start = daily[:, : 3 * 365].mean(axis=1, keepdims=True)
    followed, _ = lfilter([gain], [1, gain - 1], daily - start, axis=1, zi=np.zeros_like(start))
    return followed + start


def _day_of_year(times: np.ndarray) -> np.ndarray:
    times = np.asarray(times, "datetime64[ns]")
    start = times.astype("datetime64[Y]").astype("datetime64[ns]")
    return (times - start) / np.timedelta64(1, "D")
