"""Real scenes as catalogs of the emulator."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_HELPER = Path(__file__).with_name("worldcereal_catalog.py")


@pytest.fixture(scope="session")
def worldcereal():
    """The module that lays WorldCereal's file out as a catalog, and says what it assumes."""
    spec = importlib.util.spec_from_file_location("gee_sm_tests_worldcereal_catalog", _HELPER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def worldcereal_file(worldcereal, shared_data):
    """WorldCereal's netCDF file; the test is skipped where it is absent."""
    file = shared_data / worldcereal.FILE
    if not file.exists():
        pytest.skip(f"{file} is absent")
    return file


@pytest.fixture(scope="session")
def worldcereal_catalog(worldcereal, worldcereal_file, tmp_path_factory):
    """Folder of the catalog: one ascending orbit, monthly, January to December 2021 and before."""
    return worldcereal.write_catalog(
        worldcereal_file, tmp_path_factory.mktemp("worldcereal") / "catalog"
    )
