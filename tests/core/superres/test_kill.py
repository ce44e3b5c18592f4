"""Runs killed at random moments: the old file or nothing, and the same bytes in the end."""

import os

import numpy as np

from srsat_qgis.core.paths import models_dir
from tests.killing import kill_repeatedly, run_whole
from tests.rasters import texture, write_raster

MODEL = models_dir() / "any-x2-fast"


def test_killed_runs_leave_the_old_file_and_resume_to_the_same_bytes(tmp_path):
    image = texture(2, 700, 500).astype(np.uint16)
    image[:, 300:420, :90] = 0
    source = write_raster(tmp_path / "in.tif", image, nodata=0)
    whole, target = tmp_path / "whole.tif", tmp_path / "out.tif"
    seconds = run_whole(MODEL, source, whole, 64)
    target.write_bytes(b"old")
    finished = whole.read_bytes()
    for seen in kill_repeatedly(MODEL, source, target, 64, times=5, seconds=seconds, seed=1):
        assert seen in (b"old", finished)
    run_whole(MODEL, source, target, 64)
    assert target.read_bytes() == finished
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "out.tif", "whole.tif"]


def test_without_an_old_file_nothing_or_the_whole_stands_at_the_target(tmp_path):
    source = write_raster(tmp_path / "in.tif", texture(1, 600, 600).astype(np.uint16))
    whole, target = tmp_path / "whole.tif", tmp_path / "out.tif"
    seconds = run_whole(MODEL, source, whole, 64)
    finished = whole.read_bytes()
    for seen in kill_repeatedly(MODEL, source, target, 64, times=2, seconds=seconds / 2, seed=2):
        assert seen in (None, finished)  # whole where a fast machine was done before it was killed
