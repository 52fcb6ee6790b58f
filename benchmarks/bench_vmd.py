"""Variational mode decomposition: speed and memory against vmdpy and vmdrs-py, in one run.

Every case runs alone in a process of its own. Peers decompose one series a call and are timed on a
subset of the same series; their time for all series is that of the subset times the ratio of the
passes (known, as counts are equal), and marked "x<ratio>". numpy alone is timed on a subset of
series, too. Run it as ``python benchmarks/bench_vmd.py`` (``--quick`` for a short look).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import lfilter

RESULTS = Path(__file__).parent / "results" / "vmd.json"
N_TIMES, N_MODES = 3650, 5
# The settings of vmdpy's own example, on which all peers agree.
ALPHA, TOL = 2000.0, 1e-7
LITERATURE: dict[str, Any] = {"alpha": ALPHA, "init": "uniform", "dc": False, "tol": TOL}
COMPAT: dict[str, Any] = {**LITERATURE, "compat": True}
PLAIN: dict[str, Any] = {**LITERATURE, "accelerate": False}
YEAR = 365.25


def differences(n_series: int) -> NDArray[np.float64]:
    """Daily differences of in-situ and modelled soil moisture [m3 m-3], (series, time)."""
    rng = np.random.default_rng(2022)
    days = np.arange(N_TIMES)
    series = np.empty((n_series, N_TIMES))
    for row in series:
        memory = np.exp(-1 / rng.uniform(5, 40))
        red = lfilter([np.sqrt(1 - memory**2)], [1, -memory], rng.standard_normal(N_TIMES + 500))
        cycle = 2 * np.pi * days / YEAR
        row[:] = rng.uniform(-0.4, 0.0) + rng.uniform(-0.004, 0.004) * days / YEAR
        row += rng.uniform(0.01, 0.08) * np.sin(cycle + rng.uniform(0, 6))
        row += rng.uniform(0.0, 0.02) * np.sin(2 * cycle + rng.uniform(0, 6))
        row += rng.uniform(0.005, 0.03) * red[500:] + 0.005 * rng.standard_normal(N_TIMES)
    return series


class Cost(NamedTuple):
    """What the quickest of some repeats took."""

    seconds: float
    """Wall clock."""
    cpu_seconds: float
    """Processor time of all threads, which other work on the machine disturbs less."""
    peak_mb: float
    """Peak of the resident set above what it was at the start."""


def measured(work: Callable[[], Any], repeats: int) -> tuple[Any, Cost]:
    """Result of the work and its cost."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmRSS")
    times, result = [], None
    for _ in range(repeats):
        result = None
        start, cpu_start = time.perf_counter(), time.process_time()
        result = work()
        times.append((time.perf_counter() - start, time.process_time() - cpu_start))
    return result, Cost(*min(times), _resident("VmHWM") - before)


def _resident(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_vmdpy(n_series: int, repeats: int) -> dict[str, Any]:
    from vmdpy import VMD

    series = differences(n_series)
    runs, cost = measured(
        lambda: [VMD(row, ALPHA, 0.0, N_MODES, 0, 1, TOL) for row in series], repeats
    )
    return {**cost._asdict(), "n_iter": [len(run[2]) for run in runs]}


def run_vmdrs(n_series: int, repeats: int) -> dict[str, Any]:
    from vmdrs_py import VMD

    series = differences(n_series)
    runs, cost = measured(
        lambda: [VMD(row, ALPHA, 0.0, N_MODES, 0, 1, TOL) for row in series], repeats
    )
    return {**cost._asdict(), "n_iter": [len(run[2]) for run in runs]}


def run_ours(n_series: int, repeats: int, **options: Any) -> dict[str, Any]:
    from local_core.vmd import decompose

    series = differences(n_series)
    decompose(series[:2], **options)  # Compiled code is loaded before the clock starts.
    result, cost = measured(lambda: decompose(series, **options), repeats)
    return {
        **cost._asdict(),
        "modes_mb": result.modes.nbytes / 2**20,
        "n_iter": result.n_iter.tolist(),
        "converged": float(result.converged.mean()),
        "annual": float(result.annual_mode_found.mean()),
    }


def run_ours_without_numba(n_series: int, repeats: int, **options: Any) -> dict[str, Any]:
    sys.modules["numba"] = None  # type: ignore[assignment]
    return run_ours(n_series, repeats, **options)


def run_floor(n_series: int, repeats: int) -> dict[str, Any]:
    """What the parts of the work cost that no formulation of the plain passes avoids."""
    from numba import njit

    from local_core.vmd import kernels

    @njit(fastmath=True, error_model="numpy")
    def divisions(values: NDArray[np.floating], times: int) -> float:
        total = values.dtype.type(0)
        shift = values.dtype.type(1)
        for _ in range(times):
            shift += values.dtype.type(1e-3)
            for j in range(values.size):
                total += values[j] / (shift + values[j])
        return total

    out: dict[str, Any] = {}
    for name, dtype in (("float64", np.float64), ("float32", np.float32)):
        values = np.linspace(0, 1, N_TIMES).astype(dtype)
        divisions(values, 2)
        _, cost = measured(lambda values=values: divisions(values, 20_000), repeats)
        out[f"division_ns_{name}"] = cost.cpu_seconds / (20_000 * N_TIMES) * 1e9
        spectrum = fft.dct(differences(1)[0]).astype(dtype)
        bins = (np.sqrt(ALPHA) * np.arange(N_TIMES) / (2 * N_TIMES)).astype(dtype)
        scratch = np.zeros((2, N_MODES, N_TIMES), dtype=dtype)

        def passes(
            dtype: type = dtype,
            spectrum: NDArray = spectrum,
            bins: NDArray = bins,
            scratch: NDArray = scratch,
        ) -> None:
            scratch[:] = 0
            centers = np.sqrt(ALPHA) * 0.1 * np.arange(N_MODES)
            kernels.passes(
                spectrum, bins, centers, centers.copy(), *scratch, 0.0, 0, 1.0, 0.0, -1.0, 1, 2000
            )

        passes()
        _, cost = measured(passes, repeats)
        out[f"update_ns_{name}"] = cost.cpu_seconds / (2000 * N_TIMES * N_MODES) * 1e9
    series = differences(n_series)

    def transforms() -> None:
        for row in series:
            modes = np.repeat(fft.dct(row)[None], N_MODES, axis=0)
            fft.idct(modes, axis=-1, overwrite_x=True)

    _, cost = measured(transforms, repeats)
    out["transforms_ms_per_series"] = cost.cpu_seconds / n_series * 1e3

    def first_touch() -> NDArray[np.float64]:
        modes = np.empty((1000, N_MODES, N_TIMES))
        modes.fill(0.0)
        return modes

    _, cost = measured(first_touch, repeats)
    out["first_touch_ms_per_series"] = cost.cpu_seconds
    return out


def run_accuracy(n_series: int, repeats: int) -> dict[str, Any]:
    """How far the results are from vmdpy's and from the fixed point of the passes."""
    from local_core.vmd import decompose

    series = differences(n_series)
    peer = decompose(series, **COMPAT, backend="vmdpy")
    compat = decompose(series, **COMPAT)
    end = decompose(series, **{**PLAIN, "tol": 1e-24, "max_iter": 50_000})
    fast = decompose(series, **LITERATURE)
    single = decompose(series, **LITERATURE, dtype=np.float32)
    size = series.std(axis=-1)[:, None, None]

    def largest(one: Any, other: Any) -> float:
        return float((np.abs(one.modes - other.modes) / size).max())

    return {
        "compat_minus_vmdpy": float(np.abs(compat.modes - peer.modes).max()),
        "equal_counts": bool((compat.n_iter == peer.n_iter).all()),
        "vmdpy_at_cap": float((peer.n_iter == 499).mean()),
        "passes_to_fixed_point": float(end.n_iter.mean()),
        "passes_accelerated": float(fast.n_iter.mean()),
        "vmdpy_from_fixed_point_sd": largest(peer, end),
        "accelerated_from_fixed_point_sd": largest(fast, end),
        "float32_from_fixed_point_sd": largest(single, end),
        "repeats": repeats,
    }


CASES: dict[str, tuple[Callable[..., dict[str, Any]], dict[str, Any]]] = {
    "vmdpy": (run_vmdpy, {}),
    "vmdrs-py": (run_vmdrs, {}),
    "compat, numba": (run_ours, {**COMPAT, "backend": "numba"}),
    "compat, numba, 1 thread": (run_ours, {**COMPAT, "backend": "numba", "n_threads": 1}),
    "compat, numba, float32": (run_ours, {**COMPAT, "backend": "numba", "dtype": "float32"}),
    "compat, numpy": (run_ours_without_numba, COMPAT),
    "fixed point, numba": (run_ours, {**LITERATURE, "backend": "numba"}),
    "fixed point, numba, float32": (
        run_ours,
        {**LITERATURE, "backend": "numba", "dtype": "float32"},
    ),
    "fixed point, numpy": (run_ours_without_numba, LITERATURE),
    "default, numba": (run_ours, {"backend": "numba"}),
    "default, numba, 1 thread": (run_ours, {"backend": "numba", "n_threads": 1}),
    "default, numba, float32": (run_ours, {"backend": "numba", "dtype": "float32"}),
    "default, numpy": (run_ours_without_numba, {}),
    "floor": (run_floor, {}),
    "accuracy": (run_accuracy, {}),
}
REMARKS = {
    "vmdpy": "the peer and the reference, one core",
    "vmdrs-py": "the peer in Rust, one core",
    "compat": "the passes, stop and cap of vmdpy",
    "fixed point": "same alpha and start, carried on to the fixed point",
    "default": "the settings for year and trend, which peers do not have: ratios for scale only",
}


def run_case(name: str, n_series: int, repeats: int) -> dict[str, Any]:
    """Run a case alone in a child process."""
    command = [sys.executable, __file__, "--case", name, "--series", str(n_series)]
    command += ["--repeats", str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    packages = ("numpy", "scipy", "numba", "vmdpy", "vmdrs-py")
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
    }


def measure(quick: bool) -> dict[str, Any]:
    """Run all cases."""
    n_series = 100 if quick else 1000
    few = 4 if quick else 20
    sizes = {"vmdpy": few, "vmdrs-py": 3 * few, "accuracy": few, "floor": few}
    report: dict[str, Any] = {"machine": machine(), "n_series": n_series, "cases": {}}
    for name in CASES:
        size = sizes.get(name, 5 * few if name.endswith("numpy") else n_series)
        repeats = 1 if name in ("accuracy", "vmdpy") or quick else 3
        case = {"series": size, "repeats": repeats, **run_case(name, size, repeats)}
        if "n_iter" in case:
            case["mean_n_iter"] = float(np.mean(case.pop("n_iter")))
        report["cases"][name] = case
        print(f"  {name} done", file=sys.stderr, flush=True)
    passes = n_series * report["cases"]["compat, numba"]["mean_n_iter"]
    for name, case in report["cases"].items():
        if "seconds" in case:
            case["factor"] = n_series / case["series"]
            if name in ("vmdpy", "vmdrs-py"):
                case["factor"] = passes / (case["series"] * case["mean_n_iter"])
            for field in ("seconds", "cpu_seconds"):
                case[f"{field}_all"] = case[field] * case["factor"]
    return report


def table(report: dict[str, Any]) -> str:
    """Lay the report out as text."""
    cases, n_series = report["cases"], report["n_series"]
    peer, rust = cases["vmdpy"], cases["vmdrs-py"]
    lines = [
        f"{n_series} series of {N_TIMES} days, {N_MODES} modes",
        ", ".join(f"{key} {value}" for key, value in report["machine"].items()),
        "",
        f"{'':<28} {'seconds':>19} {'':>16} {'vmdpy / case':>17} {'vmdrs / case':>17} "
        f"{'peak /':>8}",
        f"{'case':<28} {'wall':>9} {'cpu':>9} {'run':>8} {'passes':>7} {'wall':>8} {'cpu':>8} "
        f"{'wall':>8} {'cpu':>8} {'modes':>8}  remark",
    ]
    for name, case in cases.items():
        if "seconds_all" not in case:
            continue
        seconds, cpu = case["seconds_all"], case["cpu_seconds_all"]
        run = "whole" if case["factor"] == 1 else f"x{case['factor']:.1f}"
        memory = f"{case['peak_mb'] / case['modes_mb']:.2f}" if "modes_mb" in case else "-"
        remark = REMARKS.get(name, REMARKS.get(name.split(",")[0], ""))
        lines.append(
            f"{name:<28} {seconds:>9.3f} {cpu:>9.3f} {run:>8} {case['mean_n_iter']:>7.1f} "
            f"{peer['seconds_all'] / seconds:>8.1f} {peer['cpu_seconds_all'] / cpu:>8.1f} "
            f"{rust['seconds_all'] / seconds:>8.1f} {rust['cpu_seconds_all'] / cpu:>8.1f} "
            f"{memory:>8}  {remark}"
        )
    floor, accuracy = cases["floor"], cases["accuracy"]
    lines += ["", "Floor (processor time, one thread)"]
    for kind in ("float64", "float32"):
        division, update = floor[f"division_ns_{kind}"], floor[f"update_ns_{kind}"]
        lines.append(
            f"  {kind}: a division {division:.3f} ns; an update of a mode at a bin (a division and "
            f"13 other operations) {update:.3f} ns, {update / division:.2f} times the division"
        )
    lines += [
        f"  cosine transforms there and back: {floor['transforms_ms_per_series']:.3f} ms a series",
        "  writing the modes to fresh memory: "
        f"{floor['first_touch_ms_per_series']:.3f} ms a series",
    ]
    for name in ("compat, numba, 1 thread", "default, numba, 1 thread"):
        case = cases[name]
        divisions = case["mean_n_iter"] * N_MODES * N_TIMES * floor["division_ns_float64"] * 1e-6
        least = divisions + floor["transforms_ms_per_series"] + floor["first_touch_ms_per_series"]
        spent = case["cpu_seconds_all"] / n_series * 1e3
        lines.append(
            f"  {name}: {spent:.3f} ms a series, {spent / least:.2f} times the floor of its "
            f"{case['mean_n_iter']:.0f} passes ({least:.3f} ms)"
        )
    lines += [
        "",
        f"Accuracy ({accuracy['series']} series)",
        f"  compat minus vmdpy: at most {accuracy['compat_minus_vmdpy']:.1e} m3 m-3, counts "
        f"{'equal' if accuracy['equal_counts'] else 'NOT equal'}; "
        f"{accuracy['vmdpy_at_cap']:.0%} of the series end at vmdpy's cap of 499",
        f"  passes to the fixed point: {accuracy['passes_to_fixed_point']:.0f} plain, "
        f"{accuracy['passes_accelerated']:.0f} accelerated",
        "  largest distance to the fixed point, in standard deviations of the series: vmdpy "
        f"{accuracy['vmdpy_from_fixed_point_sd']:.1e}, accelerated "
        f"{accuracy['accelerated_from_fixed_point_sd']:.1e}, in float32 "
        f"{accuracy['float32_from_fixed_point_sd']:.1e}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the series")
    parser.add_argument("--case", choices=sorted(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--series", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        import warnings

        warnings.simplefilter("ignore")
        work, options = CASES[arguments.case]
        print(json.dumps(work(arguments.series, arguments.repeats, **options)))
        return
    report = measure(arguments.quick)
    print(table(report))
    if not arguments.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        part = RESULTS.with_suffix(".part")
        part.write_text(json.dumps(report, indent=2) + "\n")
        os.replace(part, RESULTS)


if __name__ == "__main__":
    main()
