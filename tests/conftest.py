"""Fixtures shared by all tests."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure; and CI must judge a change, not the luck of the draw.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

_ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real observations beside the checkout; the test is skipped where it is absent."""
    folder = Path(os.environ.get("GEE_SM_SHARED_DATA", _ROOT.parent / "shared" / "data"))
    if not (folder / "SOURCES.md").exists():
        pytest.skip(f"real observations not found at {folder} (set GEE_SM_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def sample_region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the sample region of the default seed; tests must not write into it."""
    return _written_once(tmp_path_factory, "scenes")


@pytest.fixture(scope="session")
def coarse_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the coarse products of the default seed; tests must not write into it."""
    return _written_once(tmp_path_factory, "coarse")


def _written_once(tmp_path_factory: pytest.TempPathFactory, part: str) -> Path:
    """Write a part of the sample, or wait until another worker of this run has written it."""
    from gee_sm import sample

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / f"sample-{part}"
    with open(shared / f"sample-{part}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():  # it appears whole or not at all
            sample.write(folder, parts=(part,))
    return folder
