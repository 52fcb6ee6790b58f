"""numba is optional: the same answers without it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from local_core.vmd import decompose

SCRIPT = """
import sys
sys.modules["numba"] = None
import numpy as np
from local_core.vmd import decompose
result = decompose(np.load(sys.argv[1]))
np.save(sys.argv[2], result.modes)
"""


def test_default_backend_falls_back_to_numpy(differences, tmp_path):
    series = differences(3, 1096, seed=60)
    np.save(tmp_path / "series.npy", series)
    subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "series.npy", tmp_path / "modes.npy"],
        check=True,
        capture_output=True,
    )
    modes = np.load(tmp_path / "modes.npy")
    np.testing.assert_allclose(modes, decompose(series, backend="numba").modes, atol=1e-9)


def test_importing_the_package_loads_no_numba():
    code = "import sys, local_core.vmd; sys.exit('numba' in sys.modules or 'vmdpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
