"""Write the table of docs/coarse-products.md from the catalog.

Run ``python docs/make_coarse_products.py`` after a change of the catalog.
"""

from __future__ import annotations

import os
from pathlib import Path

from gee_sm.catalog import DATASETS, PRODUCTS
from gee_sm.catalog.product import Product
from gee_sm.catalog.user_supplied import INSTEAD

PAGE = Path(__file__).with_name("coarse-products.md")
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def _length(days: float) -> str:
    if days == 0:
        return "does not change"
    if days < 1:
        return f"{days * 24:g} h"
    return {1.0: "day", 31.0: "month", 366.0: "year"}.get(days, f"{days:g} days")


def _bands(entry: Product) -> str:
    by_unit: dict[str, list[str]] = {}
    for variable in entry.variables:
        unit = f"{variable.unit}, sum" if variable.kind == "total" else variable.unit
        by_unit.setdefault(unit, []).append(f"`{variable.name}`")
    return "; ".join(f"{', '.join(names)} ({unit})" for unit, names in by_unit.items())


def _row(entry: Product) -> str:
    if entry.user_supplied:
        source = f"not in Earth Engine: supply {entry.user_supplied}"
    else:
        source = "; ".join(
            f"`{s.id}` {s.start} to {s.end or 'now'}" if entry.period_days else f"`{s.id}`"
            for s in entry.sources
        )
    notes = [s.note for s in entry.sources if s.note]
    cells = [
        f"`{entry.name}`",
        source,
        _bands(entry),
        f"{_length(entry.period_days)}, {entry.sources[0].native_scale_m:g} m",
        entry.quality,
        "; ".join(dict.fromkeys(notes)),
    ]
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """Return the tables of products, of what stands in for others, and of superseded ids."""
    lines = [
        "| name | data set and period | bands (unit) | period, pixel | quality rule | mind |",
        "|---|---|---|---|---|---|",
        *(_row(entry) for entry in PRODUCTS.values()),
        "",
        "Not in Earth Engine, and nothing reads them:",
        "",
        "| name | instead |",
        "|---|---|",
        *(f"| `{name}` | {text} |" for name, text in INSTEAD.items()),
        "",
        "Superseded ids warn (`DeprecatedDatasetWarning`) and name their successor:",
        "",
        "| id | successor |",
        "|---|---|",
        *(f"| `{s.id}` | `{s.successor}` |" for s in DATASETS.values() if s.successor),
    ]
    return "\n".join(lines)


def main() -> None:
    """Replace the table of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    partial = PAGE.with_suffix(".partial")
    partial.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")
    os.replace(partial, PAGE)


if __name__ == "__main__":
    main()
