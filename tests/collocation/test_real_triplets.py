"""Observed products, against pytesmo, a peer service and the peers' tables."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from pytesmo.metrics import tcol_metrics

from local_core.collocation import three_cornered_hat, triple_collocation
from local_core.collocation.triplet_estimates import triplet_estimates

pytestmark = pytest.mark.realdata

# Values of the peer (pytesmo 0.18.1), as listed with the data: SNR in dB, error sd, beta.
CORE_SITES = {
    "16013601": (258, (4.5473, 0.0372, -1.8835), (0.01234, 0.02073, 0.02587), (0.7158, 0.4258)),
    "16033601": (459, (4.6720, 13.5627, 2.5967), (0.02640, 0.00949, 0.03352), (0.7500, 0.7841)),
    "16043601": (425, (8.3401, 10.5672, 0.4825), (0.01429, 0.01105, 0.03530), (0.6600, 0.7427)),
    "16073601": (361, (6.9121, -0.2161, 2.3154), (0.02345, 0.05327, 0.03980), (1.1520, 1.2242)),
    "3013602": (354, (8.4339, 6.9139, 9.7300), (0.01684, 0.02006, 0.01450), (0.6528, 0.3911)),
    "4013601": (226, (2.1035, 0.0136, 5.4911), (0.03458, 0.04399, 0.02341), (1.2666, 0.6788)),
    "48013601": (394, (9.9299, 14.8566, 8.3955), (0.02258, 0.01280, 0.02694), (1.2842, 0.8787)),
    "7013601": (439, (13.9591, 13.0904, 10.1859), (0.01833, 0.02025, 0.02830), (0.7281, 1.0843)),
    "9013601": (416, (-0.6203, 7.6791, -0.0949), (0.02476, 0.00952, 0.02330), (0.3013, 0.5586)),
}
PYBREAKS = {
    "315220": (4900, (5.9020, 5.9441, 6.2405), (2.35017, 2.33879, 2.26034), (1.1040, 0.3910)),
    "325278": (4562, (6.5300, 4.1160, 3.5149), (1.95704, 2.58403, 2.76920), (1.0898, 0.4333)),
    "388572": (4428, (4.7677, 0.8637, 3.5403), (2.73485, 4.28684, 3.14997), (1.2216, 0.3757)),
    "402962": (4668, (4.5126, 0.8538, 7.2681), (3.29878, 5.02683, 2.40202), (1.3417, 0.4018)),
    "402963": (5164, (4.5811, 1.0272, 6.5248), (3.38627, 5.09819, 2.70732), (1.3379, 0.4055)),
    "402971": (4863, (3.3361, 1.2344, 5.1715), (3.47547, 4.42692, 2.81348), (1.1723, 0.3458)),
    "431789": (4014, (7.5720, 6.4014, 5.5942), (3.21863, 3.68301, 4.04170), (1.0316, 0.3753)),
}


def check(products: np.ndarray, expected: tuple) -> None:
    n, snr, error_std, beta = expected
    result = triple_collocation(*products)
    assert int(result.n) == n
    assert (result.status == 0).all()
    np.testing.assert_allclose(result.snr_db, snr, atol=6e-5)
    np.testing.assert_allclose(result.error_std, error_std, atol=6e-6)
    np.testing.assert_allclose(result.beta[1:], beta, atol=6e-5)
    joint = products[:, np.isfinite(products).all(axis=0)]
    peer = tcol_metrics(*joint)
    np.testing.assert_allclose(result.snr_db, peer[0], rtol=1e-8)
    np.testing.assert_allclose(result.error_std, peer[1], rtol=1e-9)


@pytest.mark.parametrize("site", CORE_SITES)
def test_core_sites_of_smap(core_site_triplets, site):
    check(core_site_triplets[site], CORE_SITES[site])


@pytest.mark.parametrize("point", PYBREAKS)
def test_gldas_cci_merra2(pybreaks_triplets, point):
    check(pybreaks_triplets[point].to_numpy().T, PYBREAKS[point])


def test_the_service_qa4sm_has_the_same_identities(shared_data):
    """From one SNR of its golden file follow its other SNR, both betas and the error sd.

    QA4SM scales by mean and standard deviation first, so the covariance matrix is the correlation
    matrix times one variance. The file lacks one of the three correlations; it follows from the SNR
    of C3S. Everything else of the file must then come out.
    """
    folder = shared_data / "awst-austria__qa4sm-reader" / "tests" / "test_data" / "tc"
    golden = xr.open_dataset(next(iter(folder.glob("*.nc")))).astype(np.float64)

    def of(name: str, product: str) -> np.ndarray:
        triplet = "between_3-ERA5_LAND_and_1-C3S_and_2-ASCAT"
        return golden[f"{name}_{product}_{triplet}"].values

    r01 = golden["R_between_3-ERA5_LAND_and_1-C3S"].values
    r02 = golden["R_between_3-ERA5_LAND_and_2-ASCAT"].values
    snr = 10 ** (of("snr", "1-C3S") / 10)
    r12 = snr / (1 + snr) * r02 / r01
    one = np.ones_like(r01)
    found = triplet_estimates(np.array([[one, r01, r02], [r01, one, r12], [r02, r12, one]]))
    # Elsewhere the service took absolute values and its numbers are not tied together.
    usable = (found.error_var > 0).all(axis=0) & (found.signal_var > 0).all(axis=0)
    assert usable.sum() >= 40
    signal, error = found.signal_var[:, usable], found.error_var[:, usable]
    np.testing.assert_allclose(
        10 * np.log10(signal[2] / error[2]), of("snr", "2-ASCAT")[usable], atol=2e-3
    )
    for index, product in ((1, "1-C3S"), (2, "2-ASCAT")):
        np.testing.assert_allclose(
            found.gain[index][usable], of("beta", product)[usable], rtol=2e-4
        )
    scaled = np.abs(found.gain) * np.sqrt(np.where(usable, found.error_var, np.nan))
    np.testing.assert_allclose(
        (scaled[1] / scaled[2])[usable],
        (of("err_std", "1-C3S") / of("err_std", "2-ASCAT"))[usable],
        rtol=2e-4,
    )


def test_the_hat_needs_one_scale(pybreaks_triplets):
    """MERRA-2 is a relative wetness: unscaled, its range is taken for error."""
    frame = pybreaks_triplets["315220"]
    raw = three_cornered_hat(list(frame.to_numpy().T))
    tc = triple_collocation(*frame.to_numpy().T)
    scaled = three_cornered_hat(list((frame.to_numpy() * tc.beta.values).T))
    assert float(raw.error_std[2]) > 3 * float(scaled.error_std[2])
    np.testing.assert_allclose(scaled.error_std, tc.error_std, rtol=0.2)
