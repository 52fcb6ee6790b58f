"""Synthetic scenes for the tests of this folder."""

from __future__ import annotations

import pytest
import synthetic_scenes


@pytest.fixture
def synthetic(tmp_path):
    """A catalog of made-up scenes to be filled, connected and read."""
    return synthetic_scenes.SyntheticScenes(tmp_path / "catalog")


@pytest.fixture
def days_after():
    """Shift a time stamp by days and milliseconds."""
    return synthetic_scenes.days_after


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
            synthetic.add_s2(synthetic_scenes.days_after(day, 2), **(optical or {}))
        for number, day in enumerate(FREEZE_DAYS):
            if freeze is not None:
                power = freeze[number] if isinstance(freeze, tuple) else freeze
                synthetic.add_s1(day, power, relative_orbit=relative_orbit, **scene)
        synthetic.add_elevation(elevation)
        synthetic.add_land_cover(land_cover)
        return synthetic

    return build
