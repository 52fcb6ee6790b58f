"""A station network and a biased reanalysis whose difference is known.

Three vegetation types with frozen winters, as in Chang et al. (2022): in-situ truth at several
depths, the sensors' view of it (noise, gaps, faults), and a reanalysis on the four layers of
ERA5-Land that is too wet and too flat over the year. The difference in situ minus reanalysis is
either planted exactly (annual sine, line, red noise), so that its parameters are the truth a
correction must find, or it emerges from a reanalysis that cannot freeze, which has no such
parameters but the shape real permafrost has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from local_core.stations.freeze_thaw import freeze_thaw
from local_core.stations.layers import LAYER_SETS, Layer, to_layers
from local_core.stations.sensor_record import SensorRecord
from local_core.synthetic.freezing_soil import (
    DAYS_PER_YEAR,
    liquid_water,
    moisture_store,
    monsoon_rain,
    red_noise,
    temperature_wave,
)

#: Zero of the planted trend and of the annual phase.
TIME_ORIGIN = np.datetime64("2000-01-01", "ns")

#: Vegetation types: growing-season EVI, water contents of dry and wet soil, and, for each of four
#: layers, offset [m3 m-3], amplitude [m3 m-3], day of the maximum and trend [m3 m-3 per year] of
#: the difference in situ minus reanalysis. Offsets are of the size the paper reports; amplitudes
#: are about three quarters of the truth's, which leaves the reanalysis too flat.
VEGETATION = {
    "alpine swamp meadow": {
        "evi": 0.26,
        "water": (0.16, 0.58),
        "difference": [
            (-0.20, 0.200, 212, 0.002),
            (-0.19, 0.190, 217, 0.002),
            (-0.22, 0.180, 231, 0.001),
            (-0.26, 0.140, 262, 0.000),
        ],
    },
    "alpine meadow": {
        "evi": 0.20,
        "water": (0.08, 0.40),
        "difference": [
            (-0.24, 0.130, 214, -0.003),
            (-0.22, 0.120, 218, -0.002),
            (-0.24, 0.110, 232, -0.001),
            (-0.27, 0.090, 264, 0.000),
        ],
    },
    "alpine steppe": {
        "evi": 0.12,
        "water": (0.03, 0.24),
        "difference": [
            (-0.32, 0.065, 212, -0.001),
            (-0.31, 0.060, 217, -0.001),
            (-0.30, 0.055, 231, 0.001),
            (-0.33, 0.045, 261, 0.001),
        ],
    },
}


@dataclass(frozen=True, kw_only=True)
class SyntheticStations:
    """A network, a reanalysis and the truth behind both.

    Parameters
    ----------
    stations : Dataset (station, depth, time)
        Daily observations with noise and gaps, without faults: ``soil_moisture``,
        ``soil_temperature``, ``frozen``, and the coordinates of a screened station Dataset.
    reanalysis : Dataset (station, layer, time)
        ``soil_moisture`` and ``soil_temperature`` at the stations, on four layers.
    truth : Dataset
        ``soil_moisture`` (station, depth, time) without noise and gaps, ``layer_soil_moisture``
        (station, layer, time), and, where the difference was planted, its parameters by station
        and layer: ``sine``, ``cosine`` [m3 m-3], ``trend`` [m3 m-3 per day], ``offset`` [m3 m-3],
        counted from ``time_origin``.
    """

    stations: xr.Dataset
    reanalysis: xr.Dataset
    truth: xr.Dataset


def synthetic_stations(
    *,
    seed: int = 0,
    n_years: int = 10,
    start: str = "2004-01-01",
    stations_per_type: int = 4,
    depths_cm: Sequence[int] = (4, 10, 20, 50, 100, 180, 289),
    difference: str = "planted",
    frozen_step: float = 0.0,
    site_spread: float = 0.015,
    noise_sd: float = 0.02,
    noise_memory_days: float = 10.0,
    sensor_noise_sd: float = 0.003,
    gap_share: float = 0.05,
) -> SyntheticStations:
    """Make a network and a reanalysis with a known difference.

    Parameters
    ----------
    seed : int, optional
        The same seed gives the same network.
    n_years, start, stations_per_type, depths_cm : optional
        Extent of the network.
    difference : {"planted", "emergent"}, optional
        How the reanalysis differs from the truth, see the module's description.
    frozen_step : float, optional
        Planted: change of the difference while the layer is frozen [m3 m-3], what makes a "U" of
        the paper's "V".
    site_spread : float, optional
        Standard deviation over the sites of a type of the offset [m3 m-3]; amplitudes vary by
        10 % for each 0.015 of it.
    noise_sd, noise_memory_days : float, optional
        Red noise of the difference at the surface [m3 m-3, days]; it fades with depth.
    sensor_noise_sd, gap_share : float, optional
        White noise of the sensors [m3 m-3] and share of days without record, in stretches.

    Returns
    -------
    SyntheticStations

    Examples
    --------
    >>> network = synthetic_stations(seed=3, n_years=2, stations_per_type=1)
    >>> dict(network.stations.sizes)
    {'station': 3, 'depth': 7, 'time': 730}
    >>> bool((network.reanalysis.soil_moisture.mean() > network.stations.soil_moisture.mean()))
    True
    """
    if difference not in ("planted", "emergent"):
        raise ValueError(f"difference={difference!r}; expected 'planted' or 'emergent'")
    rng = np.random.default_rng(seed)
    time = pd.date_range(start, periods=round(n_years * DAYS_PER_YEAR), freq="D")
    # pandas 3 counts microseconds, and xarray interpolates wrongly between two resolutions of time.
    time = time.as_unit("ns")
    layers = LAYER_SETS["era5-land"]
    names, types, liquid, total, temperature = [], [], [], [], []
    for vegetation, about in VEGETATION.items():
        for number in range(stations_per_type):
            names.append(f"SYN/{''.join(w[0] for w in vegetation.split()).upper()}{number + 1}")
            types.append(vegetation)
            column = _soil_column(time, np.asarray(depths_cm) / 100, about["water"], rng)
            for store, values in zip((liquid, total, temperature), column):
                store.append(values)
    dims = ("station", "depth", "time")
    coords = {"station": names, "depth": np.asarray(depths_cm) / 100, "time": time}
    moisture = xr.DataArray(np.stack(liquid), dims=dims, coords=coords)
    soil_temperature = xr.DataArray(np.stack(temperature), dims=dims, coords=coords)
    layer_truth = to_layers(moisture, layers)["soil_moisture"]
    layer_temperature = to_layers(soil_temperature, layers)["soil_moisture"]
    truth = xr.Dataset(
        {"soil_moisture": moisture, "layer_soil_moisture": layer_truth},
        attrs={"time_origin": str(TIME_ORIGIN.astype("datetime64[D]")), "difference": difference},
    )
    depth_fade = xr.DataArray(
        [1.0, 0.8, 0.5, 0.3], dims="layer", coords={"layer": layer_truth.layer}
    )
    noise = depth_fade * xr.DataArray(
        red_noise(layer_truth.shape, memory_days=noise_memory_days, sd=noise_sd, rng=rng),
        dims=layer_truth.dims,
        coords=layer_truth.coords,
    )
    if difference == "planted":
        planted = _planted_parameters(names, types, layer_truth, site_spread, rng)
        truth = truth.merge(planted)
        curve = evaluate_difference(planted, layer_truth["time"])
        frozen = freeze_thaw(layer_temperature) == 1
        reanalysis = layer_truth - curve - frozen_step * frozen - noise
    else:
        reanalysis = _reanalysis_without_ice(np.stack(total), moisture, layers, types) - noise
    stations = _observed(moisture, soil_temperature, rng, sensor_noise_sd, gap_share)
    about = {
        "network": ("station", ["SYN"] * len(names)),
        "vegetation_type": ("station", types),
        "growing_season_evi": ("station", [VEGETATION[kind]["evi"] for kind in types]),
        "latitude": ("station", 33.0 + 0.1 * np.arange(len(names))),
        "longitude": ("station", 92.0 + 0.1 * np.arange(len(names))),
    }
    model = xr.Dataset(
        {
            "soil_moisture": reanalysis.clip(0.0, 0.9).transpose("station", "layer", "time"),
            "soil_temperature": layer_temperature.transpose("station", "layer", "time"),
        }
    )
    model["soil_moisture"].attrs = {"units": "m3 m-3", "long_name": "volumetric soil water layer"}
    model["soil_temperature"].attrs = {"units": "degC", "long_name": "soil temperature"}
    return SyntheticStations(
        stations=stations.assign_coords(about),
        reanalysis=model.assign_coords(about),
        truth=truth.assign_coords(about),
    )


def evaluate_difference(parameters: xr.Dataset, time: xr.DataArray) -> xr.DataArray:
    """Return the planted sine and line over time.

    Parameters
    ----------
    parameters : Dataset
        ``sine``, ``cosine``, ``trend`` and ``offset``, as in the truth.
    time : DataArray of datetime64

    Returns
    -------
    DataArray [m3 m-3]
    """
    day = (time - TIME_ORIGIN) / np.timedelta64(1, "D")
    angle = 2 * np.pi * day / DAYS_PER_YEAR
    return (
        parameters["sine"] * np.sin(angle)
        + parameters["cosine"] * np.cos(angle)
        + parameters["trend"] * day
        + parameters["offset"]
    )


def _soil_column(
    time: pd.DatetimeIndex,
    depth_m: np.ndarray,
    water: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Liquid water, total water and temperature of one site, (depth, time)."""
    # Three years before the first day let the stores forget where they began.
    warm_up = pd.date_range(end=time[0] - pd.Timedelta(days=1), periods=3 * 365, freq="D")
    whole = warm_up.append(time)
    day = whole.day_of_year.to_numpy(dtype=float)
    temperature = temperature_wave(
        day,
        depth_m,
        annual_mean_degc=rng.normal(-1.5, 0.5),
        annual_amplitude_degc=rng.normal(12.0, 0.7),
        weather_degc=red_noise((day.size,), memory_days=5.0, sd=2.5, rng=rng),
    )
    total = moisture_store(monsoon_rain(day, rng), temperature, depth_m, dry=water[0], wet=water[1])
    keep = slice(warm_up.size, None)
    liquid = liquid_water(total, temperature)
    return liquid[:, keep], total[:, keep], temperature[:, keep]


def _planted_parameters(
    names: Sequence[str],
    types: Sequence[str],
    layer_truth: xr.DataArray,
    site_spread: float,
    rng: np.random.Generator,
) -> xr.Dataset:
    table = np.array([VEGETATION[kind]["difference"] for kind in types], dtype=float)
    offset, amplitude, day_of_maximum, trend_per_year = np.moveaxis(table, -1, 0)
    offset = offset + rng.normal(0.0, site_spread, len(names))[:, None]
    amplitude = amplitude * (1 + rng.normal(0.0, site_spread / 0.15, len(names)))[:, None]
    # Day of the year counts from 1 January; so does TIME_ORIGIN.
    phase = 2 * np.pi * (day_of_maximum - 1) / DAYS_PER_YEAR
    dims = ("station", "layer")
    parameters = xr.Dataset(
        {
            "sine": (dims, amplitude * np.sin(phase)),
            "cosine": (dims, amplitude * np.cos(phase)),
            "trend": (dims, trend_per_year / DAYS_PER_YEAR),
            "offset": (dims, offset),
        },
        coords={"station": list(names), "layer": layer_truth["layer"]},
    )
    for name, unit in (
        ("sine", "m3 m-3"),
        ("cosine", "m3 m-3"),
        ("trend", "m3 m-3 day-1"),
        ("offset", "m3 m-3"),
    ):
        parameters[name].attrs = {"units": unit, "long_name": f"planted {name} of the difference"}
    return parameters


def _reanalysis_without_ice(
    total: np.ndarray, moisture: xr.DataArray, layers: Sequence[Layer], types: Sequence[str]
) -> xr.DataArray:
    """Total water, half as variable as in truth, on too wet a mean: it knows no ice."""
    layer_total = to_layers(moisture.copy(data=total), layers)["soil_moisture"]
    mean = layer_total.mean("time")
    wetter = xr.DataArray(
        [[-row[0] for row in VEGETATION[kind]["difference"]] for kind in types],
        dims=("station", "layer"),
        coords={"station": moisture["station"], "layer": layer_total["layer"]},
    )
    return mean + 0.5 * (layer_total - mean) + 0.8 * wetter


def _observed(
    moisture: xr.DataArray,
    temperature: xr.DataArray,
    rng: np.random.Generator,
    sensor_noise_sd: float,
    gap_share: float,
) -> xr.Dataset:
    noisy = moisture + rng.normal(0.0, sensor_noise_sd, moisture.shape)
    # A logger that fails takes all depths with it, for days to weeks.
    n_site, _, n_day = moisture.shape
    lost = np.zeros((n_site, n_day), dtype=bool)
    for site in range(n_site):
        while lost[site].mean() < gap_share:
            start = rng.integers(0, n_day)
            lost[site, start : start + 1 + rng.geometric(1 / 15)] = True
    there = xr.DataArray(
        ~lost, dims=("station", "time"), coords={n: moisture[n] for n in ("station", "time")}
    )
    observed = xr.Dataset(
        {
            "soil_moisture": noisy.clip(0.001).where(there),
            "soil_temperature": temperature.where(there),
        }
    ).transpose("station", "depth", "time")
    observed["frozen"] = freeze_thaw(observed["soil_temperature"])
    observed["soil_moisture"].attrs = {"units": "m3 m-3", "long_name": "soil moisture, daily mean"}
    observed["soil_temperature"].attrs = {"units": "degC", "long_name": "soil temperature"}
    return observed


def faulty_records(
    network: SyntheticStations, *, station: str, seed: int = 0
) -> tuple[list[SensorRecord], pd.DataFrame]:
    """One station as its loggers deliver it, hourly and with faults in known places.

    Parameters
    ----------
    network : SyntheticStations
        Truth to take; its first year is used.
    station : str
        One of its stations.
    seed : int, optional
        Where the faults fall.

    Returns
    -------
    records : list of SensorRecord
        Soil moisture and soil temperature at every depth.
    faults : DataFrame
        ``depth_cm``, ``reason`` (names of :class:`~local_core.stations.status.Status`), ``start``
        and ``end``: out-of-range readings, isolated spikes, a stuck sensor in July and August, and
        two depths that report the same series in September.

    Examples
    --------
    >>> network = synthetic_stations(seed=1, n_years=1, stations_per_type=1)
    >>> records, faults = faulty_records(network, station="SYN/AM1")
    >>> sorted(set(faults.reason))
    ['flat_line', 'near_identical_depths', 'out_of_range', 'spike']
    """
    rng = np.random.default_rng(seed)
    site = network.truth["soil_moisture"].sel(station=station)
    warmth = network.stations["soil_temperature"].sel(station=station)
    warmth = warmth.interpolate_na("time", fill_value="extrapolate")
    year = int(site["time"].dt.year[0])
    hours = np.arange(
        np.datetime64(f"{year}-01-01T00", "ns"),
        np.datetime64(f"{year}-12-30T00", "ns"),
        np.timedelta64(1, "h"),
    )
    at_hours = {"time": hours}
    moisture = site.interp(at_hours).to_numpy() + rng.normal(0, 0.0015, (site.shape[0], hours.size))
    temperature = warmth.interp(at_hours).to_numpy()
    depths = np.rint(site["depth"].to_numpy() * 100).astype(int)
    faults: list[tuple[int, str, np.datetime64, np.datetime64]] = []

    def hour(text: str) -> int:
        return int((np.datetime64(f"{year}-{text}", "ns") - hours[0]) / np.timedelta64(1, "h"))

    def note(row: int, reason: str, first: int, last: int) -> None:
        faults.append((int(depths[row]), reason, hours[first], hours[last]))

    wrong = hour("06-10") + int(rng.integers(0, 48))
    moisture[0, wrong : wrong + 30] = 0.0
    note(0, "out_of_range", wrong, wrong + 29)
    for at in hour("06-20") + 40 * np.arange(5) + rng.integers(0, 20, 5):
        moisture[1, at] += 0.2
        note(1, "spike", int(at), int(at))
    stuck, until = hour("07-05"), hour("08-25")
    moisture[2, stuck:until] = moisture[2, stuck]
    note(2, "flat_line", stuck, until - 1)
    same, until = hour("08-30"), hour("09-30")
    moisture[4, same:until] = moisture[3, same:until]
    for row in (3, 4):
        note(row, "near_identical_depths", same, until - 1)
    records = [
        SensorRecord(
            network="SYN",
            station=station.removeprefix("SYN/"),
            variable=variable,
            depth_from_m=depth / 100,
            depth_to_m=depth / 100,
            time=hours,
            value=values[row],
            latitude=float(network.stations["latitude"].sel(station=station)),
            longitude=float(network.stations["longitude"].sel(station=station)),
            sensor="synthetic probe",
        )
        for variable, values in (("soil_moisture", moisture), ("soil_temperature", temperature))
        for row, depth in enumerate(depths)
    ]
    return records, pd.DataFrame(faults, columns=["depth_cm", "reason", "start", "end"])
