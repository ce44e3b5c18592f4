"""One small network of every kind, with weights that make every layer count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs torch, which only the training environment has")

from srsat_qgis.training import networks  # noqa: E402

SMALL: dict[str, tuple[str, dict[str, Any]]] = {
    "combined": (
        "combined",
        {
            "scale": 3,
            "channels": 8,
            "depth": 2,
            "expand": 12,
            "hidden": 4,
            "texture_channels": 8,
            "texture_blocks": 1,
            "texture_expand": 12,
            "tie": 0.7,
            "chained": False,
        },
    ),
    "compact": ("compact", {"scale": 2, "channels": 8, "depth": 2, "expand": 12}),
    "deblur": ("deblur", {"scale": 3, "channels": 8, "blocks": 2, "expand": 12, "hidden": 4}),
    "deblur of 2 bands": (
        "deblur",
        {"scale": 2, "bands": 2, "channels": 8, "blocks": 1, "expand": 12, "hidden": 4},
    ),
    "dsen2 at output": (
        "dsen2",
        {"ratios": (2, 1), "bands": (3, 2), "channels": 8, "blocks": 1, "shrink": 1.0},
    ),
    "dsen2 in cells": (
        "dsen2",
        {"ratios": (6, 2, 1), "bands": (2, 3, 2), "channels": 8, "blocks": 1, "work": "cell", "shrink": 1.0},
    ),
    "dsen2 between": (
        "dsen2",
        {"ratios": (1, 4), "bands": (2, 3), "target": 1, "channels": 8, "blocks": 1, "work": 2, "expand": 12},
    ),
    "dsen2 equivariant": (
        "dsen2",
        {"ratios": (2, 1), "bands": (3, 2), "channels": 8, "blocks": 1, "work": "cell", "equivariant": True},
    ),
    "edsr": ("edsr", {"scale": 4, "channels": 8, "blocks": 1}),
    "edsr of 3 bands": ("edsr", {"scale": 3, "bands": 3, "channels": 8, "blocks": 1, "equivariant": True}),
    "espcn": ("espcn", {"scale": 3, "features": (8, 8)}),
    "esrnet": ("esrnet", {"scale": 4, "channels": 8, "growth": 4, "blocks": 1, "skip": False}),
    "guided in cells": ("guided", {"ratios": (2, 1), "bands": (3, 2), "channels": 8, "blocks": 1}),
    "guided between": (
        "guided",
        {"ratios": (1, 2, 6), "bands": (2, 1, 2), "target": 2, "channels": 8, "blocks": 1, "work": 2},
    ),
    "informed": ("informed", {"scale": 2, "channels": 8, "depth": 2, "expand": 12, "hidden": 4}),
    "informed of 3 bands": (
        "informed",
        {"scale": 3, "channels": 8, "depth": 2, "expand": 27, "hidden": 4, "bands": 3},
    ),
    "jiif": ("jiif", {"ratios": (4, 1), "bands": (1, 2), "channels": 8, "blocks": 1, "hidden": (12, 8)}),
    "jiif of odd ratio": (
        "jiif",
        {
            "ratios": (3, 9),
            "bands": (2, 2),
            "target": 1,
            "channels": 6,
            "blocks": 0,
            "hidden": (8,),
            "ensemble": "learned",
        },
    ),
    "luma and chroma": (
        "luma",
        {"scale": 2, "bands": 3, "channels": 8, "depth": 2, "expand": 27, "hidden": 4, "chroma": "network"},
    ),
    "luma": ("luma", {"scale": 3, "bands": 3, "channels": 8, "depth": 2, "expand": 12, "hidden": 4}),
    "mrunet": ("mrunet", {"ratios": (4, 1), "bands": (1, 2), "widths": (8, 8, 12, 12)}),
    "mrunet of two guides": (
        "mrunet",
        {"ratios": (1, 2, 4), "bands": (1, 2, 2), "target": 2, "widths": (8, 8)},
    ),
    "rrdb": ("rrdb", {"scale": 2, "channels": 8, "growth": 4, "blocks": 1}),
    "rrdb of 2 bands": (
        "rrdb",
        {"scale": 4, "bands": 2, "channels": 8, "growth": 4, "blocks": 1, "equivariant": True},
    ),
    "span": ("span", {"scale": 2, "channels": 8, "blocks": 2}),
    "span of 4 bands": ("span", {"scale": 4, "bands": 4, "channels": 8, "blocks": 1}),
    "style": ("style", {"scale": 3, "channels": 8, "blocks": 1, "expand": 12, "tie": 0.7}),
    "style of 2 bands": (
        "style",
        {"scale": 2, "bands": 2, "channels": 8, "blocks": 1, "expand": 12, "tie": 0.0},
    ),
    "unet": ("unet", {"scale": 2, "widths": (8, 8, 8)}),
    "unet of 3 bands": ("unet", {"scale": 3, "bands": 3, "widths": (8, 8, 12), "equivariant": True}),
}


def lively(network: torch.nn.Module) -> torch.nn.Module:
    """Perturb all weights and biases, so that no part of the network is idle."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                size = (
                    parameter.abs().mean() if parameter.any() and parameter.dim() > 1 else torch.tensor(0.1)
                )
                grown = 3.0 if name.startswith("last") else 1.0
                parameter.mul_(grown).add_(0.3 * size * torch.randn_like(parameter))
    return network.eval()


def told(network: torch.nn.Module) -> torch.nn.Module:
    """Tell a network that asks for it one blur and one noise, so that it can be treated like all the others."""
    kind = type(network)
    if not network.conditions:
        return network

    def forward(self, image):
        return kind.forward(self, image, *(image.new_full(image.shape[:2], value) for value in (0.5, 0.3)))

    network.__class__ = type(kind.__name__, (kind,), {"forward": forward, "conditions": ()})
    return network


def in_bands(network: torch.nn.Module, options: dict[str, Any]) -> tuple[int, ...]:
    bands = options.get("bands", 1)
    return bands if isinstance(bands, tuple) else (bands,)


@pytest.fixture(params=list(SMALL))
def made(request) -> tuple[torch.nn.Module, Callable[..., tuple[torch.Tensor, ...]]]:
    """A network, and a function that draws inputs of so many cells for it."""
    name, options = SMALL[request.param]
    torch.manual_seed(4)
    network = told(lively(networks.build(name, options)))

    def draw(rows: int, cols: int, count: int = 1, seed: int = 0) -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(seed)
        cell = max(network.ratios)
        return tuple(
            torch.randn(count, bands, rows * cell // ratio, cols * cell // ratio, generator=generator)
            for ratio, bands in zip(network.ratios, in_bands(network, options))
        )

    return network, draw
