"""What trainer, exporter and pipeline count on, for every network alike."""

from __future__ import annotations

import pytest
import torch

from srsat_qgis.core.errors import InvalidCheckpoint

EQUIVARIANT = ("compact", "dsen2 equivariant", "edsr of 3 bands", "rrdb of 2 bands", "unet of 3 bands")


@torch.no_grad()
def test_the_output_covers_the_inputs(made):
    network, draw = made
    rows, cols = 5 * network.multiple, 7 * network.multiple
    inputs = draw(rows, cols, count=3)
    image = network(*inputs)
    cell = max(network.ratios)
    assert image.shape[0] == 3
    assert image.shape[2:] == (rows * cell, cols * cell)
    assert image.shape[1] == (1 if network.bandwise else image.shape[1])
    assert network.scale == network.ratios[0]


@torch.no_grad()
def test_fusing_does_not_change_the_function(made):
    network, draw = made
    fused = network.fused()
    rows, cols = (side * network.multiple for side in (9, 6))
    edge = 0
    if fused.least > 1:
        # Then what is to be counted is the same, and no more.
        edge = network.radius * max(network.ratios)
        rows, cols = (side + 2 * network.radius for side in (rows, cols))
    inputs = draw(rows, cols, count=2)
    results = (
        image[..., edge : image.shape[2] - edge, edge : image.shape[3] - edge]
        for image in (fused(*inputs), network(*inputs))
    )
    torch.testing.assert_close(*results, rtol=1e-5, atol=1e-5)
    assert 1 <= fused.least <= 2 * network.radius + 1
    facts = ("ratios", "radius", "multiple", "equivariant", "bandwise")
    assert [getattr(fused, fact) for fact in facts] == [getattr(network, fact) for fact in facts]
    assert {p.dtype for p in fused.parameters()} == {torch.float32}


@torch.no_grad()
def test_it_sees_no_farther_than_its_radius(made):
    """Replace all inputs right of (below) a line between cells: what changes left of it lies within the radius."""
    network, draw = made
    network = network.fused().double()
    cell, radius = max(network.ratios), network.radius
    line = -(-(radius + 2) // network.multiple) * network.multiple
    inputs = [image.double() for image in draw(2 * line, 2 * line, seed=1)]
    others = [image.double() for image in draw(2 * line, 2 * line, seed=2)]
    before = network(*inputs)
    for axis in (2, 3):
        changed = []
        for image, other, ratio in zip(inputs, others, network.ratios):
            start = line * cell // ratio
            parts = (image.narrow(axis, 0, start), other.narrow(axis, start, image.shape[axis] - start))
            changed.append(torch.cat(parts, dim=axis))
        differs = (network(*changed) != before).any(dim=1)[0].any(dim=3 - axis)
        first = int(differs.nonzero()[0])
        assert line - first // cell <= radius


def test_it_sees_as_far_as_its_radius(made):
    """Where every hidden kernel is positive, no path dies out, and the gradient shows how far the inputs count."""
    network, draw = made
    network = network.fused().double()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if not name.startswith(("base", "align", "first")):
                parameter.abs_()
                if parameter.dim() == 4:
                    parameter.div_(parameter.sum(dim=(1, 2, 3), keepdim=True))
    cell, step = max(network.ratios), network.multiple
    reach = -(-(network.radius + 2) // step) * step
    farthest = 0
    for home in range(reach, reach + step):
        inputs = [
            image.double().abs().requires_grad_(True)
            for image in draw(2 * reach + step, 2 * reach + step, seed=1)
        ]
        block = slice(home * cell, (home + 1) * cell)
        network(*inputs)[..., block, block].sum().backward()
        for image, ratio in zip(inputs, network.ratios):
            counts = image.grad.abs().sum(dim=(0, 1))
            for line in (counts.sum(dim=0), counts.sum(dim=1)):
                cells = line.nonzero().flatten() // (cell // ratio)
                farthest = max(farthest, home - int(cells[0]), int(cells[-1]) - home)
    assert farthest == network.radius


@torch.no_grad()
def test_a_tile_with_halo_equals_the_whole_image(made):
    network, draw = made
    cell, step = max(network.ratios), network.multiple
    halo = -(-network.radius // step) * step
    whole = draw(2 * halo + 3 * step, 2 * halo + 3 * step)
    tile = [
        image[..., step * cell // ratio :, step * cell // ratio :]
        for image, ratio in zip(whole, network.ratios)
    ]
    edge = halo * cell
    expected = network(*whole)[..., step * cell + edge : -edge, step * cell + edge : -edge]
    torch.testing.assert_close(network(*tile)[..., edge:-edge, edge:-edge], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("made", EQUIVARIANT, indirect=True)
@torch.no_grad()
def test_an_equivariant_network_commutes_with_a_joint_gain_and_offsets_of_bands(made):
    network, draw = made
    assert network.equivariant
    edge, step = network.radius, network.multiple
    steps = -(-2 * edge // step)
    inputs = draw((steps + 2) * step, (steps + 3) * step)
    gain = 3.7
    offsets = [10 * torch.randn(1, image.shape[1], 1, 1) for image in inputs]
    mapped = network(*(gain * image + offset for image, offset in zip(inputs, offsets)))
    plain = network(*inputs)
    own = offsets[getattr(network, "target", 0)]
    cut = (..., slice(edge * max(network.ratios), -edge * max(network.ratios)))
    deviation = (mapped - gain * plain - own)[cut].transpose(-1, -2)[cut].abs().max()
    assert deviation <= 2e-4


def test_it_learns(made):
    """Twenty steps on one batch bring the loss down, in 16 bits as in 32."""
    network, draw = made
    network.train()
    inputs = draw(6 * network.multiple, 6 * network.multiple, count=4)
    with torch.no_grad():
        truth = network(*inputs)
        truth = truth + 0.5 * torch.roll(truth, 1, dims=-1)
    optimiser = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=3e-3)
    losses = []
    for step in range(20):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=step % 2 == 1):
            loss = ((network(*inputs).float() - truth) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]


@torch.no_grad()
def test_a_fused_copy_s_weights_can_be_taken_over(made):
    network, draw = made
    inputs = draw(4 * network.multiple, 5 * network.multiple)
    expected = network(*inputs)
    weights = network.fused().state_dict()
    for parameter in network.parameters():
        if parameter.requires_grad:
            parameter.add_(0.05 * torch.randn_like(parameter))
    assert not torch.allclose(network(*inputs), expected, atol=1e-3)
    network.load_plain(weights)
    torch.testing.assert_close(network(*inputs), expected, rtol=1e-4, atol=1e-4)


def test_weights_of_another_network_are_refused_by_name(made):
    network, _ = made
    weights = network.fused().state_dict()
    name = next(key for key in weights if "last" in key and "weight" in key)
    weights[name] = weights[name][:, :-1]
    with pytest.raises(InvalidCheckpoint, match=name.replace(".", r"\.")):
        network.load_plain(weights)
