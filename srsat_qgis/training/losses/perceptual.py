"""Comparison in the feature maps of VGG-16, with random weights for any bands or with a user's own file."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load
from torch import nn

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.losses.image_losses import Compared, mean

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
        generator = torch.Generator().manual_seed(SEED)
        stages = []
        before = bands
        for widths in STAGES:
            layers: list[nn.Module] = []
            for width in widths:
                conv = nn.Conv2d(before, width, 3, padding=1)
                shape = conv.weight.shape
                conv.weight.data = torch.randn(shape, generator=generator) * math.sqrt(2 / (9 * before))
                conv.bias.data.zero_()
                layers += [conv, nn.ReLU()]
                before = width
            stages.append(nn.Sequential(*layers))
        self.stages = nn.ModuleList(stages)
        self.pool = nn.MaxPool2d(2)
        self.requires_grad_(False)

    def forward(self, image: torch.Tensor, *, activated: bool = True) -> list[torch.Tensor]:
        """Return ``(N, 64, H, W)``, ``(N, 128, H/2, W/2)`` and ``(N, 256, H/4, W/4)`` for ``(N, bands, H, W)``.

        Without ``activated``, they are those before the last ReLU of each stage.
        """
        features = []
        for number, stage in enumerate(self.stages):
            before = stage[:-1](self.pool(image) if number else image)
            image = stage[-1](before)
            features.append(image if activated else before)
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
    tensors = _tensors(path, data)
    network = Vgg()
    convs = [layer for stage in network.stages for layer in stage if isinstance(layer, nn.Conv2d)]
    number = 0  # torchvision counts convolutions, activations and pools
    for index, conv in enumerate(convs):
        for key, parameter in (("weight", conv.weight), ("bias", conv.bias)):
            parameter.data = _fitting(path, tensors, f"features.{number}.{key}", parameter)
        number += 3 if index in (1, 3) else 2
    return network


def _tensors(path: Path, data: bytes) -> Mapping[str, Any]:
    """Return what the bytes of a file hold: those that were hashed, whatever the path names by now."""
    try:
        if path.suffix == ".safetensors":
            return load(data)
        tensors = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
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


KINDS = ("random", "vgg-file")
RGB = 3


class Perceptual:
    """The difference of features, as a share of the truth's features, added up over the stages.

    After Johnson et al., Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV 2016,
    doi:10.1007/978-3-319-46475-6_43. Images are standardised by the truth's own mean and spread, band by band, so that
    neither the sensor nor its units matter. Random weights take any number of bands; the weights of a file take
    three: more are drawn at random, three for each call, and fewer are repeated.
    """

    def __init__(
        self,
        generator: torch.Generator,
        features: str = "random",
        file: str = "",
        sha256: str = "",
        layers: Sequence[float] = (1.0, 1.0, 1.0),
        style: float = 0.0,
        activated: bool = True,
    ) -> None:
        """Prepare.

        Parameters
        ----------
        generator : torch.Generator
            Random state that the three bands are drawn with.
        features : 'random' or 'vgg-file'
            Where the weights come from.
        file, sha256 : str
            Path and checksum of the weights; see `vgg_from_file`.
        layers : sequence of three float
            Weights of relu1_2, relu2_2 and relu3_3.
        style : float
            Weight of the same comparison of Gram matrices (the features' products, without their places), which
            favours texture of the right kind over texture in the right place.
        activated : bool
            False: features before their ReLU are compared, as in ESRGAN; after it most are 0, and tell nothing.

        Raises
        ------
        InvalidSetting
            If an option is out of its range, or the file is not as it should be.
        """
        if features not in KINDS or (features == "vgg-file") != bool(file):
            raise InvalidSetting(
                f"perceptual: features {features!r} and file {file!r}; expected 'random' without a file, "
                "or 'vgg-file' with one"
            )
        if len(layers) != len(STAGES) or min(layers) < 0 or not any(layers) or style < 0:
            raise InvalidSetting(
                f"perceptual: layers {list(layers)}, style {style}; expected {len(STAGES)} weights of at least "
                "0 and not all 0, and a style of at least 0"
            )
        self._generator, self._layers, self._style = generator, tuple(layers), style
        self._activated = activated
        self._given = vgg_from_file(Path(file), sha256) if file else None
        self._random: dict[int, Vgg] = {}

    def __call__(self, images: Compared) -> torch.Tensor:
        """Return 0 where both have the same features, about 1 where they have nothing in common."""
        prediction, truth, _, floor = images
        variance, level = torch.var_mean(truth, dim=(2, 3), keepdim=True, correction=0)
        spread = torch.sqrt(variance + floor.view(-1, 1, 1, 1) + 1e-12)
        prediction, truth = (prediction - level) / spread, (truth - level) / spread
        network = self._network(truth)
        if self._given is not None:
            bands = self._three(truth.shape[1])
            prediction, truth = prediction[:, bands], truth[:, bands]
        with torch.no_grad():
            wanted = network(truth, activated=self._activated)
        total = torch.zeros(len(truth), device=truth.device)
        features = network(prediction, activated=self._activated)
        for weight, found, goal in zip(self._layers, features, wanted):
            total = total + weight * _share(found, goal)
            if self._style:
                total = total + weight * self._style * _share(_gram(found), _gram(goal))
        return total

    def _network(self, like: torch.Tensor) -> Vgg:
        if self._given is not None:
            return self._given.to(like.device)
        bands = like.shape[1]
        if bands not in self._random:
            self._random[bands] = Vgg(bands)
        return self._random[bands].to(like.device)

    def _three(self, bands: int) -> list[int]:
        if bands <= RGB:
            return [number % bands for number in range(RGB)]
        return torch.randperm(bands, generator=self._generator)[:RGB].tolist()


def _share(found: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    return mean((found - goal).abs()) / (mean(goal.abs()) + 1e-6)


def _gram(features: torch.Tensor) -> torch.Tensor:
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat[0].numel()
