from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli import main
from local_core.merging import merge_products
from local_core.synthetic.products import simulate_products

NAMES = ("smap", "gldas", "era5")


def run(*arguments: object):
    return CliRunner().invoke(main, ["merge", *map(str, arguments)])


@pytest.fixture
def files(tmp_path) -> list:
    sample = simulate_products(n_times=400, shape=(2, 3), names=NAMES, gap_fraction=0.1, seed=0)
    paths = []
    for name in NAMES:
        path = tmp_path / f"{name}.nc"
        array = sample.products.sel(product=name, drop=True)
        xr.Dataset({"sm": array.transpose("time", "y", "x")}).to_netcdf(path)
        paths.append(path)
    return paths


def products_of(files) -> dict[str, xr.DataArray]:
    return {path.stem: xr.load_dataset(path)["sm"] for path in files}


def test_maps(files, tmp_path):
    out = tmp_path / "merged.nc"
    result = run(*files, "--out", out, "--window", "season", "--reference", "gldas")
    assert result.exit_code == 0, result.output
    assert "weights: estimated 100.0 % of 6 series" in result.output
    assert all(season in result.output for season in ("DJF", "MAM", "JJA", "SON"))
    merged = xr.load_dataset(out)
    expected = merge_products(products_of(files), window="season", reference="gldas")
    assert merged.soil_moisture.dims == ("time", "y", "x")
    assert merged.soil_moisture.attrs["units"] == "m3 m-3"
    for name in ("soil_moisture", "standard_error", "weight"):
        np.testing.assert_allclose(merged[name], expected[name], rtol=1e-5)
    np.testing.assert_array_equal(merged.source, expected.source)


@pytest.mark.parametrize("method", ["tc", "extended", "tch", "mean"])
def test_every_method(files, tmp_path, method):
    result = run(*files, "--out", tmp_path / "merged.nc", "--method", method, "--name", "sm")
    assert result.exit_code == 0, result.output
    merged = xr.load_dataset(tmp_path / "merged.nc")
    expected = merge_products(products_of(files), method=method, name="sm")
    np.testing.assert_allclose(merged.sm, expected.sm, rtol=1e-5)


@pytest.mark.realdata
def test_a_real_table(shared_data, tmp_path):
    folder = shared_data / "TUW-GEO__pybreaks" / "tests" / "test-data" / "csv_ts"
    out = tmp_path / "merged.nc"
    result = run(folder / "data_315220.csv", "--out", out, "--fallback", "mean")
    assert result.exit_code == 0, result.output
    merged = xr.load_dataset(out)
    joint = merged.source == 7
    assert int(joint.sum()) == 4900
    # kg m-2 of 10 cm, the reference's unit; better than the best of its parents.
    assert float(merged.standard_error.where(joint).max()) < 2.26


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fallback", "hope"], "'hope'"),
        (["--window", "week"], "'week'"),
        (["--correlated", "smap,gldas"], "method='extended'"),
        (["--error-correlation", "smap,gldas,1.5"], "between -1 and 1"),
        (["--reference", "ascat"], "no product 'ascat'"),
        (["--name", "time"], "name 'time' is taken"),
        (["--name", "source"], "name 'source' is taken"),
    ],
)
def test_bad_options_are_explained_without_a_traceback(files, tmp_path, arguments, message):
    result = run(*files, "--out", tmp_path / "merged.nc", *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "merged.nc").exists()


def test_an_input_is_never_overwritten(files, tmp_path):
    before = Path(files[0]).read_bytes()
    result = run(*files, "--out", files[0])
    assert result.exit_code == 1
    assert "is one of the inputs" in result.output
    assert Path(files[0]).read_bytes() == before
