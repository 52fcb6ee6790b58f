"""Decision trees given as text, as R's ``rpart`` and ``tree`` print them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from gee_sm.emulator.errors import EarthEngineError

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NODE = re.compile(rf"^\s*(\d+)\)\s+(?:root|(\S+?)\s*(<=|>=|<|>|=)\s*({_NUMBER}))\s+(.*)$")
_VALUES = re.compile(rf"({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})(?:\s*\(([^)]*)\))?\s*(\*?)\s*$")


@dataclass
class Node:
    """A node: the condition that leads to it from its parent, and its value if it is a leaf."""

    number: int
    name: str | None
    operator: str | None
    threshold: float
    value: float
    leaf: bool
    children: list[Node] = field(default_factory=list)

    def meets(self, column: np.ndarray) -> np.ndarray:
        """Return where the condition holds."""
        operators = {
            "<": np.less,
            "<=": np.less_equal,
            ">": np.greater,
            ">=": np.greater_equal,
            "=": np.equal,
        }
        return operators[self.operator](column, self.threshold)


def read_trees(text: str) -> list[Node]:
    """Return the roots of the trees in a text; lines that are no nodes are passed over.

    A node is a line of its number, a condition (``root`` has none), the number of examples, their
    deviance and the value, with ``*`` at its end if it is a leaf. The children of node ``n`` have
    the numbers ``2 n`` and ``2 n + 1``.

    Raises
    ------
    EarthEngineError
        If there is no tree, or a node has no parent or no children.
    """
    trees: list[dict[int, Node]] = []
    for line in text.splitlines():
        found = _NODE.match(line)
        if found is None:
            if re.match(r"^\s*\d+\)", line):
                raise EarthEngineError(f"The line '{line.strip():.80}' is no node of a tree.")
            continue
        numbers = _VALUES.search(found[5])
        if numbers is None:
            raise EarthEngineError(
                f"The line '{line.strip():.80}' lacks count, deviance and value."
            )
        node = Node(
            int(found[1]),
            found[2],
            found[3],
            float(found[4] or 0),
            float(numbers[3]),
            numbers[5] == "*",
        )
        if node.name is None:
            trees.append({})
        if not trees:
            raise EarthEngineError(f"The tree has no root before '{line.strip():.80}'.")
        if node.number in trees[-1]:
            raise EarthEngineError(f"Node {node.number} is there twice.")
        trees[-1][node.number] = node
    if not trees:
        raise EarthEngineError(
            "There is no tree in the text: expected lines such as '1) root 10 4 1' and "
            "'2) B1< 0.5 6 1 1 *'."
        )
    return [_joined(nodes) for nodes in trees]


def _joined(nodes: dict[int, Node]) -> Node:
    for number in sorted(nodes):
        if nodes[number].name is None:
            root = nodes[number]
            continue
        parent = nodes.get(number // 2)
        if parent is None:
            raise EarthEngineError(f"Node {number} has no parent {number // 2}.")
        parent.children.append(nodes[number])
    for node in nodes.values():
        if not node.children and len(nodes) > 1:
            node.leaf = True
        if len(node.children) == 1:
            raise EarthEngineError(f"Node {node.number} has one child, expected two.")
    return root


def input_names(roots: list[Node]) -> list[str]:
    """Return the names in the conditions, in the order of their first use."""
    found: dict[str, None] = {}
    pending = list(reversed(roots))
    while pending:
        node = pending.pop()
        if node.name is not None:
            found.setdefault(node.name)
        pending.extend(reversed(node.children))
    return list(found)


class TreeEnsemble:
    """Trees that vote, or whose values are averaged."""

    def __init__(self, roots: list[Node], names: list[str]):
        self.roots = roots
        self.index = {name: i for i, name in enumerate(names)}
        leaves: set[float] = set()
        pending = list(roots)
        while pending:
            node = pending.pop()
            if not node.children:
                leaves.add(node.value)
            pending.extend(node.children)
        self.classes_ = np.array(sorted(leaves))

    def raw(self, x: np.ndarray) -> np.ndarray:
        """Return each tree's value for each row; where no child's condition holds, the node's."""
        found = np.zeros((len(x), len(self.roots)))
        for column, root in enumerate(self.roots):
            pending = [(root, np.arange(len(x)))]
            while pending:
                node, rows = pending.pop()
                found[rows, column] = node.value
                left = np.ones(len(rows), bool)
                for child in node.children:
                    here = left & child.meets(x[rows, self.index[child.name]])
                    left &= ~here
                    pending.append((child, rows[here]))
        return found

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Return the share of trees that vote for each class."""
        votes = self.raw(x)
        shares = [(votes == value).sum(axis=1) / votes.shape[1] for value in self.classes_]
        return np.stack(shares, axis=1)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the value with most votes, the smallest on ties."""
        return self.classes_[self.predict_proba(x).argmax(axis=1)]

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Return the mean of the trees' values."""
        found = np.zeros(len(x))
        for column in self.raw(x).T:
            found += column
        return found / len(self.roots)
