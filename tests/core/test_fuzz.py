"""The fuzz harness: a few seeds of each kind hold, and what does not hold is found."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the harness runs models that are built with the onnx package")
pytest.importorskip("onnxruntime")

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.types import Window
from tests.fuzz import case as case_module
from tests.fuzz.case import Case, outcomes
from tests.fuzz.rasters import _hold
from tests.odd_rasters import look
from tests.rasters import NORTH_UP, texture, write_raster


@pytest.mark.parametrize(
    ("kind", "seeds"), [("rasters", 25), ("recipes", 25), ("products", 15), ("models", 8)]
)
def test_a_few_seeds_show_nothing(repository, kind, seeds):
    command = [sys.executable, "-m", "tests.fuzz", "--kind", kind, "--seeds", str(seeds)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_case_is_reproduced_by_its_seed(tmp_path):
    first, again, other = (Case("rasters", seed, tmp_path).random.bytes(8) for seed in (3, 3, 4))
    assert first == again != other


def broken(error):
    raise error


@pytest.mark.parametrize(
    ("action", "found"),
    [
        (lambda folder: broken(ValueError("odd")), "ValueError: odd"),
        (lambda folder: broken(InvalidSetting("something is wrong")), "names neither file nor parameter"),
        (lambda folder: (folder / "more").write_text("x"), "left behind"),
        (lambda folder: (folder / "in.tif").write_text("y"), "changed or removed"),
        (lambda folder: (folder / "in.tif").unlink(), "changed or removed"),
        (lambda folder: None, "not made"),
    ],
)
def test_what_breaks_a_promise_is_found(tmp_path, action, found):
    (tmp_path / "in.tif").write_text("x")
    case = Case("rasters", 0, tmp_path)
    case.attempt("step", lambda: action(tmp_path), ["out.tif"] if found == "not made" else ())
    assert len(case.findings) == 1
    assert case.findings[0].startswith(f"step: {found}")


def test_a_refusal_that_names_the_file_and_a_whole_output_are_no_findings(tmp_path):
    (tmp_path / "in.tif").write_text("x")
    case = Case("rasters", 0, tmp_path)
    assert case.attempt("step", lambda: broken(InvalidSetting("in.tif: wrong"))) is None
    assert isinstance(case.refusal, InvalidSetting)
    case.attempt("step", lambda: (tmp_path / "out.tif").write_text("x"), ["out.tif"])
    assert case.findings == []


def test_a_process_that_ends_or_hangs_is_a_finding_and_the_next_seed_goes_on(monkeypatch):
    monkeypatch.setattr(case_module, "_work", ends)
    assert [found for _, found, _ in outcomes("rasters", [1, 2])] == [["process: ended with 3"]] * 2
    monkeypatch.setattr(case_module, "SECONDS", 3)
    monkeypatch.setattr(case_module, "_work", hangs)
    assert [found for _, found, _ in outcomes("rasters", [1])] == [["process: no end after 3 s"]]


def ends(kind, seeds, scratch, pipe):
    raise SystemExit(3)


def hangs(kind, seeds, scratch, pipe):
    import time

    time.sleep(60)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ""),
        ({"image": 1}, "instead of"),
        ({"hole": True}, "9 pixels became invalid"),
        ({"transform": (NORTH_UP[0] + 1e-9, *NORTH_UP[1:])}, "geotransform"),
        ({"epsg": 32634}, "CRS"),
        ({"kind": np.int32}, "UInt16"),
        ({"size": 8}, "expected"),
    ],
)
def test_an_output_that_differs_is_found(tmp_path, changes, found):
    image = texture(1, 12, 10).astype(np.uint16)
    seen = look(write_raster(tmp_path / "in.tif", image, nodata=0))
    other = (image + changes.get("image", 0))[:, : changes.get("size", 12)]
    if changes.get("hole"):
        other[0, 3:6, 3:6] = 0
    transform, epsg = changes.get("transform", NORTH_UP), changes.get("epsg", 32633)
    other = other.astype(changes.get("kind", np.uint16))
    target = tmp_path / "out.tif"
    write_raster(target, other, nodata=0, transform=transform, epsg=epsg)
    case = Case("rasters", 0, tmp_path)
    _hold(case, "step", target, seen, None, Window(0, 0, 12, 10), 1, None, True)
    assert [found in text for text in case.findings] == ([True] if found else [])
