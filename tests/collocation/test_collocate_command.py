from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli import main
from local_core.collocation import extended_collocation, triple_collocation
from local_core.synthetic.products import simulate_products


def run(*arguments: object):
    return CliRunner().invoke(main, ["collocate", *map(str, arguments)])


def write_files(sample: xr.Dataset, folder) -> list:
    paths = []
    for name in sample.product.values:
        path = folder / f"{name}.nc"
        array = sample.products.sel(product=name, drop=True)
        xr.Dataset({"sm": array.transpose("time", ...)}).to_netcdf(path)
        paths.append(path)
    return paths


@pytest.fixture
def sample() -> xr.Dataset:
    return simulate_products(n_times=300, shape=(3,), names=("smap", "gldas", "era5"), seed=0)


def test_stations_to_netcdf_and_table(sample, tmp_path):
    out, table = tmp_path / "tc.nc", tmp_path / "tc.csv"
    result = run(
        *write_files(sample, tmp_path), "--out", out, "--table", table, "--reference", "gldas",
        "--bootstrap", 40, "--seed", 1,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "triple collocation of smap, gldas, era5" in result.output
    expected = triple_collocation(
        *sample.products, reference=1, bootstrap=40, random_state=1,
        names=("smap", "gldas", "era5"),
    )  # fmt: skip
    found = xr.load_dataset(out)
    best = found.error_std.argmin("product")
    np.testing.assert_array_equal(found.best_product, best)
    found = found.drop_vars("best_product")
    xr.testing.assert_allclose(found, expected.astype("float32"), rtol=1e-5)
    page = pd.read_csv(table)
    assert page["station"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert {"error_std", "error_std_lower", "snr_db_upper"} <= set(page.columns)


def test_four_products_are_extended_collocation(tmp_path):
    sample = simulate_products(
        n_times=300, gain=(1,) * 4, offset=(0,) * 4, error_std=(0.02, 0.03, 0.02, 0.03),
        names=("smap", "ascat", "gldas", "era5"),
    )  # fmt: skip
    out = tmp_path / "ec.nc"
    paths = write_files(sample, tmp_path)
    result = run(*paths, "--out", out, "--correlated", "gldas,era5")
    assert result.exit_code == 0, result.output
    expected = extended_collocation(sample.products, correlated=[(2, 3)])
    assert float(xr.load_dataset(out).error_covariance[2, 3]) == pytest.approx(
        float(expected.error_covariance[2, 3]), rel=1e-5
    )
    hat = run(*paths, "--out", out, "--method", "tch", "--table", tmp_path / "tch.md")
    assert hat.exit_code == 0, hat.output
    assert "relative_uncertainty" in hat.output
    assert (tmp_path / "tch.md").read_text().startswith("| product")


def test_maps_print_a_summary(tmp_path):
    sample = simulate_products(n_times=100, shape=(3, 4), names=("a", "b", "c"))
    result = run(*write_files(sample, tmp_path), "--out", tmp_path / "tc.nc")
    assert result.exit_code == 0, result.output
    assert "resolved" in result.output
    assert xr.load_dataset(tmp_path / "tc.nc").error_std.dims == ("product", "y", "x")


@pytest.mark.realdata
def test_columns_of_a_real_table(shared_data, tmp_path):
    folder = shared_data / "TUW-GEO__pybreaks" / "tests" / "test-data" / "csv_ts"
    out = tmp_path / "tc.nc"
    result = run(folder / "data_315220.csv", "--out", out, "--columns",
                 "gldas_v21,CCI_41_COMBINED,merra2")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert float(xr.load_dataset(out).snr_db[0]) == pytest.approx(5.9020, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--reference", "ascat"], "no product 'ascat'"),
        (["--correlated", "smap,gldas"], "needs --method extended"),
        (["--method", "tch", "--outlier-sigma", "4"], "need --method tc"),
        (["--error-correlation", "smap,gldas"], "such as gldas,era5,0.4"),
        (["--method", "extended", "--correlated", "smap"], "such as gldas,era5"),
        (["--variable", "theta"], "no variable 'theta'"),
        (["--bootstrap", "10", "--block-length", "200"], "a third of the record"),
        (["--block-length", "20"], "needs --bootstrap"),
        (["--bootstrap", "10", "--seed", "-1"], "--seed"),
        (["--table", "errors.xlsx"], "must end in one of .csv, .md"),
    ],
)
def test_bad_options_are_explained_without_a_traceback(sample, tmp_path, arguments, message):
    result = run(*write_files(sample, tmp_path), "--out", tmp_path / "tc.nc", *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "tc.nc").exists()


def test_an_input_is_never_overwritten(sample, tmp_path):
    files = write_files(sample, tmp_path)
    before = Path(files[1]).read_bytes()
    result = run(*files, "--out", tmp_path / "." / Path(files[1]).name)
    assert result.exit_code == 1
    assert "is one of the inputs" in result.output
    assert Path(files[1]).read_bytes() == before


def test_two_products_are_too_few(sample, tmp_path):
    result = run(*write_files(sample, tmp_path)[:2], "--out", tmp_path / "tc.nc")
    assert result.exit_code != 0
    assert "at least 3 products" in result.output


@pytest.mark.realdata
def test_a_core_site_of_smap(core_site_triplets, tmp_path):
    """REMEDHUS as a table of overpasses, against the peer's SNR."""
    frame = pd.DataFrame(core_site_triplets["3013602"].T, columns=["in_situ", "smap", "ecmwf"])
    frame.index = pd.date_range("2015-04-01", periods=len(frame), freq="12h")
    frame.to_csv(tmp_path / "remedhus.csv")
    out = tmp_path / "tc.nc"
    result = run(tmp_path / "remedhus.csv", "--out", out, "--bootstrap", 100, "--seed", 0)
    assert result.exit_code == 0, result.output
    found = xr.load_dataset(out)
    assert found.snr_db.values == pytest.approx([8.4339, 6.9139, 9.7300], abs=1e-4)
    assert int(found.best_product) == 2
