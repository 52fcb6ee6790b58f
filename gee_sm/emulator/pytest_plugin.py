"""A pytest fixture: Earth Engine scripts tested on rasters that the test makes.

Enable it in ``conftest.py`` with ``pytest_plugins = ["gee_sm.emulator.pytest_plugin"]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.client import connect_client
from gee_sm.emulator.client_state import without_waiting
from gee_sm.emulator.emulator import Emulator
from gee_sm.emulator.faults import Fault, FaultPlan

__all__ = ["EmulatorFixture", "ee_emulator"]

_CRS = "EPSG:32633"
_TRANSFORM = Affine(10, 0, 500_000, 0, -10, 5_000_000)
_TIME = datetime(2020, 1, 1, tzinfo=UTC)


class EmulatorFixture:
    """An emulator with an empty catalog, and the client connected to it.

    Attributes
    ----------
    emulator : Emulator
        The emulator.
    folder : Path
        Its catalog.
    exports : Path
        Where exports go: ``drive``, ``gcs`` and ``assets`` below it.
    url : str
        Where tiles, thumbnails and downloads are fetched.

    Notes
    -----
    The client repeats requests that are refused or broken, as always, but without its waits in
    between: neither a fault plan nor a fault of the emulator makes a test slow.
    """

    def __init__(self, folder: Path, exports: Path):
        self.folder = folder
        with CatalogWriter(folder):
            pass
        self.emulator = Emulator(folder, exports=exports)
        self.exports = self.emulator.exports
        self._connection = connect_client(self.emulator, serve=True)
        self.url = self._connection.url

    def add_image(
        self,
        asset_id: str,
        index: str | None = None,
        *,
        bands: Mapping[str, np.ndarray],
        crs: str = _CRS,
        transform: Affine = _TRANSFORM,
        time_start: datetime | None = None,
        **options: Any,
    ) -> None:
        """Add an image, of a collection when it has an index.

        Parameters
        ----------
        asset_id : str
            Id of the image, or of its collection.
        index : str, optional
            Its ``system:index``.
        bands : mapping of str to ndarray, shape (y, x)
            Pixels by band.
        crs, transform
            Grid; pixels of 10 m in UTM zone 33 by default.
        time_start : datetime, optional
            Acquisition; 2020-01-01 by default for images of a collection.
        **options
            Handed to :meth:`gee_sm.emulator.CatalogWriter.add_image`: ``properties``, ``nodata``,
            ``pyramiding`` ...
        """
        if index is not None and time_start is None:
            time_start = _TIME
        with CatalogWriter(self.folder) as catalog:
            catalog.add_image(
                asset_id,
                index,
                bands=bands,
                crs=crs,
                transform=transform,
                time_start=time_start,
                **options,
            )
        self.emulator.reload()

    def add_table(self, asset_id: str, features: Iterable[Mapping[str, Any]]) -> None:
        """Add a table of GeoJSON features."""
        with CatalogWriter(self.folder) as catalog:
            catalog.add_table(asset_id, features)
        self.emulator.reload()

    def misbehave(self, *faults: Fault, seed: int = 0) -> FaultPlan:
        """Make the service misbehave from now on; return the plan, which notes what it did."""
        self.emulator.faults = FaultPlan(faults, seed=seed)
        return self.emulator.faults

    def close(self) -> None:
        """Point the client back to where it pointed before, and stop the emulator."""
        self._connection.close()
        self.emulator.close()


@pytest.fixture
def ee_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorFixture]:
    """Earth Engine in this process, with an empty catalog to fill."""
    folder = tmp_path_factory.mktemp("earth-engine")
    with without_waiting():
        fixture = EmulatorFixture(folder / "catalog", folder / "exports")
        yield fixture
        fixture.close()
