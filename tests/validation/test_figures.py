"""What is drawn is where it should be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

from local_core.metrics import scores
from local_core.validation import transect
from local_core.validation.distribution_figure import draw_distributions
from local_core.validation.scatter_figure import draw_scatter, point_density
from local_core.validation.taylor_diagram import draw_taylor, taylor_points
from local_core.validation.time_series_figure import draw_time_series
from local_core.validation.transect_figure import draw_transect


def test_taylor_distance_to_the_reference_is_the_ubrmse(rng):
    reference = rng.normal(size=500)
    estimates = {
        "good": reference + rng.normal(0, 0.3, 500) + 5,
        "bad": -0.5 * reference + rng.normal(0, 1, 500),
    }
    points = taylor_points(estimates, reference)
    for name, (angle, radius) in points.items():
        distance = np.hypot(radius * np.cos(angle) - 1, radius * np.sin(angle))
        expected = scores(estimates[name], reference)["ubrmse"] / reference.std()
        assert distance == pytest.approx(expected, rel=1e-9)
    figure = Figure()
    ax = draw_taylor(figure, points)
    # A negative correlation opens the second quadrant.
    assert ax.get_thetamax() == pytest.approx(180)
    assert draw_taylor(Figure(), {"good": points["good"]}).get_thetamax() == pytest.approx(90)
    figure.canvas.draw()


def test_constant_products_have_no_place_in_a_taylor_diagram(rng):
    assert taylor_points({"flat": np.ones(50)}, rng.normal(size=50)) == {}


def test_scatter_of_few_many_and_no_points(rng):
    for n in (0, 1, 50, 6000):
        figure = Figure()
        ax = figure.subplots()
        reference = rng.uniform(0.1, 0.4, n)
        draw_scatter(ax, reference + 0.05, reference, title="t")
        figure.canvas.draw()
        assert "measured soil moisture" in ax.get_xlabel()
        if n >= 50:
            assert "bias = +0.050" in ax.get_title()
            assert ax.get_xlim() == ax.get_ylim()


def test_density_is_largest_where_points_crowd(rng):
    crowd, rest = rng.normal(0, 0.05, (2, 500)), rng.uniform(-3, 3, (2, 100))
    density = point_density(*np.concatenate([crowd, rest], axis=1))
    assert density[:500].mean() > 5 * density[500:].mean()
    assert density.max() == 1.0


def test_violins_show_every_station(rng):
    tables = {
        name: pd.DataFrame({"r": rng.uniform(0, 1, n), "bias": rng.normal(0, 0.05, n)})
        for name, n in (("many", 20), ("few", 2))
    }
    figure = Figure()
    axes = figure.subplots(1, 2)
    draw_distributions(axes, tables, scores=("r", "bias"))
    figure.canvas.draw()
    labels = [tick.get_text() for tick in axes[0].get_xticklabels()]
    assert labels == ["many\n(n=20)", "few\n(n=2)"]
    with pytest.raises(ValueError, match="3 scores need as many axes"):
        draw_distributions(axes, tables)


def test_time_series_breaks_lines_at_pauses_and_hangs_rain_from_above(rng):
    time = pd.date_range("2020-01-01", periods=300)
    measured = pd.Series(rng.uniform(0.1, 0.4, 300), time)
    measured.iloc[100:150] = np.nan
    rain = pd.Series(rng.exponential(2.0, 300), time)
    figure = Figure()
    ax = figure.subplots()
    series = {"measured": measured, "estimate": measured[::7] + 0.02}
    rain_ax = draw_time_series(ax, series, reference="measured", rain=rain)
    figure.canvas.draw()
    line = ax.get_lines()[0]
    assert np.isnan(line.get_ydata()).sum() == 1
    assert rain_ax.get_ylim()[0] > rain_ax.get_ylim()[1] == 0.0
    assert draw_time_series(Figure().subplots(), series) is None


def test_transect_samples_nearest_cells_along_the_great_circle():
    lat, lon = np.arange(40.0, 25.0, -0.5), np.arange(70.0, 105.0, 0.5)
    field = xr.DataArray(
        np.add.outer(lat * 1000, lon),
        dims=("latitude", "longitude"),
        coords={"latitude": lat, "longitude": lon},
    )
    line = transect(field, (32.0, 80.0), (32.0, 100.0), n_points=101)
    # Great circles bulge towards the pole between two places of one latitude.
    assert line.values[50] > line.values[0] + 500
    assert line.values[0] == 32 * 1000 + 80
    from pyproj import Geod

    length = Geod(a=6371008.8, b=6371008.8).inv(80, 32, 100, 32)[2] / 1000
    assert line.distance_km[-1] == pytest.approx(length, rel=1e-9)
    outside = transect(field, (32.0, 60.0), (32.0, 80.0))
    assert np.isnan(outside.values[0])
    same = transect(
        field.assign_coords(longitude=lon - 360), (32.0, 80.0), (32.0, 100.0), n_points=3
    )
    assert same.values[0] == 32 * 1000 + 80
    with pytest.raises(ValueError, match="no dimension latitude or lat"):
        transect(field.rename(latitude="y"), (32.0, 80.0), (32.0, 100.0))
    figure = Figure()
    samples = pd.DataFrame({"distance_km": [10.0], "value": [32000.0]})
    draw_transect(figure.subplots(), {"map": line}, samples=samples)
    figure.canvas.draw()
