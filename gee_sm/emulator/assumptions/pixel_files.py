"""What the emulator assumes of pixels on their way into files."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

PIXEL_FILES = Section(
    "Pixels as files",
    "`npy(image)` stands for the types and values of one pixel asked for as NPY, and "
    "`tiff(image)` for the type, the nodata tag and the values of one pixel asked for as GeoTIFF, "
    "both through `ee.data.computePixels`.",
    (
        Assumption(
            "Image (NPY)",
            "Masked pixels are 0, whatever the type.",
            "npy(ee.Image([7, -1.5]).rename(['a', 'b']).updateMask(0))",
            '{"a": {"type": "uint8", "value": 0}, "b": {"type": "float64", "value": 0.0}}',
        ),
        Assumption(
            "Image (NPY)",
            "A band has the smallest type that holds its range.",
            "npy(ee.Image(300))",
            '{"constant": {"type": "uint16", "value": 300}}',
        ),
        Assumption(
            "Image (GeoTIFF)",
            "Masked pixels of an unsigned band are 0, which the nodata tag names.",
            "tiff(ee.Image(7).byte().updateMask(0))",
            '{"type": "uint8", "nodata": 0.0, "values": [0]}',
        ),
        Assumption(
            "Image (GeoTIFF)",
            "Masked pixels of a signed band are its smallest integer.",
            "tiff(ee.Image(7).toInt16().updateMask(0))",
            '{"type": "int16", "nodata": -32768.0, "values": [-32768]}',
        ),
        Assumption(
            "Image (GeoTIFF)",
            "Masked pixels of a floating band are minus infinity.",
            "tiff(ee.Image(7).toFloat().updateMask(0))",
            '{"type": "float32", "nodata": "-Infinity", "values": ["-Infinity"]}',
        ),
        Assumption(
            "Image (GeoTIFF)",
            "Bands of different types are stored in the type that holds each.",
            "tiff(ee.Image([ee.Image(7).byte(), ee.Image(-1.5).toFloat()]))",
            '{"type": "float32", "nodata": "-Infinity", "values": [7.0, -1.5]}',
        ),
        Assumption(
            "Image (GeoTIFF)",
            "Bytes beside signed 16-bit integers become signed 16-bit integers.",
            "tiff(ee.Image([ee.Image(200).byte(), ee.Image(-5).toInt16()]))",
            '{"type": "int16", "nodata": -32768.0, "values": [200, -5]}',
        ),
    ),
)
