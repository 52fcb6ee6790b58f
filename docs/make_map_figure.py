"""Draw the picture of the README: the sample region mapped, beside its truth.

Run from anywhere: ``python docs/make_map_figure.py``. It writes the sample of the default seed into
a temporary folder, maps its ascending passes with the defaults, and keeps the quick look.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import gee_sm
from gee_sm import sample

FIGURE = Path(__file__).parent / "figures" / "map_sample.png"


def main() -> None:
    """Write the figure."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "sample"
        sample.write(catalog, parts=("scenes",))
        result = gee_sm.map(emulator=catalog, orbit="A", out=Path(folder) / "maps", compare=False)
        picture = result.maps[0].with_suffix(".png")
        FIGURE.parent.mkdir(exist_ok=True)
        shutil.copy(picture, FIGURE)


if __name__ == "__main__":
    main()
