"""Runs that are cancelled, and those that go on where another stopped."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.rasters import (
    read_raster,
    texture,
    write_raster,
)

OFF = Settings(consistency="off")


def _repeated(image):
    return image.repeat(2, axis=1).repeat(2, axis=2)


def test_blended_models_run_tiled_and_resume(tmp_path, conv):
    card = replace(conv, tile=replace(conv.tile, halo=8, blend="linear"))
    image = texture(1, 90, 70).astype(np.float32)
    image[0, 30:40, 20:50] = np.nan
    source = write_raster(tmp_path / "in.tif", image)
    whole, tiled = str(tmp_path / "whole.tif"), str(tmp_path / "tiled.tif")
    super_resolve(Source(source), card, whole, settings=replace(OFF, tile=500))
    super_resolve(Source(source), card, tiled, settings=replace(OFF, tile=20))
    np.testing.assert_allclose(read_raster(tiled), read_raster(whole), atol=5e-3)

    class Stops(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = fraction > 0.7

    target = tmp_path / "resumed.tif"
    settings = replace(OFF, tile=20, resume=True)
    with pytest.raises(Cancelled):
        super_resolve(Source(source), card, str(target), settings=settings, progress=Stops())
    super_resolve(Source(source), card, str(target), settings=settings)
    assert target.read_bytes() == Path(tiled).read_bytes()


def test_cancelling_leaves_nothing_and_the_old_file(tmp_path, nearest):
    class Stops(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = True

    source = write_raster(tmp_path / "in.tif", texture(1, 200, 200).astype(np.uint16))
    target = tmp_path / "out.tif"
    target.write_bytes(b"old")
    with pytest.raises(Cancelled):
        super_resolve(Source(source), nearest, str(target), settings=replace(OFF, tile=16), progress=Stops())
    assert target.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "out.tif"]


def test_resuming_gives_the_bytes_of_an_uninterrupted_run(tmp_path, conv):
    class Stops(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = fraction > 0.7

    class Listens(SilentProgress):
        def __init__(self):
            self.lines = []

        def info(self, message):
            self.lines.append(message)

    image = texture(2, 160, 90).astype(np.uint16)
    image[:, :50, :40] = 0
    source = write_raster(tmp_path / "in.tif", image, nodata=0)
    settings = Settings(consistency="off", tile=32)
    whole, target = tmp_path / "whole.tif", tmp_path / "out.tif"
    super_resolve(Source(source), conv, str(whole), settings=settings)
    settings = replace(settings, resume=True)
    with pytest.raises(Cancelled):
        super_resolve(Source(source), conv, str(target), settings=settings, progress=Stops())
    assert not target.exists()
    progress = Listens()
    super_resolve(Source(source), conv, str(target), settings=settings, progress=progress)
    assert any("rows of tiles are taken from the interrupted run" in line for line in progress.lines)
    assert target.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "out.tif", "whole.tif"]


def test_rows_of_another_run_are_not_used(tmp_path, nearest, conv):
    class Stops(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = True

    image = texture(1, 100, 40).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", image)
    settings = Settings(consistency="off", tile=16, resume=True)
    with pytest.raises(Cancelled):
        super_resolve(Source(source), conv, str(tmp_path / "out.tif"), settings=settings, progress=Stops())
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image))
