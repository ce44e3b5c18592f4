"""What can be chosen for a training without knowing torch: networks in three sizes, and losses.

A test of the trainer holds these tables to its registries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SIZES = ("small", "medium", "large")
DEFAULT_NETWORK, DEFAULT_SIZE, DEFAULT_LOSS = "compact", "medium", "gain"
# f(a x + b) = a f(x) + b: any unit and sensor, and it learns faster. Measured on the sample with 60 steps of the small
# sizes, the gain over bicubic is 2.6 dB instead of 1.0 (edsr), 1.8 instead of 1.2 (unet), 1.0 instead of 0.4 (espcn).
_EQUIVARIANT = {"equivariant": True}


@dataclass(frozen=True)
class NetworkPreset:
    """One architecture of the trainer."""

    summary: str
    small: Mapping[str, Any]
    medium: Mapping[str, Any]
    large: Mapping[str, Any]
    fusion: bool = False
    """True: takes several inputs."""
    joint: bool = False
    """True: can see all bands of an image together; False: every band alone."""

    def options(self, size: str) -> dict[str, Any]:
        """Return the options of the constructor for one of ``SIZES``."""
        return dict({"small": self.small, "medium": self.medium, "large": self.large}[size])


@dataclass(frozen=True)
class LossPreset:
    """Losses by weight."""

    summary: str
    weights: Mapping[str, float]
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    adversarial: Mapping[str, Any] = field(default_factory=dict)
    spectra: bool = False
    """True: compares the bands of a pixel with each other, so that the network must see them together."""


NETWORKS: Mapping[str, NetworkPreset] = {
    "compact": NetworkPreset(
        "convolutions only, exact for any sensor, unit and number of bands; fast on a processor",
        small={"channels": 32, "depth": 3, "expand": 128},
        medium={"channels": 48, "depth": 8, "expand": 128},
        large={"channels": 64, "depth": 16, "expand": 128},
    ),
    "espcn": NetworkPreset(
        "three convolutions, each band alone: the smallest, for basemaps",
        small={"features": [32, 16], **_EQUIVARIANT},
        medium={"features": [64, 32], **_EQUIVARIANT},
        large={"features": [128, 64], **_EQUIVARIANT},
    ),
    "span": NetworkPreset(
        "attention blocks that fold to plain convolutions, with few parameters",
        small={"channels": 28, "blocks": 4},
        medium={"channels": 48, "blocks": 6},
        large={"channels": 64, "blocks": 8},
        joint=True,
    ),
    "edsr": NetworkPreset(
        "residual blocks: the usual yardstick",
        small={"channels": 32, "blocks": 8, **_EQUIVARIANT},
        medium={"channels": 64, "blocks": 16, **_EQUIVARIANT},
        large={"channels": 128, "blocks": 32, **_EQUIVARIANT},
        joint=True,
    ),
    "unet": NetworkPreset(
        "sees far around each pixel, for strong blur and JPEG's traces",
        small={"widths": [16, 32, 64], **_EQUIVARIANT},
        medium={"widths": [32, 64, 128, 256], **_EQUIVARIANT},
        large={"widths": [64, 128, 256, 512], **_EQUIVARIANT},
        joint=True,
    ),
    "rrdb": NetworkPreset(
        "dense blocks, the generator of ESRGAN: for a graphics card",
        small={"channels": 32, "growth": 16, "blocks": 4, **_EQUIVARIANT},
        medium={"channels": 64, "growth": 32, "blocks": 8, **_EQUIVARIANT},
        large={"channels": 64, "growth": 32, "blocks": 23, **_EQUIVARIANT},
        joint=True,
    ),
    "dsen2": NetworkPreset(
        "fusion: sharpens coarse bands by finer ones of the same scene, as Sentinel-2's",
        small={"channels": 32, "blocks": 4, "work": "cell"},
        medium={"channels": 64, "blocks": 6, "work": "cell"},
        large={"channels": 128, "blocks": 6, "work": "output"},
        fusion=True,
    ),
    "guided": NetworkPreset(
        "fusion: a local regression on the finer bands, and a small network for what it leaves; for little data",
        small={"channels": 24, "blocks": 1},
        medium={"channels": 48, "blocks": 2},
        large={"channels": 96, "blocks": 4},
        fusion=True,
    ),
}

LOSSES: Mapping[str, LossPreset] = {
    "gain": LossPreset(
        "the mean gain in PSNR over bicubic, and no kind of image below it: as the shipped models",
        {"log-gain": 0.5, "relative-mse": 0.5},
    ),
    "charbonnier": LossPreset("absolute error, smooth near zero", {"charbonnier": 1.0}),
    "l1": LossPreset("absolute error", {"l1": 1.0}),
    "mse": LossPreset("squared error", {"mse": 1.0}),
    "structure": LossPreset(
        "absolute error with structural similarity and edges",
        {"charbonnier": 1.0, "ssim": 0.2, "gradient": 0.2},
    ),
    "spectral": LossPreset(
        "absolute error with the angle between spectra, for several bands together",
        {"charbonnier": 1.0, "sam": 0.2},
        spectra=True,
    ),
    "frequency": LossPreset(
        "absolute error of the image and of its Fourier amplitudes", {"charbonnier": 1.0, "fft": 0.05}
    ),
    "perceptual": LossPreset(
        "absolute error with differences that a network of features sees: sharper, less exact",
        {"l1": 1.0, "perceptual": 0.05},
        options={"perceptual": {"features": "random"}},
    ),
    "adversarial": LossPreset(
        "a second network learns to tell the results from real images: sharpest, invents detail; not for measuring",
        {"l1": 1.0, "perceptual": 0.05},
        options={"perceptual": {"features": "random"}},
        adversarial={"weight": 0.005, "start_step": 2000, "kind": "relativistic"},
    ),
}
