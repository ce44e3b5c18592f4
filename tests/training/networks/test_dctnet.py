"""DCTNet: its least-squares step solves what it says, its filters are shared as said, and published weights fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.training import networks
from srsat_qgis.training.networks import dctnet
from srsat_qgis.training.networks.dctnet import (
    ATTENTION_RADIUS,
    PERIOD,
    PUBLISHED,
    CoupledLayer,
    DctNet,
    EdgeAttention,
    Strength,
    from_published,
)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def published_shapes() -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the paper's state dict, written down from its architecture."""
    shapes: dict[str, tuple[int, ...]] = {"lambd": (1, 64, 1, 1)}
    for name, (outputs, inputs, side) in {
        "WPNet.conv1": (16, 64, 1),
        "WPNet.conv_f": (16, 16, 1),
        "WPNet.conv_max": (16, 16, 3),
        "WPNet.conv2": (16, 16, 3),
        "WPNet.conv3": (16, 16, 3),
        "WPNet.conv3_": (16, 16, 3),
        "WPNet.conv4": (64, 16, 1),
        "WPNet.conv_dilation": (16, 16, 3),
        "Encoder_coupled.init_deep.0": (64, 1, 3),
        "Encoder_coupled.init_rgb.0": (64, 3, 3),
        "Decoder_depth.Decoder_Deep.0": (32, 64, 3),
        "Decoder_depth.Decoder_Deep.2": (16, 32, 3),
        "Decoder_depth.Decoder_Deep.4": (1, 16, 3),
    }.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs, side, side), (outputs,)
    for layer in range(4):
        for kind in ("shared", "depth", "rgb"):
            for place in (1, 2):
                stem = f"Encoder_coupled.coupled_feat_extractor.{layer}."
                shapes[f"{stem}kernel_{kind}_{place}"] = (32, 64, 3, 3)
                shapes[f"{stem}bias_{kind}_{place}"] = (32,)
    return shapes


def published() -> DctNet:
    return networks.build("dctnet", {"ratios": (4, 1), "bands": (1, 3), **PUBLISHED})


@pytest.mark.parametrize("length", [1, 2, 7, 32])
def test_the_transform_is_the_orthonormal_sum_of_cosines(length):
    found = dctnet.cosines(length, torch.device("cpu")).double().numpy()
    p, n = np.mgrid[:length, :length]
    expected = np.sqrt(np.where(p == 0, 1, 2) / length) * np.cos(np.pi * (n + 0.5) * p / length)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    np.testing.assert_allclose(found @ found.T, np.eye(length), atol=2e-6)


def test_the_transform_is_exact_for_long_images():
    found = dctnet.cosines(3000, torch.device("cpu"))[2999].double().numpy()
    expected = np.sqrt(2 / 3000) * np.cos(np.pi * (np.arange(3000) + 0.5) * 2999 / 3000)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def mirrored_laplacian(rows: int, cols: int) -> np.ndarray:
    """Return the five-point Laplacian as a matrix over all pixels; beyond the edge lies the edge pixel itself."""
    matrix = np.zeros((rows * cols, rows * cols))
    for row in range(rows):
        for col in range(cols):
            here = row * cols + col
            for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                other = min(max(row + down, 0), rows - 1) * cols + min(max(col + right, 0), cols - 1)
                matrix[here, other] += 1
                matrix[here, here] -= 1
    return matrix


@torch.no_grad()
def test_the_solution_minimises_the_sum_of_squares(monkeypatch):
    """With one Laplacian throughout, as the equation has it, against a dense solution of the normal equations."""
    rows, cols = 9, 7
    matrix = mirrored_laplacian(rows, cols)

    def five_point(image: torch.Tensor) -> torch.Tensor:
        flat = image.double().flatten(2) @ torch.from_numpy(matrix).T
        return flat.reshape(image.shape).float()

    monkeypatch.setattr(dctnet, "laplacian", five_point)
    core = networks.build("dctnet", {"ratios": (2, 1), "bands": (1, 1), "channels": 4}).core
    a, b, weight = noise(1, 4, rows, cols), noise(1, 4, rows, cols, seed=1), torch.rand(1, 4, rows, cols)
    core.strength.exponent.copy_(torch.tensor([-1.0, 0.0, 1.0, 2.0]).view(1, 4, 1, 1))
    found = core.solve(a, b, weight).double().numpy()
    for channel, strength in enumerate(np.exp([-1.0, 0.0, 1.0, 2.0])):
        target, guide, edges = (one[0, channel].double().numpy().ravel() for one in (a, b, weight))
        system = np.concatenate([np.eye(rows * cols), np.sqrt(strength) * matrix])
        wanted = np.concatenate([target, np.sqrt(strength) * edges * (matrix @ guide)])
        expected = np.linalg.lstsq(system, wanted, rcond=None)[0]
        np.testing.assert_allclose(found[0, channel].ravel(), expected, atol=2e-5)


@torch.no_grad()
def test_the_applied_laplacian_is_that_of_eight_neighbours_over_16_with_mirrored_edges():
    image = noise(1, 2, 6, 5)
    padded = np.pad(image.double().numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    expected = (windows.sum(axis=(-1, -2)) - 9 * windows[..., 1, 1]) / 16
    np.testing.assert_allclose(dctnet.laplacian(image).numpy(), expected, atol=1e-6)


@torch.no_grad()
def test_without_guide_edges_the_solution_only_smooths_and_keeps_the_mean():
    core = networks.build("dctnet", {"ratios": (2, 1), "bands": (1, 1), "channels": 4}).core
    a = noise(2, 4, 24, 18)
    found = core.solve(a, torch.ones_like(a), torch.ones_like(a))
    torch.testing.assert_close(found.mean(dim=(2, 3)), a.mean(dim=(2, 3)), atol=1e-5, rtol=0)
    assert (found.var(dim=(2, 3)) < a.var(dim=(2, 3))).all()


def test_the_first_filters_of_a_coupled_layer_serve_both_inputs_and_the_others_one():
    torch.manual_seed(0)
    layer = CoupledLayer(8, 3)
    target, guide = torch.rand(1, 8, 6, 6), torch.rand(1, 8, 6, 6)
    layer(target, guide)[0].sum().backward()
    touched = {name.split(".")[0] for name, one in layer.named_parameters() if one.grad is not None}
    assert touched == {"shared_1", "target_1", "shared_2", "target_2"}
    layer.zero_grad(set_to_none=True)
    layer(target, guide)[1].sum().backward()
    touched = {name.split(".")[0] for name, one in layer.named_parameters() if one.grad is not None}
    assert touched == {"shared_1", "guide_1", "shared_2", "guide_2"}


@torch.no_grad()
def test_a_coupled_layer_is_a_residual_block_of_joined_kernels():
    torch.manual_seed(0)
    layer, image = CoupledLayer(6, 2), noise(1, 6, 7, 8)
    kernels = [
        (
            torch.cat([getattr(layer, f"shared_{n}").weight, getattr(layer, f"guide_{n}").weight]),
            torch.cat([getattr(layer, f"shared_{n}").bias, getattr(layer, f"guide_{n}").bias]),
        )
        for n in (1, 2)
    ]
    inside = torch.relu(torch.nn.functional.conv2d(image, *kernels[0], padding=1))
    expected = torch.relu(image + torch.nn.functional.conv2d(inside, *kernels[1], padding=1))
    torch.testing.assert_close(layer(noise(1, 6, 7, 8, seed=2), image)[1], expected)


def test_the_published_options_have_the_published_number_of_parameters():
    """482,865, of which 2,320 belong to a layer that the published network holds but never runs."""
    ours = sum(parameter.numel() for parameter in published().core.parameters())
    theirs = {name: int(np.prod(shape)) for name, shape in published_shapes().items()}
    idle = sum(size for name, size in theirs.items() if "conv_dilation" in name)
    assert (sum(theirs.values()), idle, ours) == (482865, 2320, 482865 - 2320)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_published_weights_map_one_to_one_onto_ours(prefix):
    theirs = {
        f"{prefix}{name}": noise(*shape, seed=number)
        for number, (name, shape) in enumerate(published_shapes().items())
    }
    renamed = from_published(theirs)
    core = published().core
    assert {name: tuple(tensor.shape) for name, tensor in renamed.items()} == {
        name: tuple(tensor.shape) for name, tensor in core.state_dict().items()
    }
    used = [tensor for name, tensor in theirs.items() if "conv_dilation" not in name]
    assert len({id(tensor) for tensor in renamed.values()}) == len(used)
    core.load_state_dict(renamed)
    layer = core.encoder.layers[2]
    stem = f"{prefix}Encoder_coupled.coupled_feat_extractor.2."
    assert torch.equal(layer.shared_1.weight, theirs[f"{stem}kernel_shared_1"])
    assert torch.equal(layer.target_2.bias, theirs[f"{stem}bias_depth_2"])
    assert torch.equal(layer.guide_1.weight, theirs[f"{stem}kernel_rgb_1"])
    assert torch.equal(core.attention.pooled.weight, theirs[f"{prefix}WPNet.conv_max.weight"])


def test_weights_of_another_network_are_refused_by_name():
    with pytest.raises(
        InvalidCheckpoint, match=r"body\.0\.weight: expected the names of the published DCTNet"
    ):
        from_published({"body.0.weight": torch.zeros(1)})


@torch.no_grad()
def test_the_published_form_never_gives_negative_values_and_takes_any_size():
    torch.manual_seed(1)
    core = published().core
    image = core(torch.rand(1, 1, 47, 38), noise(1, 3, 47, 38))
    assert image.shape == (1, 1, 47, 38)
    assert float(image.min()) >= 0
    assert float(image.max()) > 0


@torch.no_grad()
@pytest.mark.parametrize("side", [36, 90])
def test_the_anchored_attention_has_a_pixel_a_block_and_the_published_one_what_fits(side):
    """A strided convolution and a pooling without padding leave floor((floor((n - 3) / 2) - 6) / 3) + 1 pixels."""
    seen = []
    attention = EdgeAttention(4, anchored=True)
    attention.context.register_forward_hook(lambda module, given, made: seen.append(made.shape[-1]))
    attention(noise(1, 4, side, side))
    attention.anchored = False
    attention(noise(1, 4, side, side))
    assert seen == [side // PERIOD, ((side - 3) // 2 + 1 - 7) // 3 + 1]


@torch.no_grad()
def test_the_anchored_attention_sees_no_farther_than_it_says_and_repeats_with_its_period():
    torch.manual_seed(3)
    attention, side = EdgeAttention(4, anchored=True).double(), 180
    image = noise(1, 4, side, side).double()
    other = image.clone()
    other[..., 90:] = noise(1, 4, side, 90, seed=5).double()
    changed = (attention(image) != attention(other)).any(dim=1)[0].any(dim=0)
    assert 20 < 90 - int(changed.nonzero()[0]) <= ATTENTION_RADIUS
    inner = slice(60, -60)
    moved = attention(image[..., PERIOD:, 2 * PERIOD :])
    expected = attention(image)[..., PERIOD:, 2 * PERIOD :]
    torch.testing.assert_close(moved[..., inner, inner], expected[..., inner, inner])


def test_a_fused_strength_is_a_convolution_that_comes_back():
    layer = Strength(5)
    image = noise(2, 5, 4, 4)
    torch.testing.assert_close(layer.plain()(image), layer(image))
    other = Strength(5)
    other.assign(layer.plain().weight, None)
    torch.testing.assert_close(other.exponent, layer.exponent)


SMALL = {
    "dctnet": {"channels": 8, "layers": 1},
    "dct_rrdb": {"channels": 8, "growth": 4, "blocks": 1},
}


@pytest.fixture(params=list(SMALL))
def small(request) -> DctNet:
    torch.manual_seed(2)
    return networks.build(request.param, {"ratios": (4, 1), "bands": (1, 2), **SMALL[request.param]})


@torch.no_grad()
def test_a_fused_copy_computes_the_same_and_gives_its_weights_back(small):
    inputs = (noise(2, 1, 12, 15), noise(2, 2, 48, 60))
    expected = small(*inputs)
    torch.testing.assert_close(small.fused()(*inputs), expected, rtol=1e-5, atol=1e-5)
    weights = small.fused().state_dict()
    for parameter in small.parameters():
        if parameter.requires_grad:
            parameter.add_(0.1)
    small.load_plain(weights)
    torch.testing.assert_close(small(*inputs), expected, rtol=1e-4, atol=1e-4)


def test_all_parameters_learn(small):
    optimiser = torch.optim.Adam(small.parameters(), lr=1e-2)
    inputs, losses = (noise(2, 1, 12, 12), noise(2, 2, 48, 48)), []
    truth = small.base(inputs[0]) + 0.5 * inputs[1][:, :1]
    for step in range(40):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step % 2 == 1):
            loss = ((small(*inputs).float() - truth) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert all(one.grad is not None for one in small.parameters() if one.requires_grad)
    assert losses[-1] < 0.9 * losses[0]


@torch.no_grad()
def test_tiles_that_overlap_by_the_radius_are_nearly_the_whole_image(small):
    """The rest is the transform's, which sees everything: less than 1e-3 of the values' spread."""
    step, halo = small.multiple, small.radius
    assert not small.local
    cells = 2 * halo + 4 * step
    coarse, guide = noise(1, 1, cells + step, cells), noise(1, 2, 4 * (cells + step), 4 * cells)
    whole = small(coarse, guide)
    tile = small(coarse[..., step:, :], guide[..., 4 * step :, :])
    inner = slice(4 * halo, -4 * halo)
    difference = (tile - whole[..., 4 * step :, :])[..., inner, :].abs().max()
    assert 0 < float(difference) < 1e-3 * float(whole.std())


@torch.no_grad()
def test_another_span_is_another_scale_of_the_same_function(small):
    inputs = (noise(1, 1, 12, 12), noise(1, 2, 48, 48))
    plain = small(*inputs)
    small.span = tuple(2 * value + 5 for value in small.span)
    torch.testing.assert_close(small(2 * inputs[0] + 5, inputs[1]), 2 * plain + 5, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["dctnet", "dct_rrdb"])
def test_sides_that_are_no_multiples_are_refused(name):
    network = networks.build(name, {"ratios": (4, 1), "bands": (1, 2), **SMALL[name]})
    name = name.replace("_", "")
    with pytest.raises(InvalidSetting, match=f"{name}: target is 12 x 13, expected multiples of 3 pixels"):
        network(noise(1, 1, 12, 13), noise(1, 2, 48, 52))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"span": (1.0, 1.0)}, r"span is \(1.0, 1.0\), expected low < high"),
        ({"shared": 1}, "shared: expected a number above 0 and below 1, found 1"),
        ({"channels": 1}, "channels: expected a whole number from 2"),
        ({"bands": (1,), "ratios": (4,)}, "at least two: a target and a guide"),
        ({"ratios": (1, 4)}, "expected the largest ratio"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(InvalidSetting, match=message):
        networks.build("dctnet", {"ratios": (4, 1), "bands": (1, 2), **options})
