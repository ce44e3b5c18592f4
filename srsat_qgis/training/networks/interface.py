"""What trainer and exporter may count on in every network, and what those of one input share."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import nn

from srsat_qgis.core.errors import InvalidCheckpoint


class Foldable(nn.Module):
    """A layer that trains in one form and runs as a plain convolution."""

    def plain(self) -> nn.Conv2d:
        """Return the convolution that computes the same."""
        raise NotImplementedError

    def assign(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Set the trained form so that ``plain()`` has this kernel (out, in, k, k) and bias (out,)."""
        raise NotImplementedError


class Network(nn.Module):
    """A map from co-registered inputs ``(N, C_i, H_i, W_i)`` to one image ``(N, C, H, W)``.

    A *cell* is a pixel of the coarsest input; all inputs cover the same whole number of cells. Edges are padded
    with zeros, so that what lies within ``radius`` cells of the edge is to be cropped or not to be counted.
    There are no batch statistics, and unless ``local`` is False nothing is global, such as pooling over the image.
    """

    limits: ClassVar[Mapping[str, Any]] = {}
    """By option of the constructor, what its value must be besides its type: `srsat_qgis.core.fields.rule`."""
    ratios: tuple[int, ...]
    """Output pixels per input pixel, along one axis, one number an input."""
    radius: int
    """Receptive radius in cells: output pixels of a cell depend on no cell farther away."""
    local: bool = True
    """False: every output pixel depends on the whole image, if ever so little. Then ``radius`` is what tiles overlap
    by while they fade into each other, and what the rest amounts to is measured at export."""
    multiple: int = 1
    """Width and height must be multiples of so many cells, and so must the corners of tiles."""
    least: int = 1
    """Cells that width and height must have at least, always fewer than an image with a border of ``radius`` has."""
    equivariant: bool = False
    """True: f(a x + b) = a f(x) + b, for one gain ``a > 0`` of all bands and one offset ``b`` a band. Such a network
    is fed samples that are standardised each; any other sits between a fixed scaling of each band and its inverse."""
    bandwise: bool = True
    """True: inputs and output have one band, and each band of a raster is run by itself."""
    conditions: tuple[str, ...] = ()
    """What the network is told of its first input besides the image, each as a further argument ``(N, C_1)``: names of
    `srsat_qgis.core.models.card.CONDITIONS`. An equivariant one is told a noise, a mean and a spread that change as
    its input does."""
    adopts: ClassVar[tuple[str, ...]] = ()
    """Names of other networks whose weights `load_plain` takes too; the options of these are among its own."""
    fusion: bool = False
    """True: the class is built with ``ratios``, ``bands`` and ``out_bands``; False: with ``scale``."""

    @property
    def scale(self) -> int:
        """Output pixels per pixel of the first input."""
        return self.ratios[0]

    def fused(self) -> Network:
        """Return a copy in float32 in which every `Foldable` layer is a plain convolution.

        It is the same function, as far as its output is to be counted: beyond ``radius`` cells from the edge.
        """
        plain = copy.deepcopy(self).float()
        for parent in list(plain.modules()):
            for name, child in parent.named_children():
                if isinstance(child, Foldable):
                    setattr(parent, name, child.plain())
        return plain

    def load_plain(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the weights of a fused copy of this network, by the names of its ``state_dict``.

        The trained form is chosen so that it computes the same; other tensors of the mapping are ignored.

        Raises
        ------
        InvalidCheckpoint
            If a tensor is missing or has another shape, that is, if another network made them.
        """
        for name, module in self.named_modules():
            if isinstance(module, Foldable):
                plain = module.plain()
                bias = None if plain.bias is None else _fitting(tensors, f"{name}.bias", plain.bias)
                module.assign(_fitting(tensors, f"{name}.weight", plain.weight), bias)
            elif isinstance(module, nn.Conv2d):
                with torch.no_grad():
                    for key, parameter in module.named_parameters(recurse=False):
                        parameter.copy_(_fitting(tensors, f"{name}.{key}", parameter))


def _fitting(tensors: Mapping[str, torch.Tensor], name: str, like: torch.Tensor) -> torch.Tensor:
    if name not in tensors or tensors[name].shape != like.shape:
        found = tuple(tensors[name].shape) if name in tensors else "missing"
        raise InvalidCheckpoint(f"weights {name} are {found}, expected shape {tuple(like.shape)}")
    return tensors[name].to(like.device, torch.float32)
