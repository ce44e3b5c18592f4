"""A fused scene through a single-image model: pixels smaller than those of the scene's finest bands, in one run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fusion.fuse import Fused, FusionRequest, fusing
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.writer import GTIFF, check_writable, refuse_overwriting
from srsat_qgis.core.superres.run import Result, Source, super_resolve
from srsat_qgis.core.temporary import workplace
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress

# Of the run's time, about: the bands at the finest pixel size have a quarter of the pixels, but two models.
_FUSED_SHARE = 0.3


@dataclass(frozen=True)
class Finer:
    """What has been made; the scene at its finest pixel size is there as long as the block that made this lasts."""

    fused: Fused
    result: Result
    card: ModelCard
    """Of the model that made the pixels smaller still."""
    seconds: float

    @property
    def device(self) -> str:
        """Where the models ran, in words."""
        return ", ".join(dict.fromkeys((*self.fused.device.split(", "), self.result.device)))


def check_finer(card: ModelCard) -> None:
    """Refuse a model that does not enlarge every band by itself.

    Raises
    ------
    InvalidSetting
        If it takes several inputs or certain bands, or makes no pixels smaller.
    """
    if len(card.inputs) != 1 or not card.bandwise or card.scale < 2:
        raise InvalidSetting(
            f"{card.id}: expected a model of one raster that makes the pixels of every band smaller, such as any-x2"
        )


@contextmanager
def fusing_finer(
    request: FusionRequest, card: ModelCard, *, progress: Progress | None = None
) -> Iterator[Finer]:
    """Fuse a scene, and make its pixels smaller still; see ``fusing``.

    The output covers the same extent, and its grid nests in that of the scene. Pixels without data stay so, and
    saturated ones stay saturated. What lies between lies in a hidden folder beside the target until the block ends.

    Parameters
    ----------
    request : FusionRequest
    card : ModelCard
        Of a model that enlarges every band by itself.
    progress : Progress, optional

    Raises
    ------
    SrsatError
        As ``fusing`` and ``super_resolve``; no partial output is left behind.
    """
    started = time.monotonic()
    progress = progress or SilentProgress()
    check_finer(card)
    settings = request.settings
    refuse_overwriting(
        request.target, [Raster(path) for path in dict.fromkeys(b.path for b in request.layers.values())]
    )
    # The whole is checked where its size is known; options and folder are told before hours of work.
    check_writable(
        request.target, bytes_needed=0, creation_options=settings.creation_options, layout=settings.layout
    )
    with workplace(Path(request.target)) as folder:
        between = replace(
            request,
            target=str(folder / "fused.tif"),
            settings=replace(settings, creation_options=(), layout=GTIFF),
        )
        with fusing(between, progress=PartProgress(progress, 0.0, _FUSED_SHARE)) as fused:
            wanted = replace(
                settings,
                # Cells of the fused scene are other pixels than those of its coarse bands.
                tile=None,
                extent=None,
                saturation=request.sensor.saturated,
                keep_saturated=True,
            )
            result = super_resolve(
                Source(fused.path),
                card,
                request.target,
                settings=wanted,
                items=_items(fused, card),
                progress=PartProgress(progress, _FUSED_SHARE, 1.0),
            )
            yield Finer(fused, result, card, time.monotonic() - started)


def _items(fused: Fused, card: ModelCard) -> dict[str, str]:
    """Return the provenance of both steps: the parameters are the scene's, the models all that were used."""
    own = {
        "SRSAT_MODEL": card.id,
        "SRSAT_MODEL_VERSION": card.version,
        "SRSAT_MODEL_SHA256": card.sha256,
        "SRSAT_SCALE": str(card.scale),
        "SRSAT_PRECISION": card.precision,
    }
    before = {key: value for key, value in fused.provenance.items() if key != "SRSAT_DEGRADATION"}
    return {**before, **{key: f"{fused.provenance[key]}, {value}" for key, value in own.items()}}
