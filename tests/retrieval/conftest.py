"""Synthetic scenes for the tests of this folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).parents[1] / "sentinel1" / "synthetic_scenes.py"
_NAME = f"gee_sm_tests_{_PATH.stem}"


def _scenes():
    if _NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(_NAME, _PATH)
        module = importlib.util.module_from_spec(spec)
        sys.modules[_NAME] = module
        spec.loader.exec_module(module)
    return sys.modules[_NAME]


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return _scenes().SyntheticScenes(tmp_path / "catalog")


@pytest.fixture
def days_after():
    """Shift a time stamp by days and milliseconds."""
    return _scenes().days_after


THAW_DAYS = ("2020-07-05T12:00:00", "2020-08-10T12:00:00")
FREEZE_DAYS = ("2020-01-10T12:00:00", "2020-02-15T12:00:00")


@pytest.fixture
def season(synthetic):
    """A catalog of one year over level bare ground: 3 dB more in summer, one clear view a pass.

    Power of a season: one value or array for both its scenes, a tuple of two, or None for no scene.
    """

    def build(
        *,
        thaw=10**-1.0,
        freeze=10**-1.3,
        elevation=4500.0,
        land_cover=60,
        optical=None,
        relative_orbit=12,
        **scene,
    ):
        for number, day in enumerate(THAW_DAYS):
            if thaw is not None:
                power = thaw[number] if isinstance(thaw, tuple) else thaw
                synthetic.add_s1(day, power, relative_orbit=relative_orbit, **scene)
            synthetic.add_s2(_scenes().days_after(day, 2), **(optical or {}))
        for number, day in enumerate(FREEZE_DAYS):
            if freeze is not None:
                power = freeze[number] if isinstance(freeze, tuple) else freeze
                synthetic.add_s1(day, power, relative_orbit=relative_orbit, **scene)
        synthetic.add_elevation(elevation)
        synthetic.add_land_cover(land_cover)
        return synthetic

    return build
