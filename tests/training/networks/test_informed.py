"""A network that is told blur and noise: what they do to its output, and that both leave with it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.training import networks

EDGE = 2 * 8


def network_of(**options) -> torch.nn.Module:
    """Return a network in which everything that it is told counts."""
    torch.manual_seed(3)
    small = {"scale": 2, "channels": 8, "depth": 2, "expand": 12, "hidden": 4}
    network = networks.build("informed", {**small, **options})
    with torch.no_grad():
        network.last.project.mul_(10)
        for parameter in (network.gains.weight, network.gains.bias, *(conv.bias for conv in network.body)):
            parameter.normal_(0, 0.3)
    return network.eval()


def numbers(*values: float, bands: int = 1) -> torch.Tensor:
    return torch.tensor(values)[:, None].expand(-1, bands)


@pytest.mark.parametrize("bands", [1, 3])
@torch.no_grad()
def test_it_commutes_with_a_gain_that_the_noise_shares_and_with_offsets(bands):
    network = network_of(bands=bands)
    image = torch.randn(2, bands, 24, 24, generator=torch.Generator().manual_seed(1))
    blur, noise = numbers(0.4, 0.7, bands=bands), numbers(0.05, 0.3, bands=bands)
    offsets = 10 * torch.randn(1, bands, 1, 1)
    plain = network(image, blur, noise)
    mapped = network(3.7 * image + offsets, blur, 3.7 * noise)
    inner = (..., slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    torch.testing.assert_close(mapped[inner], (3.7 * plain + offsets)[inner], rtol=0, atol=2e-4)
    louder = network(3.7 * image + offsets, blur, noise)
    assert (louder - mapped)[inner].abs().max() > 0.01, "the noise makes no difference"


@torch.no_grad()
def test_each_sample_has_a_blur_and_a_noise_of_its_own():
    network = network_of()
    image = torch.randn(1, 1, 20, 20).expand(4, -1, -1, -1)
    blur, noise = numbers(0.4, 0.4, 0.7, 0.7), numbers(0.01, 0.2, 0.01, 0.2)
    together = network(image, blur, noise)
    for place in range(4):
        one = slice(place, place + 1)
        torch.testing.assert_close(
            together[one], network(image[one], blur[one], noise[one]), rtol=1e-4, atol=1e-5
        )
    for first, other in ((0, 1), (0, 2), (1, 3), (2, 3)):
        assert (together[first] - together[other]).abs().max() > 1e-3


@torch.no_grad()
def test_before_training_it_is_bicubic_whatever_it_is_told():
    """The gains start at one, and what is added starts small."""
    network = networks.build("informed", {"scale": 2, "channels": 8, "depth": 2, "expand": 12})
    image = torch.randn(1, 1, 16, 16)
    outputs = [network(image, numbers(blur), numbers(0.2)) for blur in (0.3, 0.8)]
    torch.testing.assert_close(*outputs)
    base = torch.nn.functional.pixel_shuffle(network.base.phases(image), 2)
    assert (outputs[0] - base).std() < 0.5 * image.std()


def test_it_leaves_as_a_graph_that_is_told_the_same(tmp_path):
    pytest.importorskip("onnx")
    from srsat_qgis.core.models.card import ConditionSpec, InputSpec
    from srsat_qgis.training.export.to_onnx import proven

    fused = network_of().fused()
    conditions = (ConditionSpec("blur", "blur", 0.5), ConditionSpec("noise", "noise", 0.02))
    model, facts = proven(fused, [InputSpec("image", 2, None)], conditions)
    assert [value.name for value in model.graph.input] == ["image", "blur", "noise"]
    assert facts["measured_halo"] <= fused.radius
    assert facts["parity"] <= 1e-4
    assert facts["equivariance"] <= 1e-4
    session = pytest.importorskip("onnxruntime").InferenceSession(model.SerializeToString())
    image = np.random.default_rng(0).normal(100, 20, (3, 1, 30, 41)).astype(np.float32)
    blur = np.array([[0.3], [0.5], [0.8]], np.float32)
    noise = np.array([[4.0], [0.5], [2.0]], np.float32)
    got = session.run(None, {"image": image, "blur": blur, "noise": noise})[0]
    with torch.no_grad():
        expected = fused(*map(torch.from_numpy, (image, blur, noise))).numpy()
    np.testing.assert_allclose(got, expected, rtol=0, atol=0.01)
