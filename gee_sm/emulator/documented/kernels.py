"""Documented outputs of kernels: the weights that the samples show, row by row.

The service prints a kernel with its weights as text, cut to three decimals on the pages; the rows
here are the same numbers, read by ``weights``.
"""

from __future__ import annotations

import json

from gee_sm.emulator.documented.output import outputs

KERNELS = (
    *outputs("Kernel.chebyshev", "apidocs/ee-kernel-chebyshev", {
        "weights(ee.Kernel.chebyshev(3))": (
            "[[3, 3, 3, 3, 3, 3, 3], [3, 2, 2, 2, 2, 2, 3], [3, 2, 1, 1, 1, 2, 3], "
            "[3, 2, 1, 0, 1, 2, 3], [3, 2, 1, 1, 1, 2, 3], [3, 2, 2, 2, 2, 2, 3], "
            "[3, 3, 3, 3, 3, 3, 3]]"
        ),
    }),
    *outputs("Kernel.manhattan", "apidocs/ee-kernel-manhattan", {
        "weights(ee.Kernel.manhattan(3))": (
            "[[6, 5, 4, 3, 4, 5, 6], [5, 4, 3, 2, 3, 4, 5], [4, 3, 2, 1, 2, 3, 4], "
            "[3, 2, 1, 0, 1, 2, 3], [4, 3, 2, 1, 2, 3, 4], [5, 4, 3, 2, 3, 4, 5], "
            "[6, 5, 4, 3, 4, 5, 6]]"
        ),
    }),
    *outputs("Kernel.euclidean", "apidocs/ee-kernel-euclidean", {
        "weights(ee.Kernel.euclidean(3))": (
            "[[4.242, 3.605, 3.162, 3.000, 3.162, 3.605, 4.242], "
            "[3.605, 2.828, 2.236, 2.000, 2.236, 2.828, 3.605], "
            "[3.162, 2.236, 1.414, 1.000, 1.414, 2.236, 3.162], "
            "[3.000, 2.000, 1.000, 0.000, 1.000, 2.000, 3.000], "
            "[3.162, 2.236, 1.414, 1.000, 1.414, 2.236, 3.162], "
            "[3.605, 2.828, 2.236, 2.000, 2.236, 2.828, 3.605], "
            "[4.242, 3.605, 3.162, 3.000, 3.162, 3.605, 4.242]]"
        ),
    }, digits=True),
    *outputs("Kernel.add", "apidocs/ee-kernel-add", {
        "weights(ee.Kernel.chebyshev(3).add(ee.Kernel.square(1, 'pixels', False, 100)))": (
            "[[3, 3, 3, 3, 3, 3, 3], [3, 2, 2, 2, 2, 2, 3], [3, 2, 101, 101, 101, 2, 3], "
            "[3, 2, 101, 100, 101, 2, 3], [3, 2, 101, 101, 101, 2, 3], [3, 2, 2, 2, 2, 2, 3], "
            "[3, 3, 3, 3, 3, 3, 3]]"
        ),
    }),
    *outputs("Kernel.square", "apidocs/ee-kernel-square", {
        "weights(ee.Kernel.square(1, 'pixels', False, 100))": (
            "[[100, 100, 100], [100, 100, 100], [100, 100, 100]]"
        ),
    }),
    *outputs("Kernel.square", "apidocs/ee-kernel-square", {
        "weights(ee.Kernel.square(3))": json.dumps([[0.02] * 7] * 7),
    }, digits=True),
    *outputs("Kernel.rectangle", "apidocs/ee-kernel-rectangle", {
        "weights(ee.Kernel.rectangle(2, 1))": (
            "[[0.066, 0.066, 0.066, 0.066, 0.066], [0.066, 0.066, 0.066, 0.066, 0.066], "
            "[0.066, 0.066, 0.066, 0.066, 0.066]]"
        ),
    }, digits=True),
    *outputs("Kernel.circle", "apidocs/ee-kernel-circle", {
        "weights(ee.Kernel.circle(3))": (
            "[[0, 0, 0, 0.034, 0, 0, 0], [0, 0.034, 0.034, 0.034, 0.034, 0.034, 0], "
            "[0, 0.034, 0.034, 0.034, 0.034, 0.034, 0], "
            "[0.034, 0.034, 0.034, 0.034, 0.034, 0.034, 0.034], "
            "[0, 0.034, 0.034, 0.034, 0.034, 0.034, 0], "
            "[0, 0.034, 0.034, 0.034, 0.034, 0.034, 0], [0, 0, 0, 0.034, 0, 0, 0]]"
        ),
    }, digits=True),
    *outputs("Kernel.octagon", "apidocs/ee-kernel-octagon", {
        "weights(ee.Kernel.octagon(3))": (
            "[[0, 0, 0.027, 0.027, 0.027, 0, 0], [0, 0.027, 0.027, 0.027, 0.027, 0.027, 0], "
            "[0.027, 0.027, 0.027, 0.027, 0.027, 0.027, 0.027], "
            "[0.027, 0.027, 0.027, 0.027, 0.027, 0.027, 0.027], "
            "[0.027, 0.027, 0.027, 0.027, 0.027, 0.027, 0.027], "
            "[0, 0.027, 0.027, 0.027, 0.027, 0.027, 0], [0, 0, 0.027, 0.027, 0.027, 0, 0]]"
        ),
    }, digits=True),
    *outputs("Kernel.diamond", "apidocs/ee-kernel-diamond", {
        "weights(ee.Kernel.diamond(3))": (
            "[[0, 0, 0, 0.04, 0, 0, 0], [0, 0, 0.04, 0.04, 0.04, 0, 0], "
            "[0, 0.04, 0.04, 0.04, 0.04, 0.04, 0], [0.04, 0.04, 0.04, 0.04, 0.04, 0.04, 0.04], "
            "[0, 0.04, 0.04, 0.04, 0.04, 0.04, 0], [0, 0, 0.04, 0.04, 0.04, 0, 0], "
            "[0, 0, 0, 0.04, 0, 0, 0]]"
        ),
    }, digits=True),
    *outputs("Kernel.plus", "apidocs/ee-kernel-plus", {
        "weights(ee.Kernel.plus(3))": (
            "[[0, 0, 0, 0.076, 0, 0, 0], [0, 0, 0, 0.076, 0, 0, 0], [0, 0, 0, 0.076, 0, 0, 0], "
            "[0.076, 0.076, 0.076, 0.076, 0.076, 0.076, 0.076], [0, 0, 0, 0.076, 0, 0, 0], "
            "[0, 0, 0, 0.076, 0, 0, 0], [0, 0, 0, 0.076, 0, 0, 0]]"
        ),
    }, digits=True),
    *outputs("Kernel.cross", "apidocs/ee-kernel-cross", {
        "weights(ee.Kernel.cross(3))": (
            "[[0.076, 0, 0, 0, 0, 0, 0.076], [0, 0.076, 0, 0, 0, 0.076, 0], "
            "[0, 0, 0.076, 0, 0.076, 0, 0], [0, 0, 0, 0.076, 0, 0, 0], "
            "[0, 0, 0.076, 0, 0.076, 0, 0], [0, 0.076, 0, 0, 0, 0.076, 0], "
            "[0.076, 0, 0, 0, 0, 0, 0.076]]"
        ),
    }, digits=True),
    *outputs("Kernel.gaussian", "apidocs/ee-kernel-gaussian", {
        "weights(ee.Kernel.gaussian(3))": (
            "[[0.002, 0.013, 0.021, 0.013, 0.002], [0.013, 0.059, 0.098, 0.059, 0.013], "
            "[0.021, 0.098, 0.162, 0.098, 0.021], [0.013, 0.059, 0.098, 0.059, 0.013], "
            "[0.002, 0.013, 0.021, 0.013, 0.002]]"
        ),
    }, digits=True),
    *outputs("Kernel.fixed", "apidocs/ee-kernel-fixed", {
        "weights(ee.Kernel.fixed(weights=[[4, 3, 2, 1, 2, 3, 4]] * 3))": (
            "[[4, 3, 2, 1, 2, 3, 4], [4, 3, 2, 1, 2, 3, 4], [4, 3, 2, 1, 2, 3, 4]]"
        ),
    }),
    *outputs("Kernel.laplacian4", "apidocs/ee-kernel-laplacian4", {
        "weights(ee.Kernel.laplacian4())": "[[0, 1, 0], [1, -4, 1], [0, 1, 0]]",
    }),
    *outputs("Kernel.laplacian8", "apidocs/ee-kernel-laplacian8", {
        "weights(ee.Kernel.laplacian8())": "[[1, 1, 1], [1, -8, 1], [1, 1, 1]]",
    }),
    *outputs("Kernel.sobel", "apidocs/ee-kernel-sobel", {
        "weights(ee.Kernel.sobel())": "[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]",
    }),
    *outputs("Kernel.prewitt", "apidocs/ee-kernel-prewitt", {
        "weights(ee.Kernel.prewitt())": "[[1, 0, -1], [1, 0, -1], [1, 0, -1]]",
    }),
    *outputs("Kernel.compass", "apidocs/ee-kernel-compass", {
        "weights(ee.Kernel.compass())": "[[1, 1, -1], [1, -2, -1], [1, 1, -1]]",
    }),
    *outputs("Kernel.kirsch", "apidocs/ee-kernel-kirsch", {
        "weights(ee.Kernel.kirsch())": "[[5, -3, -3], [5, 0, -3], [5, -3, -3]]",
    }),
    *outputs("Kernel.roberts", "apidocs/ee-kernel-roberts", {
        "weights(ee.Kernel.roberts())": "[[1, 0], [0, -1]]",
    }),
    *outputs("Kernel.inverse", "apidocs/ee-kernel-inverse", {
        "weights(ee.Kernel.sobel().inverse())": "[[-1, 0, 1], [-0.5, 0, 0.5], [-1, 0, 1]]",
    }),
    *outputs("Kernel.rotate", "apidocs/ee-kernel-rotate", {
        "weights(ee.Kernel.sobel().rotate(1))": "[[-1, -2, -1], [0, 0, 0], [1, 2, 1]]",
        "weights(ee.Kernel.sobel().rotate(-2))": "[[1, 0, -1], [2, 0, -2], [1, 0, -1]]",
    }),
)  # fmt: skip
