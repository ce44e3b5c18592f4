"""The similarity measures against the libraries of the field, where these are right, and how far apart else.

Here because torchmetrics needs PyTorch; the measures themselves need numpy alone. piq is not among them: it needs a
torchvision, which is bound to one release of PyTorch.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.colour_measures import ciede2000, lab
from tests.measures import arrays

torch = pytest.importorskip("torch")
skimage = pytest.importorskip("skimage.metrics")
sewar = pytest.importorskip("sewar.full_ref")
functional = pytest.importorskip("torchmetrics.functional")
image_functional = pytest.importorskip("torchmetrics.functional.image")


@pytest.fixture(name="images", scope="module")
def _images():
    """Three bands of 8-bit texture and the same with noise, shape (bands, rows, cols)."""
    random = np.random.RandomState(8)
    coarse = random.randint(40, 200, (3, 24, 30)).repeat(4, axis=1).repeat(4, axis=2)
    truth = coarse + random.randint(-25, 26, coarse.shape)
    test = truth + random.randint(-12, 15, truth.shape)
    return tuple(np.clip(image, 1, 255).astype(np.uint8) for image in (truth, test))


def tensors(images):
    return [torch.from_numpy(image.astype(np.float64))[None] for image in images]


def last(image):
    """Return (rows, cols, bands), as sewar wants it."""
    return np.ascontiguousarray(image.transpose(1, 2, 0))


def test_psnr_and_rmse_are_those_of_scikit_image_and_sewar(images):
    truth, test = images
    psnr = arrays.psnr(truth, test, data_range=255).value
    assert psnr == pytest.approx(skimage.peak_signal_noise_ratio(truth, test, data_range=255))
    assert psnr == pytest.approx(sewar.psnr(last(truth), last(test), MAX=255))
    assert arrays.rmse(truth, test).value == pytest.approx(sewar.rmse(last(truth), last(test)))


def test_ssim_is_that_of_scikit_image_once_it_is_set_to_the_papers_window(images):
    truth, test = images
    _, full = skimage.structural_similarity(
        truth,
        test,
        channel_axis=0,
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    # Its mean leaves out a border of the window's radius too.
    inner = full[:, 5:-5, 5:-5].mean(axis=(1, 2))
    assert arrays.ssim(truth, test, data_range=255).per_band == pytest.approx(inner, abs=1e-9)


def test_ssim_of_scikit_images_defaults_is_another_measure(images):
    """Uniform windows of 7 pixels and sample moments: not the paper's 11 pixels under a Gaussian."""
    truth, test = images
    default = skimage.structural_similarity(truth, test, channel_axis=0, data_range=255)
    assert abs(arrays.ssim(truth, test, data_range=255).value - default) > 1e-3


def test_ssim_of_torchmetrics_differs_by_its_padded_border(images):
    """It pads by reflection, and its mean holds windows that see the padding; we count whole windows alone."""
    truth, test = images
    theirs = float(
        image_functional.structural_similarity_index_measure(*reversed(tensors(images)), data_range=255.0)
    )
    assert arrays.ssim(truth, test, data_range=255).value == pytest.approx(theirs, abs=5e-3)


def test_the_spectral_angle_is_that_of_torchmetrics_and_sewar(images):
    truth, test = images
    degrees = np.degrees(float(image_functional.spectral_angle_mapper(*reversed(tensors(images)))))
    assert arrays.sam(truth, test).value == pytest.approx(degrees, abs=1e-6)
    radians = sewar.sam(last(truth).astype(np.float64), last(test).astype(np.float64))
    assert arrays.sam(truth, test).value == pytest.approx(np.degrees(radians), abs=1e-6)


def test_ergas_is_that_of_torchmetrics(images):
    truth, test = images
    theirs = float(
        image_functional.error_relative_global_dimensionless_synthesis(*reversed(tensors(images)), ratio=4)
    )
    assert arrays.ergas(truth, test, scale=4).value == pytest.approx(theirs, rel=1e-6)


def test_correlation_is_that_of_torchmetrics(images):
    truth, test = images
    theirs = [
        float(functional.pearson_corrcoef(b.reshape(-1), a.reshape(-1)))
        for a, b in zip(*(one[0] for one in tensors(images)))
    ]
    assert arrays.cc(truth, test).per_band == pytest.approx(theirs, rel=1e-9)


def test_uiq_of_torchmetrics_is_another_measure(images):
    """It takes a Gaussian window, where Wang & Bovik slide a box of 8 pixels; on flat areas it has no bounds."""
    truth, test = images
    theirs = float(image_functional.universal_image_quality_index(*reversed(tensors(images))))
    assert abs(arrays.uiq(truth, test).value - theirs) > 1e-3


def test_uiq_of_sewar_is_far_too_high(images):
    """It puts windows' means where the formula has their sums."""
    truth, test = images
    assert sewar.uqi(last(truth), last(test)) > 0.99 > arrays.uiq(truth, test).value


def test_ciede2000_of_the_benchmarks_is_scikit_image_s():
    color = pytest.importorskip("skimage.color")
    random = np.random.default_rng(4)
    images = [random.integers(0, 256, (3, 40, 50)).astype(np.uint8) for _ in range(2)]
    # Near greys, and colours that differ little: where the formula's hues turn.
    images[0][:, :10], images[1][:, :10] = images[0][:1, :10], images[0][:1, :10]
    images[1][1, 5:10] += 1
    images[1][:, 20:30] = np.clip(images[0][:, 20:30].astype(int) + 3, 0, 255)
    ours = [lab(image) for image in images]
    theirs = [np.moveaxis(color.rgb2lab(np.moveaxis(image, 0, -1)), -1, 0) for image in images]
    np.testing.assert_allclose(ours, theirs, atol=0.01)
    expected = color.deltaE_ciede2000(*(np.moveaxis(one, 0, -1) for one in theirs))
    np.testing.assert_allclose(ciede2000(*theirs), expected, atol=1e-6)
