from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from local_core.collocation import product_files, triple_collocation
from local_core.collocation.product_files import read_products, write_result
from local_core.synthetic.products import simulate_products


@pytest.fixture
def sample() -> xr.Dataset:
    return simulate_products(n_times=80, shape=(4, 5), names=("smap", "gldas", "era5"), seed=0)


@pytest.fixture
def files(sample, tmp_path) -> list[Path]:
    paths = []
    for name in sample.product.values:
        path = tmp_path / f"{name}.nc"
        array = sample.products.sel(product=name, drop=True).transpose("time", "y", "x")
        xr.Dataset({"sm": array, "elevation": array.isel(time=0, drop=True)}).to_netcdf(path)
        paths.append(path)
    return paths


def test_one_product_per_file(files, sample):
    products = read_products(files)
    assert list(products) == ["smap", "gldas", "era5"]
    np.testing.assert_array_equal(products["gldas"].transpose("y", "x", "time"), sample.products[1])
    assert products["smap"].units == "m3 m-3"


def test_large_variables_are_read_in_pieces_of_whole_series(files, monkeypatch):
    loaded = triple_collocation(*read_products(files).values())
    monkeypatch.setattr(product_files, "_LARGE_BYTES", 1000)
    monkeypatch.setattr(product_files, "_PIECE_BYTES", 80 * 5 * 8 * 2)
    lazy = read_products(files)
    assert lazy["smap"].chunks[0] == (80,)
    assert lazy["smap"].chunks[1] == (2, 2)
    np.testing.assert_array_equal(triple_collocation(*lazy.values()).error_var, loaded.error_var)


def test_several_variables_of_one_file(sample, tmp_path):
    path = tmp_path / "all.nc"
    xr.Dataset(
        {name: sample.products.sel(product=name, drop=True) for name in sample.product.values}
    ).to_netcdf(path)
    products = read_products([path], variables=["era5", "smap"])
    assert list(products) == ["era5", "smap"]
    with pytest.raises(ValueError, match="3 variables over 'time'"):
        read_products([path])
    with pytest.raises(ValueError, match="no variable 'ascat'; it has smap, gldas, era5"):
        read_products([path], variables=["ascat"])


def test_columns_of_a_table(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text(
        "date,gldas,cci,note,merra2\n2016-01-01,0.2,,wet,30\n2016-01-03,-9999,0.3,dry,40\n"
    )
    products = read_products([path], columns=["merra2", "gldas"], missing=[-9999])
    assert list(products) == ["merra2", "gldas"]
    np.testing.assert_array_equal(products["gldas"], [0.2, np.nan])
    assert products["merra2"].time.values[1] == np.datetime64("2016-01-03")
    assert list(read_products([path])) == ["gldas", "cci", "merra2"]
    with pytest.raises(ValueError, match="no column \\['smap'\\]"):
        read_products([path], columns=["smap"])


def test_bad_input_is_named(files, tmp_path):
    table = tmp_path / "series.csv"
    table.write_text("day,a\n1,0.2\n2,0.3\n")
    with pytest.raises(ValueError, match="dates such as 2016-01-31"):
        read_products([table])
    table.write_text("day,a\nspring,0.2\n")
    with pytest.raises(ValueError, match="must hold dates"):
        read_products([table])
    table.write_text("")
    with pytest.raises(ValueError, match=r"series\.csv cannot be read as a table"):
        read_products([table])
    table.write_text("day,a\n")
    with pytest.raises(ValueError, match=r"series\.csv holds no values"):
        read_products([table])
    table.write_text("day,a\n2016-01-01,0.2\n2016-01-02,wet\n")
    with pytest.raises(ValueError, match=r"column 'a' of .*series\.csv holds 'wet'"):
        read_products([table])
    with pytest.raises(ValueError, match="not from both"):
        read_products([files[0], table])
    with pytest.raises(ValueError, match="for NetCDF files"):
        read_products([table], variables=["sm"])
    with pytest.raises(ValueError, match="for tables"):
        read_products(files, columns=["sm"])
    with pytest.raises(ValueError, match="3 files"):
        read_products(files, variables=["sm", "sm"])
    with pytest.raises(ValueError, match="not 'time'"):
        read_products(files, variables=["elevation"])
    with pytest.raises(ValueError, match="no product files"):
        read_products([])
    broken = tmp_path / "broken.nc"
    broken.write_text("not a netCDF file")
    with pytest.raises(ValueError, match="cannot be read"):
        read_products([broken])
    with pytest.raises(ValueError, match="two products are called"):
        read_products([files[0], files[0]], variables=["sm"])


def test_a_result_comes_back_from_its_file(files, tmp_path):
    result = triple_collocation(*read_products(files).values(), bootstrap=20, random_state=0)
    path = write_result(result, tmp_path / "new" / "tc.nc")
    back = xr.load_dataset(path)
    np.testing.assert_allclose(back.error_std, result.error_std, rtol=1e-6)
    assert back.product.values.tolist() == ["smap", "gldas", "era5"]
    assert back.status.dtype == np.int8
    assert back.status.attrs["flag_meanings"] == result.status.attrs["flag_meanings"]
    assert back.attrs["bootstrap_replicates"] == 20
    assert [p.name for p in path.parent.iterdir()] == ["tc.nc"]


def test_no_file_is_left_by_a_failure(files, tmp_path):
    chunked = {name: p.chunk({"y": 1}) for name, p in read_products(files).items()}
    lazy = triple_collocation(*chunked.values())
    spoiled = lazy.map(lambda a: a.map_blocks(_fail, template=a) if a.name == "error_var" else a)
    folder = tmp_path / "out"
    with pytest.raises(RuntimeError, match="on purpose"):
        write_result(spoiled, folder / "tc.nc")
    assert list(folder.iterdir()) == []


def _fail(block: xr.DataArray) -> xr.DataArray:
    raise RuntimeError("on purpose")


def test_dates_are_kept(tmp_path):
    path = tmp_path / "series.csv"
    frame = pd.DataFrame({"a": [0.1, 0.2]}, index=pd.to_datetime(["2016-02-29", "2016-03-01"]))
    frame.to_csv(path)
    assert read_products([path])["a"].time.values[0] == np.datetime64("2016-02-29")
    path.write_text("time,a\n2016-03-01T01:30:00+08:00,0.1\n")
    assert read_products([path])["a"].time.values[0] == np.datetime64("2016-02-29T17:30")
