"""What the emulator assumes of arrays."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

ARRAYS = Section(
    "Arrays",
    (
        "Integer arrays stay integer, their powers are 32-bit floats, and casts round half "
        "up: all printed in the reference."
    ),
    (
        Assumption(
            "Array.atan2",
            "Like powers, atan2, hypot and gammainc of integers are 32-bit floats.",
            "ee.Array([1]).hypot([1])",
            "[1.4142135381698608]",
        ),
        Assumption(
            "Array.sin",
            "Functions of one integer array are doubles.",
            "ee.Array([1]).sin()",
            "[0.8414709848078965]",
        ),
        Assumption(
            "Array.add",
            (
                "Only a number without dimensions is spread over an array; other shapes must be "
                "equal."
            ),
            "ee.Array([1, 2]).add(ee.Array([1]))",
            "error: Array.add: Arrays must have the same lengths on all axes, got [2] and [1].",
        ),
        Assumption(
            "Array.eigen",
            (
                "The largest component of an eigenvector is positive; the library that the service "
                "names has other signs."
            ),
            "ee.Array([[0, 1], [1, 0]]).eigen()",
            (
                "[[1.0, 0.7071067811865475, 0.7071067811865475], [-1.0, 0.7071067811865475, "
                "-0.7071067811865475]]"
            ),
        ),
        Assumption(
            "Array.eigen",
            "Complex eigenvalues are an error.",
            "ee.Array([[0, -1], [1, 0]]).eigen()",
            "error: Array.eigen: The matrix has complex eigenvalues.",
        ),
        Assumption(
            "Array.matrixQRDecomposition",
            "Q is square.",
            "ee.Array([[3], [4]]).matrixQRDecomposition().getArray('Q').length()",
            "[2, 2]",
        ),
        Assumption(
            "Array.matrixSingularValueDecomposition",
            "U and V are square, S has the shape of the input.",
            "ee.Array([[3], [4]]).matrixSingularValueDecomposition().getArray('S').length()",
            "[2, 1]",
        ),
        Assumption(
            "Array.matrixSolve",
            "A singular matrix is an error of these words.",
            "ee.Array([[1, 2], [2, 4]]).matrixSolve([[1], [1]])",
            "error: Array.matrixSolve: The matrix is singular.",
        ),
        Assumption(
            "Array.transpose",
            "A missing axis has length 1.",
            "ee.Array([1, 2]).transpose()",
            "[[1, 2]]",
        ),
        Assumption(
            "Array.get",
            "Negative positions are outside.",
            "ee.Array([1, 2]).get([-1])",
            "error: Array.get: The position [-1] is outside of an array of lengths [2].",
        ),
        Assumption(
            "Array.bitsToArray",
            "The lowest bit comes first.",
            "ee.Array.bitsToArray(6)",
            "[0, 1, 1]",
        ),
    ),
)
