"""Comparison in the feature maps of VGG-16, with random weights for any bands or with a user's own weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.losses.interface import mean
from srsat_qgis.training.losses.vgg import STAGES, Vgg, vgg_from_file

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
        chance: torch.Generator,
        features: str = "random",
        file: str = "",
        sha256: str = "",
        layers: Sequence[float] = (1.0, 1.0, 1.0),
        style: float = 0.0,
    ) -> None:
        """Prepare.

        Parameters
        ----------
        chance : torch.Generator
            Draws the three bands.
        features : 'random' or 'vgg-file'
            Where the weights come from.
        file, sha256 : str
            Path and checksum of the weights; see `vgg.vgg_from_file`.
        layers : sequence of three float
            Weights of relu1_2, relu2_2 and relu3_3.
        style : float
            Weight of the same comparison of Gram matrices (the features' products, without their places), which
            favours texture of the right kind over texture in the right place.

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
        self._chance, self._layers, self._style = chance, tuple(layers), style
        self._given = vgg_from_file(Path(file), sha256) if file else None
        self._random: dict[int, Vgg] = {}

    def __call__(
        self, prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
    ) -> torch.Tensor:
        """Return 0 where both have the same features, about 1 where they have nothing in common."""
        del base
        variance, level = torch.var_mean(truth, dim=(2, 3), keepdim=True, correction=0)
        spread = torch.sqrt(variance + floor.view(-1, 1, 1, 1) + 1e-12)
        prediction, truth = (prediction - level) / spread, (truth - level) / spread
        network = self._network(truth)
        if self._given is not None:
            bands = self._three(truth.shape[1])
            prediction, truth = prediction[:, bands], truth[:, bands]
        with torch.no_grad():
            wanted = network(truth)
        total = torch.zeros(len(truth), device=truth.device)
        for weight, seen, goal in zip(self._layers, network(prediction), wanted):
            total = total + weight * _share(seen, goal)
            if self._style:
                total = total + weight * self._style * _share(_gram(seen), _gram(goal))
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
        return torch.randperm(bands, generator=self._chance)[:RGB].tolist()


def _share(seen: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    return mean((seen - goal).abs()) / (mean(goal.abs()) + 1e-6)


def _gram(features: torch.Tensor) -> torch.Tensor:
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat[0].numel()
