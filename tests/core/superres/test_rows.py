"""Runs that are cancelled, and those that go on where another stopped."""

import contextlib
import json
import os
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import Cancelled, OutputNotWritable
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import RasterFacts
from srsat_qgis.core.superres.run import Settings, Source, assemble, prepare, run_rows, settle, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.killing import ROOT
from tests.rasters import (
    read_raster,
    texture,
    write_raster,
)

OFF = Settings(consistency="off")


class StopsLate(SilentProgress):
    """Cancels a run when most of its rows are computed."""

    cancelled = False

    def update(self, fraction):
        self.cancelled = fraction > 0.7


class Listens(SilentProgress):
    """Keeps what a run says."""

    def __init__(self):
        self.lines = []

    def info(self, message):
        self.lines.append(message)


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

    target = tmp_path / "resumed.tif"
    settings = replace(OFF, tile=20, resume=True)
    with pytest.raises(Cancelled):
        super_resolve(Source(source), card, str(target), settings=settings, progress=StopsLate())
    super_resolve(Source(source), card, str(target), settings=settings)
    assert target.read_bytes() == Path(tiled).read_bytes()


class Stops(SilentProgress):
    """Cancelled as soon as there is progress."""

    cancelled = False

    def update(self, fraction):
        self.cancelled = True


@pytest.mark.parametrize("resume", [False, True])
def test_cancelling_leaves_nothing_and_the_old_file(tmp_path, nearest, resume):
    source = write_raster(tmp_path / "in.tif", texture(1, 200, 200).astype(np.uint16))
    target = tmp_path / "out.tif"
    target.write_bytes(b"old")
    with pytest.raises(Cancelled):
        super_resolve(
            Source(source),
            nearest,
            str(target),
            settings=replace(OFF, tile=16, resume=resume),
            progress=Stops(),
        )
    assert target.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "out.tif"]


def test_resuming_gives_the_bytes_of_an_uninterrupted_run(tmp_path, conv):
    image = texture(2, 160, 90).astype(np.uint16)
    image[:, :50, :40] = 0
    source = write_raster(tmp_path / "in.tif", image, nodata=0)
    settings = Settings(consistency="off", tile=32)
    whole, target = tmp_path / "whole.tif", tmp_path / "out.tif"
    super_resolve(Source(source), conv, str(whole), settings=settings)
    settings = replace(settings, resume=True)
    with pytest.raises(Cancelled):
        super_resolve(Source(source), conv, str(target), settings=settings, progress=StopsLate())
    assert not target.exists()
    progress = Listens()
    super_resolve(Source(source), conv, str(target), settings=settings, progress=progress)
    assert any("rows of tiles are taken from the interrupted run" in line for line in progress.lines)
    assert "conv 1.0.0 runs on cpu: " in progress.lines[0]
    assert target.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "out.tif", "whole.tif"]


def _interrupted(tmp_path, card, image, **settings):
    """Cancel a resumable run after some rows; return its source, target and folder of rows."""

    source = write_raster(tmp_path / "in.tif", image)
    target = tmp_path / "out.tif"
    chosen = Settings(consistency="off", tile=16, resume=True, **settings)
    with pytest.raises(Cancelled):
        super_resolve(Source(source), card, str(target), settings=chosen, progress=StopsLate())
    folder = tmp_path / ".out.tif.srsat-resume"
    assert len(list(folder.glob("row-*.npys"))) >= 2
    return source, target, folder


def test_rows_of_another_model_are_not_used(tmp_path, nearest, conv):
    image = texture(1, 160, 40).astype(np.uint16)
    source, target, _ = _interrupted(tmp_path, conv, image)
    super_resolve(
        Source(source), nearest, str(target), settings=Settings(consistency="off", tile=16, resume=True)
    )
    np.testing.assert_array_equal(read_raster(target), _repeated(image))


def test_rows_of_an_input_that_has_changed_are_not_used(tmp_path, nearest):
    image = texture(1, 160, 40).astype(np.uint16)
    source, target, _ = _interrupted(tmp_path, nearest, image)
    other = image + np.uint16(7)
    write_raster(tmp_path / "in.tif", other)
    super_resolve(
        Source(source), nearest, str(target), settings=Settings(consistency="off", tile=16, resume=True)
    )
    np.testing.assert_array_equal(read_raster(target), _repeated(other))


@pytest.mark.parametrize(
    "changed",
    [
        {"saturation": 2000.0},
        {"tile": 32},
        {"output_type": "Int32"},
        {"nodata": 777.0},
        {"consistency": "area"},
        {"extent": (399960.0, 5298540.0, 400260.0, 5300040.0)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_rows_of_other_settings_are_not_used(tmp_path, conv, changed):
    image = texture(1, 160, 40).astype(np.uint16)
    image[0, 20:24, 10:14] = 777
    source, target, _ = _interrupted(tmp_path, conv, image)
    settings = replace(Settings(consistency="off", tile=16, resume=True), **changed)
    super_resolve(Source(source), conv, str(target), settings=settings)
    plain = tmp_path / "plain.tif"
    super_resolve(Source(source), conv, str(plain), settings=replace(settings, resume=False))
    assert target.read_bytes() == plain.read_bytes()


def test_rows_of_another_model_with_the_same_tiles_are_not_used(tmp_path, nearest, conv):
    image = texture(1, 160, 40).astype(np.uint16)
    source, target, _ = _interrupted(tmp_path, conv, image)
    settings = Settings(consistency="off", tile=16, resume=True)
    super_resolve(Source(source), replace(nearest, tile=conv.tile), str(target), settings=settings)
    np.testing.assert_array_equal(read_raster(target), _repeated(image))


def test_rows_of_another_device_are_not_used(tmp_path, nearest, monkeypatch):
    """Two devices round differently: a seam would show where one took over."""
    image = texture(1, 160, 40).astype(np.uint16)
    source, target, folder = _interrupted(tmp_path, nearest, image)
    identity = folder / "identity.json"
    other = identity.read_text("utf-8").replace('"device": "cpu"', '"device": "cuda"')
    assert other != identity.read_text("utf-8")
    identity.write_text(other, "utf-8")
    progress = Listens()
    settings = Settings(consistency="off", tile=16, resume=True)
    super_resolve(Source(source), nearest, str(target), settings=settings, progress=progress)
    assert not any("rows of tiles are taken" in line for line in progress.lines)
    np.testing.assert_array_equal(read_raster(target), _repeated(image))


def test_rows_of_a_raster_in_an_archive_that_was_replaced_are_not_used(tmp_path, nearest):
    archive, target = tmp_path / "in.zip", tmp_path / "out.tif"
    images = [texture(1, 160, 40, seed=seed).astype(np.uint16) for seed in (1, 2)]
    source = Source(f"/vsizip/{archive}/in.tif")
    for year, image in enumerate(images, start=2001):
        content = Path(write_raster(tmp_path / "in.tif", image)).read_bytes()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(zipfile.ZipInfo("in.tif", (year, 1, 1, 0, 0, 0)), content)
        # GDAL looks into an archive again when it is a second newer.
        os.utime(archive, (year, year))
        progress = StopsLate() if image is images[0] else SilentProgress()
        with contextlib.suppress(Cancelled):
            settings = Settings(consistency="off", tile=16, resume=True)
            super_resolve(source, nearest, str(target), settings=settings, progress=progress)
        assert target.exists() == (image is images[1])
    np.testing.assert_array_equal(read_raster(target), _repeated(images[1]))


def test_all_that_decides_on_pixels_is_part_of_a_jobs_identity(tmp_path, nearest):
    """Also of an input whose files nobody can date, as on a server."""
    source = write_raster(tmp_path / "in.tif", texture(1, 40, 40).astype(np.uint16))
    job = settle(prepare(Source(source), nearest, str(tmp_path / "out.tif"), OFF), SilentProgress())
    layer, output = job.layers[0], job.output
    others = [
        replace(job, layers=(replace(layer, path="elsewhere/in.tif"),)),
        replace(job, layers=(replace(layer, numbers=(2,)),)),
        replace(job, stamps=()),
        replace(job, provenance={**job.provenance, "SRSAT_DEGRADATION": "gaussian-area sigma=0.5"}),
        replace(job, origin=job.origin._replace(row=1)),
        replace(job, plan=replace(job.plan, halo=9)),
        replace(job, output=replace(output, data_type="Int32")),
        replace(job, output=replace(output, nodata=0.0)),
        replace(job, output=replace(output, grid=output.grid.refined(2))),
    ]
    identities = [json.dumps(one.identity(), default=str) for one in (job, *others)]
    assert len(set(identities)) == len(identities)
    same = replace(job, settings=replace(job.settings, threads=7, creation_options=("COMPRESS=LZW",)))
    assert same.identity() == job.identity()


@pytest.mark.parametrize("damage", ["empty", "cut", "cut between chunks", "one bit", "garbage"])
def test_a_damaged_row_is_computed_again(tmp_path, nearest, damage):
    image = texture(1, 160, 40).astype(np.uint16)
    source, target, folder = _interrupted(tmp_path, nearest, image)
    row = folder / "row-00000.npys"
    content = row.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    row.write_bytes(
        {
            "empty": b"",
            "cut": content[: len(content) // 2],
            "cut between chunks": content[
                : content.index(b"\x93NUMPY", 1 + content.index(b"\x93NUMPY", 400))
            ],
            "one bit": bytes(flipped),
            "garbage": b"x" * len(content),
        }[damage]
    )
    super_resolve(
        Source(source), nearest, str(target), settings=Settings(consistency="off", tile=16, resume=True)
    )
    np.testing.assert_array_equal(read_raster(target), _repeated(image))
    assert sorted(os.listdir(tmp_path)) == ["in.tif", "out.tif"]


def test_a_damaged_identity_starts_anew(tmp_path, nearest):
    image = texture(1, 160, 40).astype(np.uint16)
    source, target, folder = _interrupted(tmp_path, nearest, image)
    (folder / "identity.json").write_bytes(b"\xff\xfe{")
    super_resolve(
        Source(source), nearest, str(target), settings=Settings(consistency="off", tile=16, resume=True)
    )
    np.testing.assert_array_equal(read_raster(target), _repeated(image))


def _kept_and_replayed(tmp_path, card, image, tile, parts):
    """Run in one go, and by rows in fresh processes; return both files' bytes."""
    source = write_raster(tmp_path / "in.tif", image, nodata=0)
    whole, target, folder = tmp_path / "whole.tif", tmp_path / "out.tif", tmp_path / "rows"
    settings = Settings(tile=tile, threads=1)
    super_resolve(Source(source), card, str(whole), settings=settings)
    job = settle(prepare(Source(source), card, str(target), settings), SilentProgress())
    assert pickle.loads(pickle.dumps(job)) == job
    pickled = tmp_path / "job.pickle"
    pickled.write_bytes(pickle.dumps(job))
    edges = np.linspace(0, job.plan.tile_rows, parts + 1).astype(int)
    commands = [
        [sys.executable, "-m", "tests.run_rows", str(pickled), str(folder), str(start), str(stop)]
        for start, stop in zip(edges, edges[1:])
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen(command, cwd=ROOT, env=environment) for command in commands]
    assert [process.wait() for process in running] == [0] * parts
    assemble(job, folder, SilentProgress())
    return whole.read_bytes(), target.read_bytes()


def test_rows_computed_by_two_processes_make_the_bytes_of_a_plain_run(tmp_path, conv):
    image = texture(2, 200, 90).astype(np.uint16)
    image[:, :50, :40] = 0
    plain, assembled = _kept_and_replayed(tmp_path, conv, image, tile=32, parts=2)
    assert assembled == plain


def test_blended_rows_computed_by_three_processes_make_the_bytes_of_a_plain_run(tmp_path, conv):
    card = replace(conv, tile=replace(conv.tile, halo=8, blend="linear"))
    image = texture(1, 170, 70).astype(np.uint16)
    plain, assembled = _kept_and_replayed(tmp_path, card, image, tile=20, parts=3)
    assert assembled == plain


def test_a_shipped_model_s_blur_is_measured_once_and_goes_with_the_job(tmp_path):
    image = texture(1, 130, 110).astype(np.uint16)
    card = registry()["any-x2-fast"]
    plain, assembled = _kept_and_replayed(tmp_path, card, image, tile=64, parts=2)
    assert assembled == plain


def test_assembling_names_the_rows_that_are_missing(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 100, 40).astype(np.uint16))
    settings = replace(OFF, tile=16)
    job = settle(prepare(Source(source), nearest, str(tmp_path / "out.tif"), settings), SilentProgress())
    run_rows(job, range(1, 3), tmp_path / "rows", SilentProgress())
    with pytest.raises(
        OutputNotWritable, match=rf"{job.plan.tile_rows - 2} of {job.plan.tile_rows} rows are not whole: 0, 3"
    ):
        assemble(job, tmp_path / "rows", SilentProgress())
    assert not (tmp_path / "out.tif").exists()


def test_rows_that_are_there_are_not_computed_again(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 100, 40).astype(np.uint16))
    job = prepare(Source(source), nearest, str(tmp_path / "out.tif"), replace(OFF, tile=16))
    job = settle(job, SilentProgress())
    run_rows(job, range(1, 2), tmp_path / "rows", SilentProgress())
    before = (tmp_path / "rows" / "row-00001.npys").stat()
    run_rows(job, range(3), tmp_path / "rows", SilentProgress())
    after = (tmp_path / "rows" / "row-00001.npys").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(list((tmp_path / "rows").glob("row-*.npys"))) == 3


def test_a_cancelled_assembly_leaves_the_rows_and_no_output(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 100, 40).astype(np.uint16))
    target = tmp_path / "out.tif"
    job = settle(prepare(Source(source), nearest, str(target), replace(OFF, tile=16)), SilentProgress())
    run_rows(job, range(job.plan.tile_rows), tmp_path / "rows", SilentProgress())
    with pytest.raises(Cancelled):
        assemble(job, tmp_path / "rows", Stops())
    assert not target.exists()
    assemble(job, tmp_path / "rows", SilentProgress())
    assert target.exists()


def test_a_row_is_on_the_disk_before_it_has_its_name(tmp_path, nearest, monkeypatch):
    synced = {}
    fsync = os.fsync

    def note(number):
        fsync(number)
        synced[os.fstat(number).st_ino] = os.fstat(number).st_size

    monkeypatch.setattr(os, "fsync", note)
    source = write_raster(tmp_path / "in.tif", texture(1, 100, 40).astype(np.uint16))
    job = prepare(Source(source), nearest, str(tmp_path / "out.tif"), replace(OFF, tile=16))
    run_rows(settle(job, SilentProgress()), range(2), tmp_path / "rows", SilentProgress())
    rows = [path.stat() for path in (tmp_path / "rows").glob("row-*.npys")]
    assert len(rows) == 2
    assert [synced[row.st_ino] for row in rows] == [row.st_size for row in rows]


def test_blended_tiles_are_never_smaller_than_their_fades(tmp_path, conv):
    card = replace(conv, tile=replace(conv.tile, halo=24, blend="linear"))
    source = write_raster(tmp_path / "in.tif", texture(1, 100, 90).astype(np.uint16))
    job = prepare(Source(source), card, str(tmp_path / "out.tif"), replace(OFF, tile=8))
    plan = job.settled(RasterFacts(), halo=24).plan
    assert (plan.overlap, plan.core_rows, plan.core_cols) == (12, 24, 24)


def test_rows_of_two_jobs_do_not_share_a_folder(tmp_path, nearest, conv):
    source = write_raster(tmp_path / "in.tif", texture(1, 100, 40).astype(np.uint16))
    first, second = (
        settle(
            prepare(Source(source), card, str(tmp_path / "out.tif"), replace(OFF, tile=16)), SilentProgress()
        )
        for card in (nearest, conv)
    )
    run_rows(first, range(0, 1), tmp_path / "rows", SilentProgress())
    with pytest.raises(OutputNotWritable, match="rows of another run"):
        run_rows(second, range(1, 2), tmp_path / "rows", SilentProgress())
