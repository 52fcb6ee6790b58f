"""Documented outputs of the transcendental and special functions of numbers."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

TRANSCENDENTAL = (
    *outputs("Number.sin", "apidocs/ee-number-sin", {
        "ee.Number(0).sin()": "0",
        "ee.Number(math.pi / 2).sin()": "1",
    }),
    *outputs("Number.sin", "apidocs/ee-number-sin", {
        "ee.Number(-math.pi).sin()": "0.000000000",
        "ee.Number(math.pi).sin()": "0.000000000",
    }, digits=True),
    *outputs("Number.cos", "apidocs/ee-number-cos", {
        "ee.Number(0).cos()": "1",
        "ee.Number(math.pi).cos()": "-1",
    }),
    *outputs("Number.cos", "apidocs/ee-number-cos", {
        "ee.Number(math.pi / 2).cos()": "0.000000000",
        "ee.Number(math.pi / 4).cos()": "0.707106781",
    }, digits=True),
    *outputs("Number.tan", "apidocs/ee-number-tan", {
        "ee.Number(0).tan()": "0",
        "ee.Number(math.pi / 2).tan()": "16331239353195370",
    }),
    *outputs("Number.tan", "apidocs/ee-number-tan", {
        "ee.Number(math.pi).tan()": "0.000000000",
        "ee.Number(math.pi / 4).tan()": "1.000000000",
    }, digits=True),
    *outputs("Number.asin", "apidocs/ee-number-asin", {"ee.Number(0).asin()": "0"}),
    *outputs("Number.asin", "apidocs/ee-number-asin", {
        "ee.Number(-1).asin()": "-1.570796326",
        "ee.Number(1).asin()": "1.570796326",
    }, digits=True),
    *outputs("Number.acos", "apidocs/ee-number-acos", {"ee.Number(1).acos()": "0"}),
    *outputs("Number.acos", "apidocs/ee-number-acos", {
        "ee.Number(-1).acos()": "3.141592653",
        "ee.Number(0).acos()": "1.570796326",
    }, digits=True),
    *outputs("Number.atan", "apidocs/ee-number-atan", {"ee.Number(0).atan()": "0"}),
    *outputs("Number.atan", "apidocs/ee-number-atan", {
        "ee.Number(-5).atan()": "-1.3734",
        "ee.Number(5).atan()": "1.3734",
    }, digits=True),
    *outputs("Number.atan2", "apidocs/ee-number-atan2", {
        "ee.Number(0).atan2(0)": "0",
        "ee.Number(1).atan2(0)": "0",
    }),
    *outputs("Number.atan2", "apidocs/ee-number-atan2", {
        "ee.Number(0).atan2(1)": "1.570796326",
        "ee.Number(-1).atan2(0)": "3.141592653",
        "ee.Number(0).atan2(-1)": "-1.570796326",
    }, digits=True),
    *outputs("Number.sinh", "apidocs/ee-number-sinh", {"ee.Number(0).sinh()": "0"}),
    *outputs("Number.sinh", "apidocs/ee-number-sinh", {
        "ee.Number(-5).sinh()": "-74.203210577",
        "ee.Number(-1).sinh()": "-1.175201193",
        "ee.Number(1).sinh()": "1.175201193",
        "ee.Number(5).sinh()": "74.203210577",
        "ee.Number(math.pi / 4).sinh()": "0.868670961",
    }, digits=True),
    *outputs("Number.cosh", "apidocs/ee-number-cosh", {"ee.Number(0).cosh()": "1"}),
    *outputs("Number.cosh", "apidocs/ee-number-cosh", {
        "ee.Number(-5).cosh()": "74.209948524",
        "ee.Number(-1).cosh()": "1.543080634",
        "ee.Number(1).cosh()": "1.543080634",
        "ee.Number(5).cosh()": "74.209948524",
        "ee.Number(math.pi / 4).cosh()": "1.324609089",
    }, digits=True),
    *outputs("Number.tanh", "apidocs/ee-number-tanh", {"ee.Number(0).tanh()": "0"}),
    *outputs("Number.tanh", "apidocs/ee-number-tanh", {
        "ee.Number(-5).tanh()": "-0.999909204",
        "ee.Number(-1).tanh()": "-0.761594155",
        "ee.Number(1).tanh()": "0.761594155",
        "ee.Number(5).tanh()": "0.999909204",
        "ee.Number(math.pi / 4).tanh()": "0.655794202",
    }, digits=True),
    *outputs("Number.sqrt", "apidocs/ee-number-sqrt", {"ee.Number(100).sqrt()": "10"}),
    *outputs("Number.cbrt", "apidocs/ee-number-cbrt", {"ee.Number(27).cbrt()": "3"}),
    *outputs("Number.log", "apidocs/ee-number-log", {
        "ee.Number(math.e ** -1).log()": "-1",
        "ee.Number(1).log()": "0",
        "ee.Number(math.e).log()": "1",
    }),
    *outputs("Number.log10", "apidocs/ee-number-log10", {
        "ee.Number(0.1).log10()": "-1",
        "ee.Number(1).log10()": "0",
        "ee.Number(10).log10()": "1",
        "ee.Number(100).log10()": "2",
    }),
    *outputs("Number.exp", "apidocs/ee-number-exp", {"ee.Number(0).exp()": "1"}),
    *outputs("Number.exp", "apidocs/ee-number-exp", {
        "ee.Number(-1).exp()": "0.367879441",
        "ee.Number(1).exp()": "2.718281828",
        "ee.Number(2).exp()": "7.389056098",
    }, digits=True),
)  # fmt: skip

SPECIAL = (
    *outputs("Number.gamma", "apidocs/ee-number-gamma", {
        "ee.Number(1).gamma()": "1",
        "ee.Number(200).gamma()": '"Infinity"',
    }),
    *outputs("Number.gamma", "apidocs/ee-number-gamma", {
        "ee.Number(0.001).gamma()": "999.423772484",
        "ee.Number(0.5).gamma()": "1.772453850",
        "ee.Number(100).gamma()": "9.332621544e+155",
    }, digits=True),
    *outputs("Number.gammainc", "apidocs/ee-number-gammainc", {
        "ee.Number(0).gammainc(1)": "0",
        "ee.Number(-1).gammainc(1)": '"NaN"',
        "ee.Number(10).gammainc(-1)": '"NaN"',
    }),
    *outputs("Number.gammainc", "apidocs/ee-number-gammainc", {
        "ee.Number(1).gammainc(1)": "0.632120558",
        "ee.Number(10).gammainc(1)": "0.999954600",
    }, digits=True),
    *outputs("Number.digamma", "apidocs/ee-number-digamma", {
        "ee.Number(-1).digamma()": '"-Infinity"',
        "ee.Number(0).digamma()": '"-Infinity"',
    }),
    *outputs("Number.digamma", "apidocs/ee-number-digamma", {
        "ee.Number(100).digamma()": "4.600161852",
        "ee.Number(1e13).digamma()": "29.933606208",
        "ee.Number(-1.5).digamma()": "0.703156637",
        "ee.Number(0.5).digamma()": "-1.963510028",
        "ee.Number(1).digamma()": "-0.577215667",
    }, digits=True),
    *outputs("Number.trigamma", "apidocs/ee-number-trigamma", {
        "ee.Number(-100).trigamma()": '"Infinity"',
    }),
    *outputs("Number.trigamma", "apidocs/ee-number-trigamma", {
        "ee.Number(0.001).trigamma()": "1000001.642533195",
        "ee.Number(0.5).trigamma()": "4.934802200",
        "ee.Number(1).trigamma()": "1.644934066",
        "ee.Number(100).trigamma()": "0.010050166",
        "ee.Number(200).trigamma()": "0.005012520",
    }, digits=True),
    *outputs("Number.erf", "apidocs/ee-number-erf", {
        "ee.Number(-10).erf()": "-1",
        "ee.Number(0).erf()": "0",
        "ee.Number(10).erf()": "1",
    }),
    *outputs("Number.erf", "apidocs/ee-number-erf", {
        "ee.Number(-0.001).erf()": "-0.001128378",
        "ee.Number(0.001).erf()": "0.001128378",
    }, digits=True),
    *outputs("Number.erfc", "apidocs/ee-number-erfc", {
        "ee.Number(-10).erfc()": "2",
        "ee.Number(0).erfc()": "1",
    }),
    *outputs("Number.erfc", "apidocs/ee-number-erfc", {
        "ee.Number(-0.001).erfc()": "1.001128378",
        "ee.Number(0.001).erfc()": "0.998871621",
        "ee.Number(10).erfc()": "2.088487583e-45",
    }, digits=True),
    *outputs("Number.erfInv", "apidocs/ee-number-erfinv", {
        "ee.Number(-1).erfInv()": '"-Infinity"',
        "ee.Number(0).erfInv()": "0",
        "ee.Number(1).erfInv()": '"Infinity"',
    }),
    *outputs("Number.erfInv", "apidocs/ee-number-erfinv", {
        "ee.Number(-0.001).erfInv()": "-0.000886227",
        "ee.Number(0.001).erfInv()": "0.000886227",
    }, digits=True),
    *outputs("Number.erfcInv", "apidocs/ee-number-erfcinv", {
        "ee.Number(0).erfcInv()": '"Infinity"',
        "ee.Number(1).erfcInv()": "0",
    }),
    *outputs("Number.erfcInv", "apidocs/ee-number-erfcinv", {
        "ee.Number(0.001).erfcInv()": "2.326753765",
    }, digits=True),
    *outputs("Number.lanczos", "apidocs/ee-number-lanczos", {
        "ee.Number(-1).lanczos()": '"Infinity"',
    }),
    *outputs("Number.lanczos", "apidocs/ee-number-lanczos", {
        "ee.Number(-0.9).lanczos()": "524.955196990",
        "ee.Number(0).lanczos()": "32.946318679",
        "ee.Number(10).lanczos()": "2.281783181",
        "ee.Number(1e10).lanczos()": "1.000000001",
    }, digits=True),
)  # fmt: skip

NUMBER_FUNCTIONS = (*TRANSCENDENTAL, *SPECIAL)
