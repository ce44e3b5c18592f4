"""The measures against golden values, which were computed apart from the measures by the published definitions.

Those of synthetic pairs stand in ``golden.json``; ``golden.py`` says how they were made. More are beside the checkout.
"""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from srsat_qgis.core.metrics.arrays import score_arrays
from tests.core.metrics.golden import GOLDEN, pairs

SYNTHETIC = ("uint8_blurred", "uint16_12bit_moved", "zero_block", "identical", "constant_offset", "one_band")
SHARED = (
    "A_uint8_rgb_128",
    "B_uint16_12bit_6b_96",
    "C_smooth_blur_96x160",
    "E1_B_with_zero_block",
    "E2_identical",
    "E3_constant_offset",
    "E4_gray2d",
)
BY_BAND = {
    "rmse": "rmse_per_band",
    "mae": "mae_per_band",
    "bias": "bias_per_band",
    "cc": "cc_per_band",
    "psnr": "psnr_per_band",
    "ssim": "ssim_wang_gauss11_valid_per_band",
    "uiq": "uiq_wang_box8_per_band",
    "sre": "sre_lanaras_per_band_db",
    "fsim": "fsim_zhang_per_band_F1",
}
POOLED = {
    "rmse": "rmse_global",
    "psnr": "psnr_global",
    "ergas": "ergas_scale4",
    "cpsnr": "cpsnr_border3",
    "sam": "sam_deg_zero_vectors_excluded",
}
# Its noise is the median of a histogram of energies, theirs that of the energies.
LOOSER = {"fsim": 5e-5}


@pytest.fixture(name="golden", params=(*SYNTHETIC, *SHARED), scope="module")
def _golden(request):
    if request.param in SYNTHETIC:
        values = json.loads(GOLDEN.read_text(encoding="utf-8"))[request.param]
        reference, test, _ = pairs()[request.param]
        return request.param, values, reference, test
    folder = request.getfixturevalue("shared_data").parent / "metrics"
    if not folder.is_dir():
        pytest.skip(f"no golden values: {folder} does not exist")
    values = json.loads((folder / "golden_defs.json").read_text(encoding="utf-8"))[request.param]
    with np.load(folder / f"{request.param}.npz") as images:
        reference, test = (np.atleast_3d(images[key]).transpose(2, 0, 1) for key in ("ref", "sr"))
    return request.param, values, np.ascontiguousarray(reference), np.ascontiguousarray(test)


def scores(golden, dtype=None):
    _, values, reference, test = golden
    images = (image if dtype is None else image.astype(dtype) for image in (reference, test))
    reference, test = images
    keys = sorted({*BY_BAND, *POOLED})
    return score_arrays(test, reference=reference, keys=keys, data_range=values["data_range"], scale=4)


def agrees(value, wanted, tolerance=1e-6):
    wanted = float(wanted)
    if math.isnan(wanted):
        return value is None
    if math.isinf(wanted):
        return value == math.inf
    return value is not None and value == pytest.approx(wanted, abs=tolerance, rel=0)


@pytest.mark.parametrize("dtype", [None, np.float32])
def test_every_golden_value_comes_out_of_integers_and_of_floats(golden, dtype):
    name, values, *_ = golden
    found = scores(golden, dtype)
    for key, gold in BY_BAND.items():
        tolerance = LOOSER.get(key, 1e-6)
        pairs = list(zip(found[key].per_band, values[gold]))
        assert len(pairs) == len(values[gold])
        assert all(agrees(value, wanted, tolerance) for value, wanted in pairs), (key, pairs)
    for key, gold in POOLED.items():
        if (name, key) == ("E3_constant_offset", "cpsnr"):
            # An error that is the same everywhere is bias alone: infinite, where rounding left the golden one 316 dB.
            assert found[key].value == math.inf
        elif gold in values:
            assert agrees(found[key].value, values[gold]), (key, found[key], values[gold])


def test_means_over_bands_are_those_of_the_golden_bands(golden):
    _, values, *_ = golden
    found = scores(golden)
    for key in ("ssim", "uiq"):
        assert found[key].value == pytest.approx(np.mean(values[BY_BAND[key]]), abs=1e-6)


def test_zero_vectors_are_left_out_of_the_spectral_angle_and_counted(golden):
    _, values, *_ = golden
    found = scores(golden)["sam"]
    assert found.facts.get("zero_pixels", 0) == values.get("sam_excluded_pixels", 0)


def test_consistency_with_the_area_mean_of_the_reference_is_the_golden_one(golden):
    _, values, reference, test = golden
    rows, cols = (side // 2 for side in reference.shape[1:])
    coarse = reference.reshape(-1, rows, 2, cols, 2).mean(axis=(2, 4))
    found = score_arrays(test, lowres=coarse, keys=("lr_consistency",), data_range=255)["lr_consistency"]
    assert found.per_band == pytest.approx(values["consistency_box2_mae_per_band"], abs=1e-6)
