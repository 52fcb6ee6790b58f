"""Shortwave albedo from the narrow bands of MODIS surface reflectance."""

from __future__ import annotations

import ee

SHORTWAVE_WEIGHTS = {1: 0.160, 2: 0.291, 3: 0.243, 4: 0.116, 5: 0.112, 7: 0.081}
SHORTWAVE_OFFSET = -0.0015
"""Liang (2001), total shortwave of MODIS; band 6 takes no part."""


def broadband_albedo(reflectance: ee.Image) -> ee.Image:
    """Return shortwave albedo as band ``albedo_shortwave``, 0 to 1.

    Liang (2001, Remote Sensing of Environment 76, 213-238) weighs six bands of MODIS. It takes the
    reflectance of a view for the albedo of the surface, as TC-LSTM (2022) does with MOD09A1;
    product ``modis_albedo`` integrates over all directions instead.

    Parameters
    ----------
    reflectance : ee.Image
        Bands ``reflectance_b1`` to ``reflectance_b7`` of product ``modis_reflectance``.

    Returns
    -------
    ee.Image
        Band ``albedo_shortwave``, masked unless all six bands are there; properties kept.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     bands = [f"reflectance_b{i}" for i in range(1, 8)]
    ...     ground = ee.Image.constant([0.2] * 7).rename(bands)
    ...     found = broadband_albedo(ground)
    ...     value = found.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    >>> round(value["albedo_shortwave"], 4)
    0.1991
    """
    parts = [
        reflectance.select(f"reflectance_b{band}").multiply(weight)
        for band, weight in SHORTWAVE_WEIGHTS.items()
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total.add(part)
    found = total.add(SHORTWAVE_OFFSET).clamp(0, 1).rename("albedo_shortwave")
    return ee.Image(found.copyProperties(reflectance, reflectance.propertyNames()))
