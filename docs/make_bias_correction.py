"""Measure the station reader and the bias corrections, and write the tables of their two pages.

Run ``python docs/make_bias_correction.py [--data FOLDER]``, FOLDER holding the public repositories
named in the pages (default: the folder the tests use). Real series go through the commands
``gee-sm stations`` and ``gee-sm correct``; synthetic ones through the library, because their truth
is not on file. Tables between the markers of stations.md and bias-correction.md are replaced, and
docs/figures/correct_*.png are drawn.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable
from pathlib import Path

from bias_correction_measurements.band_coverage import bands
from bias_correction_measurements.demonstration import FIGURES, cross_site, single_site
from bias_correction_measurements.real_series import core_sites, real_terms, stand_in
from bias_correction_measurements.station_records import flag_policies, station_records
from bias_correction_measurements.synthetic_networks import recovery, terms, vmd_settings
from page_parts import replace_part

DOCS = Path(__file__).resolve().parent


def main() -> None:
    """Rewrite the tables and figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("GEE_SM_SHARED_DATA", DOCS.parents[1] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=default, help="folder of the public data")
    parser.add_argument("--only", nargs="*", help="names of the tables to write")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    data = Path(arguments.data)
    FIGURES.mkdir(exist_ok=True)
    tables: dict[str, tuple[str, Callable[[], str]]] = {
        "station records": ("stations.md", lambda: station_records(data)),
        "flag policies": ("stations.md", lambda: flag_policies(data)),
        "recovery": ("bias-correction.md", recovery),
        "single site": ("bias-correction.md", single_site),
        "cross site": ("bias-correction.md", cross_site),
        "vmd settings": ("bias-correction.md", vmd_settings),
        "terms": ("bias-correction.md", terms),
        "real terms": ("bias-correction.md", lambda: real_terms(data)),
        "bands": ("bias-correction.md", lambda: bands(data)),
        "stand-in": ("bias-correction.md", lambda: stand_in(data)),
        "core sites": ("bias-correction.md", lambda: core_sites(data)),
    }
    for name, (page, make) in tables.items():
        if arguments.only and name not in arguments.only:
            continue
        _replace(DOCS / page, name, make())


def _replace(page: Path, name: str, text: str) -> None:
    begin, end = f"<!-- {name}: written by make_bias_correction.py -->", f"<!-- end of {name} -->"
    replace_part(page, begin, end, f"\n{text.rstrip()}\n")


if __name__ == "__main__":
    main()
