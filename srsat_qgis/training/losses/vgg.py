"""The first ten layers of VGG-16, with random weights or those of a local file.

Simonyan and Zisserman 2014, arXiv:1409.1556. Nothing is ever downloaded.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from srsat_qgis.core.errors import InvalidSetting

STAGES = ((64, 64), (128, 128), (256, 256, 256))
"""Feature maps of the convolutions before the first, second and third pooling: relu1_2, relu2_2 and relu3_3."""

SEED = 16


class Vgg(nn.Module):
    """Features after the last convolution of each stage; the weights never change."""

    def __init__(self, bands: int = 3) -> None:
        """Make the layers, with random weights that are the same in every run.

        He's initialisation keeps the features of all stages at one size. That random features can serve: Liu et al.,
        Generic Perceptual Loss for Modeling Structured Output Dependencies, CVPR 2021, arXiv:2103.10571.
        """
        super().__init__()
        chance = torch.Generator().manual_seed(SEED)
        stages = []
        before = bands
        for widths in STAGES:
            layers: list[nn.Module] = []
            for width in widths:
                conv = nn.Conv2d(before, width, 3, padding=1)
                shape = conv.weight.shape
                conv.weight.data = torch.randn(shape, generator=chance) * math.sqrt(2 / (9 * before))
                conv.bias.data.zero_()
                layers += [conv, nn.ReLU()]
                before = width
            stages.append(nn.Sequential(*layers))
        self.stages = nn.ModuleList(stages)
        self.pool = nn.MaxPool2d(2)
        self.requires_grad_(False)

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Return ``(N, 64, H, W)``, ``(N, 128, H/2, W/2)`` and ``(N, 256, H/4, W/4)`` for ``(N, bands, H, W)``."""
        features = []
        for number, stage in enumerate(self.stages):
            image = stage(self.pool(image) if number else image)
            features.append(image)
        return features


def vgg_from_file(path: Path, sha256: str) -> Vgg:
    """Return VGG-16 with the weights of a file.

    Parameters
    ----------
    path : Path
        ``.safetensors``, or ``.pth`` as torchvision publishes: names ``features.0.weight``, ``features.0.bias`` ...
    sha256 : str
        The file's checksum, so that a model card can be trusted to name what it was trained with.

    Raises
    ------
    InvalidSetting
        If the file cannot be read, is another one than the checksum says, or holds other weights.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidSetting(f"{path}: the VGG-16 weights cannot be read ({error.strerror})") from error
    seen = hashlib.sha256(data).hexdigest()
    if seen != sha256.lower():
        raise InvalidSetting(f"{path}: its sha256 is {seen}, expected {sha256 or 'to be given'}")
    tensors = _tensors(path)
    network = Vgg()
    convs = [layer for stage in network.stages for layer in stage if isinstance(layer, nn.Conv2d)]
    number = 0  # torchvision counts convolutions, activations and pools
    for index, conv in enumerate(convs):
        for key, parameter in (("weight", conv.weight), ("bias", conv.bias)):
            parameter.data = _fitting(path, tensors, f"features.{number}.{key}", parameter)
        number += 3 if index in (1, 3) else 2
    return network


def _tensors(path: Path) -> Mapping[str, Any]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what a file without tensors raises differs between versions of PyTorch
        raise InvalidSetting(f"{path}: no readable file of tensors alone ({error})") from error
    if not isinstance(tensors, Mapping):
        raise InvalidSetting(f"{path}: holds a {type(tensors).__name__}, expected tensors by name")
    return tensors


def _fitting(path: Path, tensors: Mapping[str, Any], name: str, like: torch.Tensor) -> torch.Tensor:
    value = tensors.get(name)
    if not isinstance(value, torch.Tensor) or value.shape != like.shape:
        seen = tuple(value.shape) if isinstance(value, torch.Tensor) else "missing"
        raise InvalidSetting(f"{path}: {name} is {seen}, VGG-16 has {tuple(like.shape)}")
    return value.float()
