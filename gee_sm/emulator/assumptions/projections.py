"""What the emulator assumes of pixel types and projections."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

PROJECTIONS = Section(
    "Pixel types and projections",
    "",
    (
        Assumption(
            "PixelType",
            "An integer type without limits has 32 bits.",
            "ee.PixelType('int')",
            '{"type": "PixelType", "precision": "int", "min": -2147483648, "max": 2147483647}',
        ),
        Assumption(
            "PixelType",
            "One limit alone is refused for integers.",
            "ee.PixelType('int', 0)",
            "error: PixelType: An integer type needs both limits, or none.",
        ),
        Assumption(
            "Projection.translate",
            "The distances are in the projection's own units.",
            "ee.Projection('EPSG:32632', [10, 0, 500, 0, -10, 900]).translate(1, 1)",
            (
                '{"type": "Projection", "crs": "EPSG:32632", "transform": [10.0, 0.0, 510.0, 0.0, '
                "-10.0, 890.0]}"
            ),
        ),
        Assumption(
            "Projection.crs",
            "A system without authority code is null.",
            (
                'ee.Projection(\'PROJCS["x",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS '
                '84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",91.5],PARAMETER["scale_factor",0.9],UNIT["metre",1]]\')'
                ".crs()"
            ),
            "null",
        ),
        Assumption(
            "Projection.transform",
            "The text of a transform leaves out what is as in the identity.",
            "ee.Projection('EPSG:4326', [2, 0, 0, 0, 1, 0]).transform()",
            (
                '"PARAM_MT[\\"Affine\\", \\n  PARAMETER[\\"num_row\\", 3], \\n  '
                'PARAMETER[\\"num_col\\", 3], \\n  PARAMETER[\\"elt_0_0\\", 2.0]]"'
            ),
        ),
        Assumption(
            "Projection",
            "An unknown code is an error of these words.",
            "ee.Projection('EPSG:1').nominalScale()",
            "error: Projection: The CRS of a map projection could not be parsed: 'EPSG:1'.",
        ),
    ),
)
