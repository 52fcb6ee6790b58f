"""How a map's time and memory grow with its region, on the emulator.

Each case runs alone in a process of its own: it maps the ascending passes of 2020 with the robust
recipe at 100 m over a quarter, a half and the whole of the sample region. Time is that of pixels
(graph, reading, filtering, writing), without starting Python and without the comparison; memory is
the peak of the process, and what of it the emulator's cache of decoded blocks holds at the end. The
cache fills up to a bound that is the same for every region (256 MB): what must not follow the
region is the peak without it. The issue asks that doubling the region doubles the time and leaves
the peak within 20 %.

Run: ``python benchmarks/bench_map.py [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from gee_sm.emulator.pixels.stored_blocks import CACHE_BYTES

RESULT = Path(__file__).parent / "results" / "map.json"
GROWS = ("seconds", "peak_mb", "peak_without_cache_mb")
WEST, SOUTH, EAST, NORTH = 92.0, 32.5, 92.1, 32.565
CASE = """
import json, resource, sys, tempfile, time
from pathlib import Path
import gee_sm
from gee_sm.emulator.pixels import stored_blocks
from gee_sm.mapping.layers import pull_map
from gee_sm.mapping import run

seconds = []
original = pull_map
def timed(*arguments, **options):
    start = time.perf_counter()
    found = original(*arguments, **options)
    seconds.append(time.perf_counter() - start)
    return found
run.pull_map = timed
region = tuple(float(v) for v in sys.argv[2].split(","))
with tempfile.TemporaryDirectory() as out:
    gee_sm.map(emulator=sys.argv[1], region=region, orbit="A", out=out, compare=False,
               recipe=sys.argv[3], progress=False)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
cache = stored_blocks.held_bytes() / 2**20
print(json.dumps({"seconds": sum(seconds), "peak_mb": peak, "cache_mb": cache,
                  "peak_without_cache_mb": peak - cache}))
"""


def _measure(catalog: Path, share: float, recipe: str) -> dict[str, float]:
    east = WEST + (EAST - WEST) * min(1.0, 2 * share)
    north = SOUTH + (NORTH - SOUTH) * min(1.0, max(0.5, share))
    if share == 0.5:
        north = NORTH
        east = WEST + (EAST - WEST) / 2
    region = f"{WEST},{SOUTH},{east},{north}"
    done = subprocess.run(
        [sys.executable, "-c", CASE, str(catalog), region, recipe],
        check=True,
        capture_output=True,
        text=True,
    )
    return {"share_of_region": share, **json.loads(done.stdout.splitlines()[-1])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the paper's recipe, which is faster")
    quick = parser.parse_args().quick
    recipe = "li2025" if quick else "robust"
    with tempfile.TemporaryDirectory() as folder:
        from gee_sm import sample

        catalog = sample.write(Path(folder) / "sample", parts=("scenes",))
        cases = [_measure(catalog, share, recipe) for share in (0.25, 0.5, 1.0)]
    print(f"recipe {recipe}, 100 m, {os.cpu_count()} cores, Python {platform.python_version()}")
    heads = "share", "seconds", "x before", "peak MB", "x before", "cache MB", "rest", "x before"
    print("".join(f"{head:>10}" for head in heads))
    before = None
    for case in cases:
        ratios = {key: case[key] / before[key] if before else float("nan") for key in GROWS}
        print(
            f"{case['share_of_region']:10.2f}{case['seconds']:10.1f}{ratios['seconds']:10.2f}"
            f"{case['peak_mb']:10.0f}{ratios['peak_mb']:10.2f}{case['cache_mb']:10.0f}"
            f"{case['peak_without_cache_mb']:10.0f}{ratios['peak_without_cache_mb']:10.2f}"
        )
        before = case
    if not quick:
        RESULT.parent.mkdir(exist_ok=True)
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
        found = {"machine": machine, "cache_bound_mb": CACHE_BYTES / 2**20, "cases": cases}
        RESULT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
