"""What the emulator assumes of how exactly pixels are carried from one projection to another."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

_UTM = "ee.Projection('EPSG:32646', [10, 0, 500000, 0, -10, 3500000])"
_COLUMNS = f"ee.Image.pixelCoordinates({_UTM}).select('x')"

TRANSFORMS = Section(
    "Transforms between projections",
    (
        "The emulator interpolates coordinates between points that it transforms exactly, on cells "
        "fixed to the lattice, and is within a millionth of a pixel of PROJ; whether the service "
        "is as exact, or approximates as GDAL does (an eighth of a pixel), is not documented."
    ),
    (
        Assumption(
            "Image.reproject",
            (
                "A resampled pixel lies within a thousandth of a pixel of where the exact "
                "transform puts it."
            ),
            (
                f"{_COLUMNS}.reproject({_UTM}).resample('bilinear').subtract({_COLUMNS}).abs()"
                ".multiply(1000).round().reduceRegion('max', ee.Geometry.Rectangle([93.2, 31.2, "
                "93.21, 31.21], 'EPSG:4326', False), None, 'EPSG:4326', [0.0001, 0, 93.2, 0, "
                "-0.0001, 31.21]).get('x')"
            ),
            "0.0",
        ),
    ),
)
"""Rows about transforms between coordinate systems."""
