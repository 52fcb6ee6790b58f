"""Write ``emulator-coverage.md``: what the emulator has, and what of it was checked.

Run from anywhere: ``python docs/make_emulator_coverage.py``. ``--check`` writes nothing and fails
if the page is not what would be written.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pandas as pd

from gee_sm.emulator.documented import OUTPUTS, DocumentedOutput
from gee_sm.emulator.documented.coverage import ClassCoverage, FunctionCoverage, coverage
from gee_sm.emulator.signatures import signatures
from local_core.markdown_table import markdown_table

PAGE = Path(__file__).parent / "emulator-coverage.md"

HEAD = """\
# What the emulator has of Earth Engine

Made by `python docs/make_emulator_coverage.py` from the functions that are registered, the
signature list in the client's wheel, and `gee_sm/emulator/documented`; `gee-sm emulator coverage`
prints the same, `--class Image` lists the functions of a class one by one.

The client's list has {listed} functions. {internal} of them it marks as hidden: parts of the
service's own machinery, such as `SelectorSet` and `ReduceRegion.AggregationContainer`, tests,
retired functions, and older spellings, such as `bitwise_and`. The reference leaves them out. They
are counted apart; {internal_implemented} are there. Of the {official} public ones the emulator has
{implemented}.

A documented output is what a public page says that an expression gives, where no stored data set
is needed. {printed} are printed beside the code of a sample or in a guide; {stated} are stated in
words there, as that a splice removes the third element, or that the first collection of a merger
gets the prefix 1_; {recorded} were recorded from the live service in public repositories. They
concern {functions} functions: for the others no output that could be checked
here was found, mostly because the samples show maps or use Google's data. The expressions are our
own; a test puts all of them to the emulator through the client. It gives {agreeing} of
{outputs} ({share:.1f} %). Numbers that are cut or rounded in print agree when they are within one
unit of the last printed digit, all others to the rounding of 64 bits.
"""


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _classes(rows: tuple[ClassCoverage, ...]) -> str:
    return markdown_table(
        pd.DataFrame(
            {
                "class": [row.name for row in rows],
                "implemented": [f"{row.implemented}" for row in rows],
                "in the reference": [f"{len(row.public)}" for row in rows],
                "documented outputs": [f"{len(row.outputs) or ''}" for row in rows],
                "agreeing": [f"{row.agreeing if row.outputs else ''}" for row in rows],
                "%": [
                    f"{100 * row.agreeing / len(row.outputs):.1f}" if row.outputs else ""
                    for row in rows
                ],
            }
        )
    )


def _disagreements(rows: list[DocumentedOutput]) -> str:
    return markdown_table(
        pd.DataFrame(
            {
                "function": [row.function for row in rows],
                "expression": [_code(row.expression) for row in rows],
                "documented": [f"[{_code(row.output)}]({row.address})" for row in rows],
                "why the emulator differs": [row.disagrees for row in rows],
            }
        )
    )


def _absent(rows: tuple[ClassCoverage, ...]) -> str:
    names: dict[str, list[str]] = {}
    for item in (item for row in rows for item in row.functions if item.state == "not there"):
        names.setdefault(item.remark, []).append(item.name)
    return markdown_table(
        pd.DataFrame(
            {
                "functions": [", ".join(group) for group in names.values()],
                "why, or what instead": list(names),
            }
        )
    )


def _names(title: str, items: list[FunctionCoverage]) -> str:
    return textwrap.fill(f"{title}: {', '.join(item.name for item in items)}.", 100) + "\n"


def page() -> str:
    """Return the whole page."""
    rows = coverage()
    public = tuple(row for row in rows if row.public)
    functions = [item for row in rows for item in row.functions]
    hidden = [item for item in functions if item.internal]
    sources = Counter(row.source for row in OUTPUTS)
    agreeing = sum(row.agreeing for row in rows)
    head = HEAD.format(
        listed=len(signatures()),
        internal=len(hidden),
        internal_implemented=sum(item.implemented for item in hidden),
        official=len(functions) - len(hidden),
        implemented=sum(row.implemented for row in rows),
        functions=len({row.function for row in OUTPUTS}),
        agreeing=agreeing,
        outputs=len(OUTPUTS),
        share=100 * agreeing / len(OUTPUTS),
        **sources,
    )
    head = "\n\n".join(textwrap.fill(part, 100) for part in head.split("\n\n")) + "\n"
    return "\n".join(
        [
            head,
            "## Class by class\n",
            _classes(public).strip() + "\n",
            "## Where documented outputs disagree\n",
            _disagreements([row for row in OUTPUTS if row.disagrees]).strip() + "\n",
            "## Public functions that are not there\n",
            _absent(rows).strip() + "\n",
            "## Functions that the service lists for itself\n",
            _names("There", [item for item in hidden if item.implemented]),
            _names("Not there", [item for item in hidden if not item.implemented]),
        ]
    )


def main() -> None:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    if parser.parse_args().check:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE.name} is out of date")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
