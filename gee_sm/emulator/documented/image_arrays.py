"""Documented outputs of array images: the pixel that the samples of the reference read."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

ONE = "ee.Image([0, 1, 2, 3, 4, 5]).toArray()"
TWO = f"{ONE}.arrayReshape(ee.Image([2, 3]).toArray(), 2)"
TWELVE = "ee.Image([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]).toArray()"
THREE_BY_FOUR = f"{TWELVE}.arrayReshape(ee.Image([3, 4]).toArray(), 2)"
SHUFFLED = "ee.Image([0, 10, 6, 5, 4, 7, 11, 1, 2, 9, 8, 3]).toArray()"
NINE = "ee.Image([1, 2, 3, 4, 5, 6, 7, 8, 9]).toArray().arrayReshape(ee.Image([3, 3]).toArray(), 2)"
A, B = "ee.Image([0, 1, 2]).toArray()", "ee.Image([3, 4, 5]).toArray()"
MASKED = "ee.Image([0, 1, 2, 4, 0, 5]).toArray()"
MASKED_TWO = f"{MASKED}.arrayReshape(ee.Image([2, 3]).toArray(), 2)"

IMAGE_ARRAYS = (
    *outputs("Image.toArray", "apidocs/ee-image-toarray", {
        f"pixel({A})": "[0, 1, 2]",
        f"pixel({A}.toArray(1))": "[[0], [1], [2]]",
    }),
    *outputs("Image.arrayFlatten", "apidocs/ee-image-arrayflatten", {
        f"pixel({A}.arrayFlatten([['row0', 'row1', 'row2']]).toArray())": "[0, 1, 2]",
        f"{A}.arrayFlatten([['row0', 'row1', 'row2']]).bandNames()": '["row0", "row1", "row2"]',
        f"pixel({A}.arrayRepeat(1, 2).arrayFlatten([['r0', 'r1', 'r2'], ['c0', 'c1']])"
        ".toArray())": "[0, 0, 1, 1, 2, 2]",
        f"{A}.arrayRepeat(1, 2).arrayFlatten([['r0', 'r1', 'r2'], ['c0', 'c1']]).bandNames()": (
            '["r0_c0", "r0_c1", "r1_c0", "r1_c1", "r2_c0", "r2_c1"]'
        ),
    }, source="stated"),
    *outputs("Image.arrayReshape", "apidocs/ee-image-arrayreshape", {
        f"pixel({ONE}.arrayReshape(ee.Image([3, -1]).toArray(), 2))": "[[0, 1], [2, 3], [4, 5]]",
        f"pixel({TWO}.arrayReshape(ee.Image([-1]).toArray(), 1))": "[0, 1, 2, 3, 4, 5]",
    }),
    *outputs("Image.arrayAccum", "apidocs/ee-image-arrayaccum", {
        "pixel(ee.Image([1, 2, 3]).toArray().arrayAccum(0, ee.Reducer.sum()))": "[1, 3, 6]",
        f"pixel({NINE}.arrayAccum(0, ee.Reducer.sum()))": "[[1, 2, 3], [5, 7, 9], [12, 15, 18]]",
        f"pixel({NINE}.arrayAccum(1, ee.Reducer.sum()))": "[[1, 3, 6], [4, 9, 15], [7, 15, 24]]",
    }),
    *outputs("Image.arrayArgmax", "apidocs/ee-image-arrayargmax", {
        "pixel(ee.Image([0, 1, 5, 2, 3, 4]).toArray().arrayArgmax())": "[2]",
        "pixel(ee.Image([0, 1, 5, 2, 3, 4]).toArray().arrayReshape(ee.Image([2, 3])"
        ".toArray(), 2).arrayArgmax())": "[0, 2]",
    }),
    *outputs("Image.arrayCat", "apidocs/ee-image-arraycat", {
        f"pixel({A}.arrayCat({B}, 0))": "[0, 1, 2, 3, 4, 5]",
        f"pixel({A}.arrayCat({B}, 1))": "[[0, 3], [1, 4], [2, 5]]",
        f"pixel({A}.toArray(1).arrayCat({B}.toArray(1), 0))": "[[0], [1], [2], [3], [4], [5]]",
        f"pixel({A}.toArray(1).arrayCat({B}.toArray(1), 1))": "[[0, 3], [1, 4], [2, 5]]",
    }),
    *outputs("Image.arrayDimensions", "apidocs/ee-image-arraydimensions", {
        f"pixel({A}.toArray(1).arrayDimensions())": "2",
    }),
    *outputs("Image.arrayLengths", "apidocs/ee-image-arraylengths", {
        f"pixel({A}.toArray(1).arrayLengths())": "[3, 1]",
    }),
    *outputs("Image.arrayLength", "apidocs/ee-image-arraylength", {
        f"pixel({A}.toArray(1).arrayLength(0))": "3",
        f"pixel({A}.toArray(1).arrayLength(1))": "1",
    }),
    *outputs("Image.arrayGet", "apidocs/ee-image-arrayget", {
        f"pixel({ONE}.arrayGet(ee.Image([3])))": "3",
        f"pixel({TWO}.arrayGet(ee.Image([0, 2])))": "2",
    }),
    *outputs("Image.arrayMask", "apidocs/ee-image-arraymask", {
        f"pixel({MASKED}.arrayMask({MASKED}.lte(2)))": "[0, 1, 2, 0]",
        f"pixel({MASKED}.arrayMask({MASKED}))": "[1, 2, 4, 5]",
        f"pixel({MASKED_TWO}.arrayMask({MASKED_TWO}.arraySlice(0, 1, 2)))": "[[0, 2], [4, 5]]",
        f"pixel({MASKED_TWO}.arrayMask({MASKED_TWO}.arraySlice(1, 1, 2)))": "[[0, 1, 2]]",
    }),
    *outputs("Image.arrayPad", "apidocs/ee-image-arraypad", {
        f"pixel({A}.arrayPad([5], 9))": "[0, 1, 2, 9, 9]",
        f"pixel({TWO}.arrayPad([3, 5], 9))": "[[0, 1, 2, 9, 9], [3, 4, 5, 9, 9], [9, 9, 9, 9, 9]]",
    }),
    *outputs("Image.arrayProject", "apidocs/ee-image-arrayproject", {
        f"pixel({ONE}.toArray(1).arrayProject([0]))": "[0, 1, 2, 3, 4, 5]",
    }),
    *outputs("Image.arrayReduce", "apidocs/ee-image-arrayreduce", {
        f"pixel({ONE}.arrayReduce(ee.Reducer.sum(), [0]))": "[15]",
        f"pixel({TWO}.arrayReduce(ee.Reducer.sum(), [0]))": "[[3, 5, 7]]",
        f"pixel({TWO}.arrayReduce(ee.Reducer.sum(), [1]))": "[[3], [12]]",
        f"pixel({TWO}.arrayReduce(ee.Reducer.sum(), [0, 1]))": "[[15]]",
        f"pixel({ONE}.toArray(1).arrayReduce(ee.Reducer.minMax(), [0], 1))": "[[0, 5]]",
        f"pixel({TWO}.toArray(2).arrayReduce(ee.Reducer.minMax(), [0], 2))": (
            "[[[0, 3], [1, 4], [2, 5]]]"
        ),
    }),
    *outputs("Image.arrayRepeat", "apidocs/ee-image-arrayrepeat", {
        f"pixel({A}.arrayRepeat(0, 3))": "[0, 1, 2, 0, 1, 2, 0, 1, 2]",
        f"pixel({A}.arrayRepeat(1, 3))": "[[0, 0, 0], [1, 1, 1], [2, 2, 2]]",
        f"pixel({A}.arrayRepeat(1, 3).arrayRepeat(0, 2))": (
            "[[0, 0, 0], [1, 1, 1], [2, 2, 2], [0, 0, 0], [1, 1, 1], [2, 2, 2]]"
        ),
        f"pixel({A}.arrayRepeat(1, 3).arrayRepeat(1, 2))": (
            "[[0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2]]"
        ),
    }),
    *outputs("Image.arraySlice", "apidocs/ee-image-arrayslice", {
        f"pixel({TWELVE}.arraySlice(0, 0, 3))": "[0, 1, 2]",
        f"pixel({TWELVE}.arraySlice(0, -3))": "[9, 10, 11]",
        f"pixel({TWELVE}.arraySlice(0, 3, 6))": "[3, 4, 5]",
        f"pixel({TWELVE}.arraySlice(0, 4))": "[4, 5, 6, 7, 8, 9, 10, 11]",
        f"pixel({TWELVE}.arraySlice(0, 0, None, 3))": "[0, 3, 6, 9]",
        f"pixel({THREE_BY_FOUR}.arraySlice(0, 1, 2))": "[[4, 5, 6, 7]]",
        f"pixel({THREE_BY_FOUR}.arraySlice(1, 1, 2))": "[[1], [5], [9]]",
        f"pixel({THREE_BY_FOUR}.arraySlice(1, 0, -1))": "[[0, 1, 2], [4, 5, 6], [8, 9, 10]]",
    }),
    *outputs("Image.arraySort", "apidocs/ee-image-arraysort", {
        f"pixel({SHUFFLED}.arraySort())": "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]",
        f"pixel({SHUFFLED}.arraySort(ee.Image([99, 98, 50, 45, 23, 18, 9, 8, 7, 5, 2, 0])"
        ".toArray()))": "[3, 8, 9, 2, 1, 11, 7, 4, 5, 6, 10, 0]",
        f"pixel({SHUFFLED}.arrayReshape(ee.Image([3, 4]).toArray(), 2)"
        ".arraySort(ee.Image([3, 2, 1, 0]).toArray().toArray(1).arrayTranspose()))": (
            "[[5, 6, 10, 0], [1, 11, 7, 4], [3, 8, 9, 2]]"
        ),
        f"pixel({SHUFFLED}.arrayReshape(ee.Image([3, 4]).toArray(), 2)"
        ".arraySort(ee.Image([2, 1, 0]).toArray().toArray(1)))": (
            "[[2, 9, 8, 3], [4, 7, 11, 1], [0, 10, 6, 5]]"
        ),
    }),
    *outputs("Image.arrayDotProduct", "apidocs/ee-image-arraydotproduct", {
        f"pixel({A}.arrayDotProduct({B}))": "14",
    }),
    *outputs("Image.arrayTranspose", "apidocs/ee-image-arraytranspose", {
        f"pixel({TWO}.arrayTranspose())": "[[0, 3], [1, 4], [2, 5]]",
    }),
)  # fmt: skip
