"""Documented outputs of arrays."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

ONE_TO_SIX = "ee.Array([1, 2, 3, 4, 5, 6])"
TWO_BY_THREE = "ee.Array([[0, 1, 2], [3, 4, 5]])"
THREE_BY_TWO = "ee.Array([[1, 2], [3, 4], [5, 6]])"
COLUMN = "ee.Array([[1], [2], [3], [4]])"

MAKING = (
    *outputs("Array", "apidocs/ee-array", {
        "empty": "[]",
        "ee.Array([[]], ee.PixelType.uint8())": "[[]]",
        "ee.Array([[], []], ee.PixelType.float())": "[[], []]",
        "ee.Array([0])": "[0]",
        "ee.Array([0, 1])": "[0, 1]",
        "ee.Array([[1]])": "[[1]]",
        "ee.Array([[0, 1], [2, 3]])": "[[0, 1], [2, 3]]",
        "ee.Array([ee.Number(123).toUint8()])": "[123]",
        "ee.Array(ee.List.sequence(0, 10, 2))": "[0, 2, 4, 6, 8, 10]",
        "ee.Array(ee.Array([1, 2, 3]))": "[1, 2, 3]",
    }),
    *outputs("Array.identity", "apidocs/ee-array-identity", {
        "ee.Array.identity(1)": "[[1]]",
        "ee.Array.identity(2)": "[[1, 0], [0, 1]]",
        "ee.Array.identity(3)": "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]",
    }),
    *outputs("Array.bitsToArray", "apidocs/ee-array-bitstoarray", {
        "ee.Array.bitsToArray(0)": "[0]",
        "ee.Array.bitsToArray(1)": "[1]",
        "ee.Array.bitsToArray(5)": "[1, 0, 1]",
        "ee.Array.bitsToArray(0xFF)": "[1, 1, 1, 1, 1, 1, 1, 1]",
        "ee.Array.bitsToArray(-1)": f"[{', '.join(['1'] * 64)}]",
        "ee.Array.bitsToArray(-1).toInt8()": f"[{', '.join(['1'] * 64)}]",
    }),
    *outputs("Array.cat", "apidocs/ee-array-cat", {
        "ee.Array.cat([empty])": "[]",
        "ee.Array.cat([empty, empty])": "[]",
        "ee.Array.cat([empty, ee.Array([1])])": "[1]",
        "ee.Array.cat([ee.Array([1]), empty])": "[1]",
        "ee.Array.cat([[1], [2]])": "[1, 2]",
        "ee.Array.cat([[1], [2]], 0)": "[1, 2]",
        "ee.Array.cat([[1], [2]], 1)": "[[1, 2]]",
        "ee.Array.cat([[0, 1, 2], [3, 4, 5]])": "[0, 1, 2, 3, 4, 5]",
        "ee.Array.cat([[0, 1, 2], [3, 4, 5]], 0)": "[0, 1, 2, 3, 4, 5]",
        "ee.Array.cat([[0, 1, 2], [3, 4, 5]], 1)": "[[0, 3], [1, 4], [2, 5]]",
        "ee.Array.cat([[[0], [1], [2]], [[3], [4], [5]]])": "[[0], [1], [2], [3], [4], [5]]",
        "ee.Array.cat([[[0], [1], [2]], [[3], [4], [5]]], 0)": "[[0], [1], [2], [3], [4], [5]]",
        "ee.Array.cat([[[0], [1], [2]], [[3], [4], [5]]], 1)": "[[0, 3], [1, 4], [2, 5]]",
        "ee.Array.cat([[[0], [1], [2]], [[3], [4], [5]]], 2)": "[[[0, 3]], [[1, 4]], [[2, 5]]]",
        "ee.Array.cat([[[[0, 1]], [[4, 5]]], [[[10, 11]], [[14, 15]]]], 0)": (
            "[[[0, 1]], [[4, 5]], [[10, 11]], [[14, 15]]]"
        ),
        "ee.Array.cat([[[[0, 1]], [[4, 5]]], [[[10, 11]], [[14, 15]]]], 1)": (
            "[[[0, 1], [10, 11]], [[4, 5], [14, 15]]]"
        ),
        "ee.Array.cat([[[[0, 1]], [[4, 5]]], [[[10, 11]], [[14, 15]]]], 2)": (
            "[[[0, 1, 10, 11]], [[4, 5, 14, 15]]]"
        ),
        "ee.Array.cat([[[[0, 1]], [[4, 5]]], [[[10, 11]], [[14, 15]]]], 3)": (
            "[[[[0, 10], [1, 11]]], [[[4, 14], [5, 15]]]]"
        ),
    }),
    *outputs("Array.cat", "guides/arrays_array_images", {
        "ee.Array.cat([ee.Array([1, 2, 3])], 1)": "[[1], [2], [3]]",
    }),
    *outputs("Array.length", "guides/arrays_array_images", {
        "ee.Array.identity(6).length()": "[6, 6]",
    }),
)  # fmt: skip

PARTS = (
    *outputs("Array.get", "apidocs/ee-array-get", {
        "ee.Array([9]).get([0])": "9",
        "ee.Array([8, 7, 6]).get([2])": "6",
        f"{TWO_BY_THREE}.get([0, 0])": "0",
        f"{TWO_BY_THREE}.get([0, 1])": "1",
        f"{TWO_BY_THREE}.get([1, 0])": "3",
        f"{TWO_BY_THREE}.get([1, 2])": "5",
    }),
    *outputs("Array.cut", "apidocs/ee-array-cut", {
        "ee.Array([9]).cut([0])": "[9]",
        "ee.Array([9]).cut([-1])": "[9]",
        "ee.Array([0, 1, 2]).cut([-1])": "[0, 1, 2]",
        "ee.Array([0, 1, 2]).cut([0])": "[0]",
        "ee.Array([0, 1, 2]).cut([2])": "[2]",
        f"{TWO_BY_THREE}.cut([-1, -1])": "[[0, 1, 2], [3, 4, 5]]",
        f"{TWO_BY_THREE}.cut([-1, 0])": "[[0], [3]]",
        f"{TWO_BY_THREE}.cut([1, -1])": "[[3, 4, 5]]",
    }),
    *outputs("Array.slice", "apidocs/ee-array-slice", {
        f"{ONE_TO_SIX}.slice()": "[1, 2, 3, 4, 5, 6]",
        f"{ONE_TO_SIX}.slice(0)": "[1, 2, 3, 4, 5, 6]",
        f"{ONE_TO_SIX}.slice(0, 0, 6, 1)": "[1, 2, 3, 4, 5, 6]",
        f"{ONE_TO_SIX}.slice(0, 0, 10, 1)": "[1, 2, 3, 4, 5, 6]",
        f"{ONE_TO_SIX}.slice(0, 2)": "[3, 4, 5, 6]",
        f"{ONE_TO_SIX}.slice(0, 5)": "[6]",
        f"{ONE_TO_SIX}.slice(0, 6)": "[]",
        f"{ONE_TO_SIX}.slice(0, 0, 2)": "[1, 2]",
        f"{ONE_TO_SIX}.slice(0, 0, 0)": "[]",
        f"{ONE_TO_SIX}.slice(0, 0, -3)": "[1, 2, 3]",
        f"{ONE_TO_SIX}.slice(0, -2, 6)": "[5, 6]",
        f"{ONE_TO_SIX}.slice(0, 0, 6, 2)": "[1, 3, 5]",
        f"{ONE_TO_SIX}.slice(0, 0, 6, 3)": "[1, 4]",
        f"{ONE_TO_SIX}.slice(0, 0, 6, 4)": "[1, 5]",
        f"{ONE_TO_SIX}.slice(0, 0, 6, 6)": "[1]",
        f"{ONE_TO_SIX}.slice(0, 2, 6, 2)": "[3, 5]",
        f"{THREE_BY_TWO}.slice()": "[[1, 2], [3, 4], [5, 6]]",
        f"{THREE_BY_TWO}.slice(0, 0, 1)": "[[1, 2]]",
        f"{THREE_BY_TWO}.slice(0, 0, 2)": "[[1, 2], [3, 4]]",
        f"{THREE_BY_TWO}.slice(0, 0, 3, 1)": "[[1, 2], [3, 4], [5, 6]]",
        f"{THREE_BY_TWO}.slice(0, 0, 3, 2)": "[[1, 2], [5, 6]]",
        f"{THREE_BY_TWO}.slice(0, 1, 3, 2)": "[[3, 4]]",
        f"{THREE_BY_TWO}.slice(0, 0, 3, 3)": "[[1, 2]]",
        f"{THREE_BY_TWO}.slice(1)": "[[1, 2], [3, 4], [5, 6]]",
        f"{THREE_BY_TWO}.slice(1, 1)": "[[2], [4], [6]]",
        f"{THREE_BY_TWO}.slice(1, 0, 1)": "[[1], [3], [5]]",
        "empty.slice()": "[]",
        "empty.slice(0)": "[]",
        "empty.slice(0, 0, 0, 1)": "[]",
    }),
    *outputs("Array.mask", "apidocs/ee-array-mask", {
        "ee.Array([1]).mask([0])": "[]",
        "ee.Array([1]).mask([1])": "[1]",
        "ee.Array([0, 1, 2, 3]).mask([0, 4, -1, 1.2])": "[1, 2, 3]",
        "ee.Array([[1, 2, 3, 4]]).mask([[0, 0, 0, 0]])": "[[]]",
        "ee.Array([[1, 2, 3, 4]]).mask([[1, 0, 1, 1]])": "[[1, 3, 4]]",
        f"{COLUMN}.mask([[0], [0], [0], [0]])": "[]",
        f"{COLUMN}.mask([[1], [0], [1], [1]])": "[[1], [3], [4]]",
        "empty.mask(empty)": "[]",
    }),
    *outputs("Array.argmax", "apidocs/ee-array-argmax", {
        "empty.argmax()": "null",
        "ee.Array([9]).argmax()": "[0]",
        "ee.Array([0, -1, 2, 1]).argmax()": "[2]",
        "ee.Array([[3, 4, 2], [6, 5, 7]]).argmax()": "[1, 2]",
        "ee.Array([1, 1, 1, 9, 9, 9]).argmax()": "[3]",
    }),
    *outputs("Array.accum", "apidocs/ee-array-accum", {
        "ee.Array([-1]).accum(0)": "[-1]",
        "ee.Array([-2, 1]).accum(0)": "[-2, -1]",
        "ee.Array([-2, 1, 9]).accum(0)": "[-2, -1, 8]",
        "ee.Array([[1, 3], [5, 7]]).accum(0)": "[[1, 3], [6, 10]]",
        "ee.Array([[1, 3], [5, 7]]).accum(1)": "[[1, 4], [5, 12]]",
        "ee.Array([2, -2, 3, 1]).accum(0)": "[2, 0, 3, 4]",
        "ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.sum())": "[2, 0, 3, 4]",
        "ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.max())": "[2, 2, 3, 3]",
        "ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.mean())": "[2, 0, 1, 1]",
        "ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.min())": "[2, -2, -2, -2]",
        "ee.Array([2, -2, 3]).accum(0, ee.Reducer.product())": "[2, -4, -12]",
    }),
)  # fmt: skip

ARITHMETIC = (
    *outputs("Array.add", "apidocs/ee-array-add", {
        "empty.add(empty)": "[]",
        "ee.Array([0]).add(1)": "[1]",
        "ee.Array([1]).add([2])": "[3]",
        "ee.Array([-3]).add([-4])": "[-7]",
        "ee.Array([5, 6]).add([7, 8])": "[12, 14]",
        f"{TWO_BY_THREE}.add(1)": "[[1, 2, 3], [4, 5, 6]]",
        f"{TWO_BY_THREE}.add({TWO_BY_THREE})": "[[0, 2, 4], [6, 8, 10]]",
    }),
    *outputs("Array.subtract", "apidocs/ee-array-subtract", {
        "ee.Array([10]).subtract(1)": "[9]",
        "ee.Array([-1, 0, 1]).subtract(2)": "[-3, -2, -1]",
        "ee.Array([-1, 0, 1]).subtract([-5, 6, 7])": "[4, -6, -6]",
        "empty.subtract(empty)": "[]",
    }),
    *outputs("Array.multiply", "apidocs/ee-array-multiply", {
        "ee.Array([1]).multiply(0)": "[0]",
        "ee.Array([1]).multiply(1)": "[1]",
        "ee.Array([1]).multiply([0])": "[0]",
        "ee.Array([1]).multiply([1])": "[1]",
        "ee.Array([1, -2, 2, 4]).multiply([-1, -4, -1, 1.2])": "[-1, 8, -2, 4.8]",
        "ee.Array([1, -2, 2, 3]).multiply(-1)": "[-1, 2, -2, -3]",
        "empty.multiply(empty)": "[]",
    }),
    *outputs("Array.divide", "apidocs/ee-array-divide", {
        "ee.Array(2).divide(0)": "0",
        "ee.Array(2).divide(1)": "2",
        "ee.Array(2).divide([1])": "[2]",
        "ee.Array([3, 4]).divide(2)": "[1.5, 2]",
        "ee.Array([3, 4]).divide([2, 4])": "[1.5, 1]",
        "ee.Array([3, 4]).divide(ee.Array([2, 4]))": "[1.5, 1]",
    }),
    *outputs("Array.mod", "apidocs/ee-array-mod", {
        "empty.mod(empty)": "[]",
        "ee.Array([0, 0]).mod([-1, 2])": "[0, 0]",
        "ee.Array([0, 1, 2, 3, 4]).mod([1, 1, 1, 1, 1])": "[0, 0, 0, 0, 0]",
        "ee.Array([0, 1, 2, 3, 4]).mod([2, 2, 2, 2, 2])": "[0, 1, 0, 1, 0]",
        "ee.Array([0, 1, 7, 8, 9]).mod([8, 8, 8, 8, 8])": "[0, 1, 7, 0, 1]",
        "ee.Array([-1, -7, -8, -9]).mod([8, 8, 8, 8])": "[-1, -7, 0, -1]",
        "ee.Array([8, 8, 8, 8]).mod([-1, -7, -8, -9])": "[0, 1, 0, 8]",
        "ee.Array([2.5]).mod([1.2])": "[0.10000000000000009]",
    }),
    *outputs("Array.pow", "apidocs/ee-array-pow", {
        "empty.pow(empty)": "[]",
        "ee.Array([-2] * 6).pow([-2, -1, 0, 1, 2, 3])": "[0.25, -0.5, 1, -2, 4, -8]",
        "ee.Array([-1] * 6).pow([-2, -1, 0, 1, 2, 3])": "[1, -1, 1, -1, 1, -1]",
        "ee.Array([1] * 6).pow([-2, -1, 0, 1, 2, 3])": "[1, 1, 1, 1, 1, 1]",
        "ee.Array([2] * 6).pow([-2, -1, 0, 1, 2, 3])": "[0.25, 0.5, 1, 2, 4, 8]",
        "ee.Array([10] * 6).pow([-2, -1, 0, 1, 2, 3])": (
            "[0.009999999776482582, 0.10000000149011612, 1, 10, 100, 1000]"
        ),
        "ee.Array([10] * 6, ee.PixelType.int32()).pow([-2, -1, 0, 1, 2, 3])": (
            "[0.009999999776482582, 0.10000000149011612, 1, 10, 100, 1000]"
        ),
    }),
    *outputs("Array.dotProduct", "apidocs/ee-array-dotproduct", {
        "ee.Array([1]).dotProduct([2])": "2",
        "ee.Array([1, 2]).dotProduct([3, 4])": "11",
        "ee.Array([0, 1, 2]).dotProduct([3, 4, 5])": "14",
        "ee.Array([-1, -2]).dotProduct([3, 4])": "-11",
        "ee.Array([1.5, 2.5]).dotProduct([3, 4])": "14.5",
    }),
    *outputs("Array.max", "apidocs/ee-array-max", {
        "empty.max(empty)": "[]",
        "ee.Array([0, -3, 5, 3]).max([0, -1, 2, 4])": "[0, -1, 5, 4]",
    }),
    *outputs("Array.min", "apidocs/ee-array-min", {
        "empty.min(empty)": "[]",
        "ee.Array([0, 1, 2, 3]).min([-1, 3, 0, 2])": "[-1, 1, 0, 2]",
    }),
    *outputs("Array.first", "apidocs/ee-array-first", {
        "empty.first(empty)": "[]",
        "ee.Array([0]).first(0)": "[0]",
        "ee.Array([0, 1, 2]).first(1)": "[0, 1, 2]",
        "ee.Array([0, 1, 2]).first([3, 4, 5])": "[0, 1, 2]",
        "ee.Array([3, 4, 5]).first([0, 1, 2])": "[3, 4, 5]",
    }),
    *outputs("Array.firstNonZero", "apidocs/ee-array-firstnonzero", {
        "empty.firstNonZero(empty)": "[]",
        "ee.Array([0]).firstNonZero(0)": "[0]",
        "ee.Array([0]).firstNonZero([0])": "[0]",
        "ee.Array([0]).firstNonZero([1])": "[1]",
        "ee.Array([2]).firstNonZero([3])": "[2]",
        "ee.Array([1]).firstNonZero([0])": "[1]",
        "ee.Array([-1, 0, 1]).firstNonZero([2, -1, 2])": "[-1, -1, 1]",
        "ee.Array([[1, 2], [0, 0]]).firstNonZero([[0, 0], [3, 4]])": "[[1, 2], [3, 4]]",
    }),
    *outputs("Array.abs", "apidocs/ee-array-abs", {
        "ee.Array([-1]).abs()": "[1]",
        "ee.Array([-2, 0, 2]).abs()": "[2, 0, 2]",
        "ee.Array([[-3.1, -2], [-1, 0]]).abs()": "[[3.1, 2], [1, 0]]",
    }),
    *outputs("Array.cbrt", "apidocs/ee-array-cbrt", {
        "empty.cbrt()": "[]",
        "ee.Array([0]).cbrt()": "[0]",
        "ee.Array([27]).cbrt()": "[3]",
        "ee.Array([-27]).cbrt()": "[-3]",
        "ee.Array([0, 1, 8, 27]).cbrt()": "[0, 1, 2, 3]",
        "ee.Array([[0, 1, 8], [27, 64, 125]]).cbrt()": "[[0, 1, 2], [3, 4, 5]]",
    }),
    *outputs("Array.ceil", "apidocs/ee-array-ceil", {
        "empty.ceil()": "[]",
        "ee.Array([-1.1]).ceil()": "[-1]",
        "ee.Array([-0.1]).ceil()": "[0]",
        "ee.Array([0]).ceil()": "[0]",
        "ee.Array([0.1]).ceil()": "[1]",
        "ee.Array([1.1]).ceil()": "[2]",
    }),
    *outputs("Array.floor", "apidocs/ee-array-floor", {
        "ee.Array([2.1]).floor()": "[2]",
        "ee.Array([2.5]).floor()": "[2]",
        "ee.Array([2.9]).floor()": "[2]",
        "ee.Array([-2.1]).floor()": "[-3]",
        "ee.Array([-2.5]).floor()": "[-3]",
        "ee.Array([-2.9]).floor()": "[-3]",
        "ee.Array([2.1, -2.1]).floor()": "[2, -3]",
    }),
    *outputs("Array.byte", "apidocs/ee-array-byte", {
        "ee.Array([-1]).byte()": "[0]",
        "ee.Array([255]).byte()": "[255]",
        "ee.Array([256]).byte()": "[255]",
        "ee.Array([-0.1, 0.1, 0.5, 127.1, 255.1, 255.9]).byte()": "[0, 0, 1, 127, 255, 255]",
        "ee.Array([[], []], ee.PixelType.float()).byte()": "[[], []]",
    }),
)  # fmt: skip

TRANSCENDENTAL = (
    *outputs("Array.sin", "apidocs/ee-array-sin", {
        "ee.Array([-math.pi / 2]).sin()": "[-1]",
        "ee.Array([0]).sin()": "[0]",
        "ee.Array([math.pi / 2]).sin()": "[1]",
    }),
    *outputs("Array.sin", "apidocs/ee-array-sin", {
        "ee.Array([-math.pi, math.pi]).sin()": "[0.000000000, 0.000000000]",
    }, digits=True),
    *outputs("Array.cos", "apidocs/ee-array-cos", {
        "ee.Array([-math.pi]).cos()": "[-1]",
        "ee.Array([0]).cos()": "[1]",
        "ee.Array([math.pi]).cos()": "[-1]",
    }),
    *outputs("Array.cos", "apidocs/ee-array-cos", {
        "ee.Array([-math.pi / 2, math.pi / 2]).cos()": "[0.000000000, 0.000000000]",
    }, digits=True),
    *outputs("Array.tan", "apidocs/ee-array-tan", {"ee.Array([0]).tan()": "[0]"}),
    *outputs("Array.tan", "apidocs/ee-array-tan", {
        "ee.Array([-math.pi / 4, math.pi / 4]).tan()": "[-1.000000000, 1.000000000]",
    }, digits=True),
    *outputs("Array.asin", "apidocs/ee-array-asin", {
        "ee.Array([-1]).asin()": "[-1.5707963267948966]",
        "ee.Array([0]).asin()": "[0]",
        "ee.Array([1]).asin()": "[1.5707963267948966]",
    }),
    *outputs("Array.acos", "apidocs/ee-array-acos", {
        "ee.Array([-1]).acos()": "[3.141592653589793]",
        "ee.Array([0]).acos()": "[1.5707963267948966]",
        "ee.Array([1]).acos()": "[0]",
    }),
    *outputs("Array.atan", "apidocs/ee-array-atan", {
        "ee.Array([-5]).atan()": "[-1.3734]",
        "ee.Array([0]).atan()": "[0]",
        "ee.Array([5]).atan()": "[1.3734]",
    }, digits=True),
    *outputs("Array.sinh", "apidocs/ee-array-sinh", {
        "ee.Array([-5]).sinh()": "[-74.20]",
        "ee.Array([0]).sinh()": "[0]",
        "ee.Array([5]).sinh()": "[74.20]",
    }, digits=True),
    *outputs("Array.cosh", "apidocs/ee-array-cosh", {
        "ee.Array([-4]).cosh()": "[27.31]",
        "ee.Array([0]).cosh()": "[1]",
        "ee.Array([4]).cosh()": "[27.31]",
    }, digits=True),
    *outputs("Array.tanh", "apidocs/ee-array-tanh", {
        "ee.Array([-5]).tanh()": "[-1.000]",
        "ee.Array([0]).tanh()": "[0]",
        "ee.Array([5]).tanh()": "[1.000]",
    }, digits=True),
    *outputs("Array.exp", "apidocs/ee-array-exp", {"empty.exp()": "[]"}),
    *outputs("Array.exp", "apidocs/ee-array-exp", {
        "ee.Array([-1, 0, 1, 2]).exp()": "[0.36787944117, 1, 2.71828182846, 7.389]",
    }, digits=True),
    *outputs("Array.log", "apidocs/ee-array-log", {
        "ee.Array([math.e ** -1, 1, math.e]).log()": "[-1, 0, 1]",
    }),
    *outputs("Array.log10", "apidocs/ee-array-log10", {
        "ee.Array([0.1, 1, 10, 100]).log10()": "[-1, 0, 1, 2]",
    }),
    *outputs("Array.erf", "apidocs/ee-array-erf", {
        "ee.Array([-6]).erf()": "[-1]",
        "ee.Array([0]).erf()": "[0]",
        "ee.Array([6]).erf()": "[1]",
    }),
    *outputs("Array.erfc", "apidocs/ee-array-erfc", {
        "ee.Array([-6]).erfc()": "[2]",
        "ee.Array([0]).erfc()": "[1]",
        "ee.Array([28]).erfc()": "[0]",
    }),
    *outputs("Array.erfInv", "apidocs/ee-array-erfinv", {
        "ee.Array([-0.99]).erfInv()": "[-1.82]",
        "ee.Array([0]).erfInv()": "[0]",
        "ee.Array([0.99]).erfInv()": "[1.82]",
    }, digits=True),
    *outputs("Array.erfcInv", "apidocs/ee-array-erfcinv", {
        "ee.Array([0.1]).erfcInv()": "[1.163]",
        "ee.Array([1]).erfcInv()": "[0]",
        "ee.Array([1.9]).erfcInv()": "[-1.163]",
    }, digits=True),
    *outputs("Array.digamma", "apidocs/ee-array-digamma", {
        "ee.Array(0).digamma()": '"-Infinity"',
        "ee.Array(1).digamma()": "-0.577",
        "ee.Array([1, 2]).digamma()": "[-0.577, 0.423]",
    }, digits=True),
)  # fmt: skip

ARRAYS = (*MAKING, *PARTS, *ARITHMETIC, *TRANSCENDENTAL)
