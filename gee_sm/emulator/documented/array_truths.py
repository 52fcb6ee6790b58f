"""Documented outputs of arrays: comparisons, truths, bits and eigenvectors."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

HALF_ROOT = "0.7071067811865476"

TRUTHS = (
    *outputs("Array.and", "apidocs/ee-array-and", {
        "ee.Array([1, 1]).And([-2, 2])": "[1, 1]",
        "ee.Array([1, 1]).And([0, 0])": "[0, 0]",
        "ee.Array([1, 0]).And([0, 1])": "[0, 0]",
        "ee.Array([0, 1]).And([1, 0])": "[0, 0]",
        "ee.Array([1, 1]).And([1, 0])": "[1, 0]",
        "ee.Array([1, 1]).And([0, 1])": "[0, 1]",
        "ee.Array([0, 0]).And([1, 0])": "[0, 0]",
        "ee.Array([0, 0]).And([0, 1])": "[0, 0]",
        "ee.Array([1, 1]).And(ee.Array([0.0, 2.0], ee.PixelType.double()))": "[0, 1]",
    }),
    *outputs("Array.or", "apidocs/ee-array-or", {
        "empty.Or(empty)": "[]",
        "ee.Array([0, 0, 1, 1]).Or([0, 1, 0, 1])": "[0, 1, 1, 1]",
    }),
    *outputs("Array.not", "apidocs/ee-array-not", {
        "empty.Not()": "[]",
        "ee.Array([0]).Not()": "[1]",
        "ee.Array([1]).Not()": "[0]",
        "ee.Array([-1, -0.1, 0, 0.1, 1]).Not()": "[0, 0, 1, 0, 0]",
    }),
    *outputs("Array.eq", "apidocs/ee-array-eq", {
        "empty.eq(empty)": "[]",
        "ee.Array([0]).eq([1])": "[0]",
        "ee.Array([0]).eq([0])": "[1]",
        "ee.Array([1.1]).eq([1.1])": "[1]",
        "ee.Array([1.1]).float().eq([1.1])": "[0]",
        "ee.Array([1.1]).double().eq([1.1])": "[1]",
        "ee.Array([1]).int8().eq([1])": "[1]",
        "ee.Array([1]).int8().eq(ee.Array([1]).int32())": "[1]",
    }),
    *outputs("Array.neq", "apidocs/ee-array-neq", {
        "empty.neq(empty)": "[]",
        "ee.Array([0]).neq([1])": "[1]",
        "ee.Array([1]).neq([1])": "[0]",
        "ee.Array([1.1]).neq([1.1])": "[0]",
        "ee.Array([1.1]).float().neq([1.1])": "[1]",
        "ee.Array([1.1]).double().neq([1.1])": "[0]",
        "ee.Array([1]).int8().neq([1])": "[0]",
        "ee.Array([1]).int8().neq(ee.Array([1]).int32())": "[0]",
    }),
    *outputs("Array.gt", "apidocs/ee-array-gt", {
        "empty.gt(empty)": "[]",
        "ee.Array([0]).gt([0])": "[0]",
        "ee.Array([1]).gt([2])": "[0]",
        "ee.Array([2]).gt([1])": "[1]",
        "ee.Array([-1, 0, 1]).gt([-2, 1, 0])": "[1, 0, 1]",
    }),
    *outputs("Array.gte", "apidocs/ee-array-gte", {
        "empty.gte(empty)": "[]",
        "ee.Array([0]).gte([0])": "[1]",
        "ee.Array([1]).gte([2])": "[0]",
        "ee.Array([2]).gte([1])": "[1]",
        "ee.Array([-1, 0, 1]).gte([-2, 1, 1])": "[1, 0, 1]",
    }),
    *outputs("Array.lt", "apidocs/ee-array-lt", {
        "empty.lt(empty)": "[]",
        "ee.Array([0]).lt([0])": "[0]",
        "ee.Array([1]).lt([2])": "[1]",
        "ee.Array([2]).lt([1])": "[0]",
        "ee.Array([-1, 0, 1]).lt([-2, 1, 0])": "[0, 1, 0]",
    }),
    *outputs("Array.lte", "apidocs/ee-array-lte", {
        "empty.lte(empty)": "[]",
        "ee.Array([0]).lte([0])": "[1]",
        "ee.Array([1]).lte([2])": "[1]",
        "ee.Array([2]).lte([1])": "[0]",
        "ee.Array([-1, 0, 1]).lte([-2, 1, 1])": "[0, 1, 1]",
    }),
)  # fmt: skip

BITS = (
    *outputs("Array.bitCount", "apidocs/ee-array-bitcount", {
        "empty.bitCount()": "[]",
        "ee.Array([0]).bitCount()": "[0]",
        "ee.Array([1]).bitCount()": "[1]",
        "ee.Array([2]).bitCount()": "[1]",
        "ee.Array([3]).bitCount()": "[2]",
        "ee.Array([0xFFFF]).bitCount()": "[16]",
        "ee.Array([1, 2, 3]).bitCount()": "[1, 1, 2]",
        "ee.Array([[0, 1], [6, 13]]).bitCount()": "[[0, 1], [2, 3]]",
        "ee.Array([-1]).bitCount()": "[64]",
        "ee.Array([-1], ee.PixelType.int8()).bitCount()": "[64]",
        "ee.Array([-2]).bitCount()": "[63]",
    }),
    *outputs("Array.bitwiseAnd", "apidocs/ee-array-bitwiseand", {
        "empty.bitwiseAnd(empty)": "[]",
        "ee.Array(0).bitwiseAnd(0)": "0",
        "ee.Array(0).bitwiseAnd(1)": "0",
        "ee.Array(1).bitwiseAnd(0)": "0",
        "ee.Array(1).bitwiseAnd(1)": "1",
        "ee.Array(0xFF).bitwiseAnd(0xFFFF)": "255",
        "ee.Array(0xFFFF).bitwiseAnd(0xFF)": "255",
        "ee.Array(-1).bitwiseAnd(0xFF)": "255",
        "ee.Array(-1).bitwiseAnd(-2)": "-2",
        "ee.Array([6, 6]).bitwiseAnd([1, 11])": "[0, 2]",
    }),
    *outputs("Array.bitwiseOr", "apidocs/ee-array-bitwiseor", {
        "empty.bitwiseOr(empty)": "[]",
        "ee.Array(0).bitwiseOr(0)": "0",
        "ee.Array(0).bitwiseOr(1)": "1",
        "ee.Array(1).bitwiseOr(0)": "1",
        "ee.Array(1).bitwiseOr(1)": "1",
        "ee.Array(0xFF).bitwiseOr(0xFFFF)": "65535",
        "ee.Array(0xFFFF).bitwiseOr(0xFF)": "65535",
        "ee.Array(-1).bitwiseOr(0xFF)": "-1",
        "ee.Array(-2).bitwiseOr(-3)": "-1",
        "ee.Array(-2).bitwiseOr(-4)": "-2",
        "ee.Array([6, 6]).bitwiseOr([1, 11])": "[7, 15]",
    }),
    *outputs("Array.bitwiseXor", "apidocs/ee-array-bitwisexor", {
        "empty.bitwiseXor(empty)": "[]",
        "ee.Array(0).bitwiseXor(0)": "0",
        "ee.Array(0).bitwiseXor(1)": "1",
        "ee.Array(1).bitwiseXor(0)": "1",
        "ee.Array(1).bitwiseXor(1)": "0",
        "ee.Array(0x00FF).bitwiseXor(0xFF00)": "65535",
        "ee.Array([1, 2, 3]).bitwiseXor([5, 8, 16])": "[4, 10, 19]",
    }),
    *outputs("Array.bitwiseNot", "apidocs/ee-array-bitwisenot", {
        "empty.bitwiseNot()": "[]",
        "ee.Array(0).bitwiseNot()": "-1",
        "ee.Array(1).bitwiseNot()": "-2",
        "ee.Array(0xFF).bitwiseNot()": "-256",
        "ee.Array(-1).bitwiseNot()": "0",
        "ee.Array(-2).bitwiseNot()": "1",
        "ee.Array(-3).bitwiseNot()": "2",
        "ee.Array(0xFF).toInt64().bitwiseNot()": "-256",
    }),
)  # fmt: skip

SIGN = "An eigenvector may be turned round; LAPACK turns these the other way."
BASIS = "Of equal eigenvalues any basis of their space serves; LAPACK finds another one."
DEFECTIVE = "There is one eigenvector only, of which the emulator repeats a multiple."

EIGENVECTORS = (
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[1, 0], [0, 0]]).eigen()": "[[1, 1, 0], [0, 0, 1]]",
        "ee.Array([[0, 0], [0, 1]]).eigen()": "[[1, 0, 1], [0, 1, 0]]",
        "ee.Array([[1, 0], [1, 0]]).eigen()": f"[[1, {HALF_ROOT}, {HALF_ROOT}], [0, 0, 1]]",
        "ee.Array([[1, 0], [0, 1]]).eigen()": "[[1, 1, 0], [1, 0, 1]]",
        "ee.Array([[0, 1], [1, 0]]).eigen()": (
            f"[[1, {HALF_ROOT}, {HALF_ROOT}], [-1, {HALF_ROOT}, -{HALF_ROOT}]]"
        ),
        "ee.Array([[0, 1], [0, 1]]).eigen()": f"[[1, {HALF_ROOT}, {HALF_ROOT}], [0, 1, 0]]",
        "ee.Array([[1, 1], [1, 1]]).eigen()": (
            f"[[2, {HALF_ROOT}, {HALF_ROOT}], [0, {HALF_ROOT}, -{HALF_ROOT}]]"
        ),
        "ee.Array([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).eigen()": (
            "[[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]]"
        ),
        "ee.Array([[2, 0, 0], [0, 3, 0], [0, 0, 4]]).eigen()": (
            "[[4, 0, 0, 1], [3, 0, 1, 0], [2, 1, 0, 0]]"
        ),
        "ee.Array([[1, 0, 0], [0, 0, 0], [0, 0, 0]]).eigen()": (
            "[[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]"
        ),
    }),
    # The second row is printed without its last number.
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[1, 1], [1, 0]]).eigen().slice(0, 0, 1)": "[[1.62, 0.85, 0.53]]",
    }, digits=True),
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[1, 1], [0, 0]]).eigen()": f"[[1, 1, 0], [0, -{HALF_ROOT}, {HALF_ROOT}]]",
        "ee.Array([[0, 0], [1, 1]]).eigen()": f"[[1, 0, -1], [0, -{HALF_ROOT}, {HALF_ROOT}]]",
    }, disagrees=SIGN),
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[0, 1], [1, 1]]).eigen()": "[[1.62, -0.53, -0.85], [-0.62, -0.85, 0.53]]",
    }, digits=True, disagrees=SIGN),
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[0, 0], [0, 0]]).eigen()": "[[0, 0, 1], [0, 1, 0]]",
    }, disagrees=BASIS),
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[1] * 3] * 3).eigen()": (
            "[[3.00, -0.58, -0.58, -0.58], [0.00, 0.00, -0.71, 0.71], [0.00, -0.82, 0.41, 0.41]]"
        ),
    }, digits=True, disagrees=BASIS),
    *outputs("Array.eigen", "apidocs/ee-array-eigen", {
        "ee.Array([[0, 1], [0, 0]]).eigen()": "[[0, 0, 1], [0, 1, 0]]",
        "ee.Array([[0, 0], [1, 0]]).eigen()": "[[0, -1, 0], [0, 0, -1]]",
        "ee.Array([[1, 1], [0, 1]]).eigen()": "[[1, 0, 1], [1, 1, 0]]",
        "ee.Array([[1, 0], [1, 1]]).eigen()": "[[1, -1, 0], [1, 0, -1]]",
    }, disagrees=DEFECTIVE),
)  # fmt: skip

ARRAY_TRUTHS = (*TRUTHS, *BITS, *EIGENVECTORS)
