"""What the emulator assumes of painted features, ranges of values and names of results."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

_DISC = "ee.FeatureCollection([ee.Feature(ee.Geometry.Point([10, 50]).buffer(100), {'n': 300})])"

PAINTING = Section(
    "Painting, ranges and names",
    "`at` stands for the same as under Images.",
    (
        Assumption(
            "Image.paint",
            "The range of an integer band widens to hold what is painted on it.",
            f"at(ee.Image().byte().paint({_DISC}, 'n'))",
            '{"constant": 300}',
        ),
        Assumption(
            "Image.paint",
            "Numbers painted on an integer band lose their decimals.",
            f"at(ee.Image(0).paint({_DISC}, 2.5))",
            '{"constant": 2}',
        ),
        Assumption(
            "Image.paint",
            "Features that lack the property with the colour are not painted.",
            f"at(ee.Image(1).paint({_DISC}, 'missing'))",
            '{"constant": 1}',
        ),
        Assumption(
            "Image.paint",
            "An outline is every pixel that it meets, and those with the centre within half of its "
            "width.",
            (
                "ee.Image(0).paint(ee.FeatureCollection([ee.Feature(ee.Geometry.Point([500005, "
                "5500005], 'EPSG:32632'))]), 1, 3).reduceRegion(ee.Reducer.sum(), "
                "ee.Geometry.Rectangle([499950, 5499950, 500050, 5500050], 'EPSG:32632', False), "
                "10, 'EPSG:32632')"
            ),
            '{"constant": 9.0}',
        ),
        Assumption(
            "Image.clamp",
            "Integers stay integers: limits with decimals are those of the whole numbers between.",
            "at(ee.Image(7).byte().clamp(1.5, 3.5))",
            '{"constant": 3}',
        ),
        Assumption(
            "Image.add",
            "Of two images the properties of the left one stay (many scripts copy time_start "
            "again, as if none did).",
            (
                "ee.Image(1).set('a', 1).add(ee.Image(2).set('b', 2)).propertyNames()"
                ".filter(ee.Filter.inList('item', ['a', 'b']))"
            ),
            '["a"]',
        ),
        Assumption(
            "Image.multiply",
            "Whole results that 64 bits cannot hold stop at the end of the range.",
            "at(ee.Image(2**40).multiply(2**40))",
            '{"constant": 9223372036854775807}',
        ),
        Assumption(
            "Image.reduceRegions",
            "Several outputs of one band are properties named after the outputs alone.",
            (
                f"ee.Image(1).reduceRegions({_DISC}, ee.Reducer.minMax(), 10).first()"
                ".propertyNames().sort()"
            ),
            '["max", "min", "n", "system:index"]',
        ),
    ),
)
