"""Write the table of docs/local-products.md from the descriptions of the products' files.

Run ``python docs/make_local_products.py`` after a change of local_core/gridded/products.py.
"""

from __future__ import annotations

import os
from pathlib import Path

from local_core.gridded import PRODUCTS

PAGE = Path(__file__).with_name("local-products.md")
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def table() -> str:
    """Return the table of products, their files and their variables."""
    lines = ["| name | files | our variable (unit) | in the files |", "|---|---|---|---|"]
    for product in PRODUCTS.values():
        flags = ", ".join(f"`{rule.flag}`" for rule in product.flags)
        title = f"{product.title}; quality by {flags}" if flags else product.title
        for i, variable in enumerate(product.variables):
            name = f"`{product.name}` | {title}" if i == 0 else " | "
            stored = ", ".join(f"`{s}`" for s in variable.stored) or f"`{variable.name}`"
            lines.append(f"| {name} | `{variable.name}` ({variable.unit}) | {stored} |")
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
