"""Gridded products as the user has them in files, and their series at points.

Examples
--------
>>> from local_core.gridded import at_points, open_product
>>> cci = open_product("cci/*.nc", "esa_cci_sm", start="2019-05-01")  # doctest: +SKIP
>>> series = at_points(cci, sites)  # doctest: +SKIP
"""

from __future__ import annotations

from local_core.gridded.points import PointStatus, at_points
from local_core.gridded.products import PRODUCTS, LocalProductError, local_product
from local_core.gridded.reader import open_product

__all__ = [
    "PRODUCTS",
    "LocalProductError",
    "PointStatus",
    "at_points",
    "local_product",
    "open_product",
]
