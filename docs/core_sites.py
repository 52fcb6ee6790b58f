"""Overpasses of SMAP at nine core sites (github.com/grey-nearing/triple_collocation)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path("grey-nearing__triple_collocation/data/core_data")

#: Number of a file to the site it is about.
SITES = {
    "16013601": "Walnut Gulch",
    "16033601": "Fort Cobb",
    "16043601": "Little River",
    "16073601": "South Fork",
    "3013602": "REMEDHUS",
    "4013601": "Reynolds Creek",
    "48013601": "TxSON",
    "7013601": "Yanco",
    "9013601": "Carman",
}
PRODUCTS = ("in situ", "SMAP", "ECMWF")


def core_site_tables(data: Path) -> dict[str, pd.DataFrame]:
    """Read in situ, SMAP and ECMWF [m3 m-3] of every site, a row an overpass.

    Parameters
    ----------
    data : path
        Folder of the public repositories.

    Returns
    -------
    dict of str to DataFrame
        Site to the products by day, UTC; morning and evening passes share one.
    """
    tables = {}
    for number, name in SITES.items():
        content = np.loadtxt(data / FOLDER / f"{number}.txt", delimiter=",")
        year = pd.to_datetime(content[:, 0].astype(int).astype(str), format="%Y")
        time = year + pd.to_timedelta(content[:, 1] - 1, unit="D")
        tables[name] = pd.DataFrame(content[:, 2:5], index=time, columns=list(PRODUCTS))
    return tables
