"""Documented outputs of numbers: arithmetic, truths, bits, casts and text."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

ARITHMETIC = (
    *outputs("Number", "apidocs/ee-number", {
        "ee.Number(0)": "0",
        "ee.Number(1)": "1",
        "ee.Number(0.0)": "0",
        "ee.Number(1.0)": "1",
        "ee.Number(-1.0)": "-1",
        "ee.Number(math.pi)": "3.141592653589793",
        "ee.Number(1.2e-35)": "1.2e-35",
        "ee.Number(3.4e10)": "34000000000",
    }),
    *outputs("Number.add", "apidocs/ee-number-add", {
        "ee.Number(5).add(10)": "15",
        "ee.Number(5).add(10.2)": "15.2",
    }),
    *outputs("Number.add", "apidocs/ee-number-add", {
        "ee.Number(5).add(-10.2)": "-5.199999999",
    }, digits=True),
    *outputs("Number.subtract", "apidocs/ee-number-subtract", {
        "ee.Number(0).subtract(0.0)": "0",
        "ee.Number(0).subtract(1.2)": "-1.2",
        "ee.Number(0).subtract(-3.4)": "3.4",
        "ee.Number(0).toUint8().subtract(ee.Number(1).toUint8())": "-1",
        "ee.Number(255).toUint8().subtract(-123)": "378",
    }),
    *outputs("Number.multiply", "apidocs/ee-number-multiply", {
        "ee.Number(5).multiply(10)": "50",
        "ee.Number(-5).multiply(-10)": "50",
        "ee.Number(5).multiply(10.5)": "52.5",
        "ee.Number(5).multiply(-10.5)": "-52.5",
        "ee.Number(0).multiply(10)": "0",
    }),
    *outputs("Number.divide", "apidocs/ee-number-divide", {
        "ee.Number(5).divide(10)": "0.5",
        "ee.Number(-10.2).divide(5)": "-2.04",
        "ee.Number(-10.2).divide(-5)": "2.04",
        "ee.Number(0).divide(10)": "0",
        "ee.Number(10).divide(0)": "0",
    }),
    *outputs("Number.divide", "apidocs/ee-number-divide", {
        "ee.Number(5).divide(10.2)": "0.490196078",
        "ee.Number(5).divide(-10.2)": "-0.490196078",
    }, digits=True),
    *outputs("Number.max", "apidocs/ee-number-max", {"ee.Number(5).max(10)": "10"}),
    *outputs("Number.min", "apidocs/ee-number-min", {"ee.Number(5).min(10)": "5"}),
    *outputs("Number.first", "apidocs/ee-number-first", {"ee.Number(1).first(2)": "1"}),
    *outputs("Number.firstNonZero", "apidocs/ee-number-firstnonzero", {
        "ee.Number(0).firstNonZero(5)": "5",
        "ee.Number(5).firstNonZero(0)": "5",
    }),
    *outputs("Number.multiply", 'search?q="Number.multiply:+Parameter"&type=code', {
        "ee.Number(ee.Feature(None).get('x')).multiply(2)": (
            "error: Number.multiply: Parameter 'left' is required and may not be null."
        ),
    }, source="recorded"),
    *outputs("Number.mod", "apidocs/ee-number-mod", {
        "ee.Number(12).mod(5)": "2",
        "ee.Number(1).mod(-2)": "1",
        "ee.Number(1).mod(2)": "1",
        "ee.Number(2).mod(3)": "2",
        "ee.Number(5.5).mod(2)": "1.5",
        "ee.Number(-12).mod(5)": "-2",
        "ee.Number(-1).mod(2)": "-1",
        "ee.Number(-4).mod(2)": "0",
    }),
    *outputs("Number.pow", "apidocs/ee-number-pow", {
        "ee.Number(5).pow(2)": "25",
        "ee.Number(-5).pow(2)": "25",
        "ee.Number(5).pow(-2)": "0.04",
    }),
    *outputs("Number.pow", "apidocs/ee-number-pow", {
        "ee.Number(5).pow(2.2)": "34.493241536",
        "ee.Number(5.2).pow(2)": "27.040000000",
    }, digits=True),
    *outputs("Number.hypot", "apidocs/ee-number-hypot", {
        "ee.Number(0).hypot(0)": "0",
        "ee.Number(3).hypot(0)": "3",
        "ee.Number(3).hypot(4)": "5",
        "ee.Number(-3).hypot(4)": "5",
        "ee.Number(-3).hypot(-4)": "5",
    }),
    *outputs("Number.abs", "apidocs/ee-number-abs", {
        "ee.Number(-1).abs()": "1",
        "ee.Number(0).abs()": "0",
        "ee.Number(2.3).abs()": "2.3",
    }),
    *outputs("Number.signum", "apidocs/ee-number-signum", {
        "ee.Number(-5).signum()": "-1",
        "ee.Number(0).signum()": "0",
        "ee.Number(5).signum()": "1",
    }),
    *outputs("Number.floor", "apidocs/ee-number-floor", {
        "ee.Number(2.1).floor()": "2",
        "ee.Number(2.5).floor()": "2",
        "ee.Number(2.9).floor()": "2",
        "ee.Number(-2.1).floor()": "-3",
        "ee.Number(-2.5).floor()": "-3",
        "ee.Number(-2.9).floor()": "-3",
    }),
    *outputs("Number.ceil", "apidocs/ee-number-ceil", {
        "ee.Number(2.1).ceil()": "3",
        "ee.Number(2.5).ceil()": "3",
        "ee.Number(2.9).ceil()": "3",
        "ee.Number(-2.1).ceil()": "-2",
        "ee.Number(-2.5).ceil()": "-2",
        "ee.Number(-2.9).ceil()": "-2",
    }),
    *outputs("Number.round", "apidocs/ee-number-round", {
        "ee.Number(10.4).round()": "10",
        "ee.Number(10.5).round()": "11",
        "ee.Number(10.9).round()": "11",
    }),
    *outputs("Number.clamp", "apidocs/ee-number-clamp", {
        "ee.Number(100).clamp(0, 255)": "100",
        "ee.Number(259).clamp(0, 255)": "255",
        "ee.Number(-259).clamp(0, 255)": "0",
    }),
    *outputs("Number.unitScale", "apidocs/ee-number-unitscale", {
        "ee.Number(-10).unitScale(0, 100)": "-0.1",
        "ee.Number(10).unitScale(0, 100)": "0.1",
    }),
)  # fmt: skip

TRUTHS_AND_BITS = (
    *outputs("Number.and", "apidocs/ee-number-and", {
        "ee.Number(1).And(0)": "0",
        "ee.Number(0).And(0)": "0",
        "ee.Number(0).And(1)": "0",
        "ee.Number(1).And(1)": "1",
        "ee.Number(1).And(2.3)": "1",
        "ee.Number(1).And(-1)": "1",
        "ee.Number(4.5).And(1)": "1",
    }),
    *outputs("Number.or", "apidocs/ee-number-or", {
        "ee.Number(0).Or(5)": "1",
        "ee.Number(0).Or(0)": "0",
    }),
    *outputs("Number.not", "apidocs/ee-number-not", {
        "ee.Number(5).Not()": "0",
        "ee.Number(0).Not()": "1",
    }),
    *outputs("Number.lt", "apidocs/ee-number-lt", {
        "ee.Number(5).lt(10)": "1",
        "ee.Number(10).lt(5)": "0",
    }),
    *outputs("Number.lte", "apidocs/ee-number-lte", {
        "ee.Number(5).lte(10)": "1",
        "ee.Number(10).lte(5)": "0",
        "ee.Number(5).lte(5)": "1",
    }),
    *outputs("Number.gt", "apidocs/ee-number-gt", {
        "ee.Number(5).gt(10)": "0",
        "ee.Number(10).gt(5)": "1",
    }),
    *outputs("Number.gte", "apidocs/ee-number-gte", {
        "ee.Number(5).gte(10)": "0",
        "ee.Number(10).gte(5)": "1",
        "ee.Number(5).gte(5)": "1",
    }),
    *outputs("Number.eq", "apidocs/ee-number-eq", {
        "ee.Number(1).eq(1)": "1",
        "ee.Number(1.001).eq(1)": "0",
    }),
    *outputs("Number.neq", "apidocs/ee-number-neq", {
        "ee.Number(5).neq(10)": "1",
        "ee.Number(5).neq(5)": "0",
    }),
    *outputs("Number.bitwiseAnd", "apidocs/ee-number-bitwiseand", {
        "ee.Number(25).bitwiseAnd(21)": "17",
    }),
    *outputs("Number.bitwiseOr", "apidocs/ee-number-bitwiseor", {
        "ee.Number(25).bitwiseOr(21)": "29",
    }),
    *outputs("Number.bitwiseXor", "apidocs/ee-number-bitwisexor", {
        "ee.Number(25).bitwiseXor(21)": "12",
    }),
    *outputs("Number.bitwiseNot", "apidocs/ee-number-bitwisenot", {
        "ee.Number(25).bitwiseNot()": "-26",
    }),
    *outputs("Number.leftShift", "apidocs/ee-number-leftshift", {
        "ee.Number(20).leftShift(2)": "80",
    }),
    *outputs("Number.rightShift", "apidocs/ee-number-rightshift", {
        "ee.Number(20).rightShift(2)": "5",
    }),
    *outputs("Number.bitCount", "apidocs/ee-number-bitcount", {
        "ee.Number(0).bitCount()": "0",
        "ee.Number(1).bitCount()": "1",
        "ee.Number(2).bitCount()": "1",
        "ee.Number(3).bitCount()": "2",
        "ee.Number(0xFFFF).bitCount()": "16",
        "ee.Number(-1).bitCount()": "64",
        "ee.Number(-1).int8().bitCount()": "64",
        "ee.Number(-2).bitCount()": "63",
    }),
)  # fmt: skip

CASTS_AND_TEXT = (
    # The samples name the range and say that what lies beyond becomes its end.
    *outputs("Number.uint8", "apidocs/ee-number-uint8", {
        "ee.Number(100).uint8()": "100",
        "ee.Number(255 + 12345).uint8()": "255",
        "ee.Number(-12345).uint8()": "0",
    }, source="stated"),
    *outputs("Number.int8", "apidocs/ee-number-int8", {
        "ee.Number(100).int8()": "100",
        "ee.Number(127 + 12345).int8()": "127",
        "ee.Number(-128 - 12345).int8()": "-128",
    }, source="stated"),
    *outputs("Number.short", "apidocs/ee-number-short", {
        "ee.Number(100).short()": "100",
        "ee.Number(32767 + 12345).short()": "32767",
        "ee.Number(-32768 - 12345).short()": "-32768",
    }, source="stated"),
    *outputs("Number.int", "apidocs/ee-number-int", {
        "ee.Number(100).int()": "100",
        "ee.Number(2147483647 + 12345).int()": "2147483647",
        "ee.Number(-2147483648 - 12345).int()": "-2147483648",
    }, source="stated"),
    *outputs("Number.toUint32", "apidocs/ee-number-touint32", {
        "ee.Number(100).toUint32()": "100",
        "ee.Number(4294967295 + 12345).toUint32()": "4294967295",
        "ee.Number(-12345).toUint32()": "0",
    }, source="stated"),
    *outputs("Number.toInt64", "apidocs/ee-number-toint64", {
        "ee.Number(100).toInt64()": "100",
    }, source="stated"),
    *outputs("Number.long", "apidocs/ee-number-long", {
        "ee.Number(100).long()": "100",
    }, source="stated"),
    *outputs("Number.toFloat", "apidocs/ee-number-tofloat", {
        "ee.Number(100).toFloat()": "100",
    }, source="stated"),
    *outputs("Number.toDouble", "apidocs/ee-number-todouble", {
        "ee.Number(100).toDouble()": "100",
    }, source="stated"),
    *outputs("Number.format", "apidocs/ee-number-format", {
        "ee.Number(1).format('%03d')": '"001"',
        "ee.Number(1.23476).format('%.1f')": '"1.2"',
        "ee.Number(1.23476).format('%.3f')": '"1.235"',
        "ee.Number(123476).format('%.3e')": '"1.235e+05"',
        "ee.Number(123476).format('%.2f')": '"123476.00"',
        "ee.Number(math.pi).format('%.2f')": '"3.14"',
        "ee.Number(42).format('%05d')": '"00042"',
    }),
    *outputs("Number.parse", "apidocs/ee-number-parse", {
        "ee.Number.parse('10')": "10",
        "ee.Number.parse(ee.String('100'))": "100",
        "ee.Number.parse(ee.Feature(None, {'id': '1000'}).get('id'))": "1000",
        "ee.Number.parse(ee.Feature(None, {'id': 1000}).get('id'))": "1000",
        "ee.Number.parse('0001')": "1",
        "ee.Number.parse('3E8', 16)": "1000",
    }),
)  # fmt: skip

NUMBERS = (*ARITHMETIC, *TRUTHS_AND_BITS, *CASTS_AND_TEXT)
