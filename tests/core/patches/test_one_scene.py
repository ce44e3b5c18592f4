"""A patch store out of one scene: training and validation apart, no holes, few reads of a large scene."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from srsat_qgis.core.errors import NoValidPixels
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.core.patches import one_scene
from srsat_qgis.core.patches.one_scene import MOST, cut_scene
from srsat_qgis.core.types import SilentProgress
from tests.core.sentinel2 import models
from tests.rasters import texture, write_raster


@pytest.fixture(scope="module", name="cards")
def _cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {gsd: models.detail_card(folder, gsd) for gsd in (20, 60)}


def stacks(
    folder, card, *, rows: int, cols: int, change=None
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Write one raster an input, of so many 10 m pixels."""
    images, paths = {}, {}
    for spec in card.inputs:
        image = texture(
            len(spec.bands), rows // spec.ratio, cols // spec.ratio, low=300, high=3000, seed=spec.ratio
        )
        image = np.rint(image).astype(np.uint16)
        if change is not None:
            change(spec, image)
        gsd = 10.0 * spec.ratio
        transform = (399960.0, gsd, 0.0, 5300040.0, 0.0, -gsd)
        names = [band.name for band in spec.bands]
        paths[spec.name] = write_raster(
            folder / f"{spec.name}.tif", image, transform=transform, names=names, nodata=0
        )
        images[spec.name] = image
    return images, paths


def cut(card, paths, folder):
    about = {"sensor": "Sentinel-2", "gsd_m": 10.0, "saturation": 65535.0}
    return cut_scene(card, paths, folder, **about, progress=SilentProgress())


def found_at(image: np.ndarray, patch: np.ndarray) -> tuple[int, int]:
    """Return where a patch was cut from the first band of an image."""
    side = patch.shape[-1]
    starts = np.argwhere(image[0] == patch[0, 0, 0])
    return next(
        (int(row), int(col))
        for row, col in starts
        if np.array_equal(image[:, row : row + side, col : col + side], patch)
    )


@pytest.mark.parametrize(
    ("gsd", "rows", "cols", "away", "side"),
    [(20, 360, 420, 8, 52), (20, 2016, 2016, 144, 144), (60, 1512, 1260, 24, 60)],
)
def test_layers_show_the_same_ground_and_validation_keeps_away(tmp_path, cards, gsd, rows, cols, away, side):
    """``away`` in coarse pixels: a patch in a large scene, four degraded pixels in a small one.

    In a small scene patches are no wider than the strip for validation, a quarter of the longer side.
    """
    card = cards[gsd]
    images, paths = stacks(tmp_path, card, rows=rows, cols=cols)
    store = cut(card, paths, tmp_path / "store")
    assert store.side == side
    places = {}
    for split in ("train", "validation"):
        patches = {name: np.load(store.folder / f"scene.{split}.{name}.npy") for name in images}
        places[split] = []
        for coarse, fine in zip(patches["coarse"], patches["fine"]):
            row, col = found_at(images["coarse"], coarse)
            places[split].append((row, col))
            scale = card.scale
            assert fine.shape[-1] == side * scale
            window = images["fine"][:, row * scale :, col * scale :][:, : side * scale, : side * scale]
            np.testing.assert_array_equal(fine, window)
    assert (store.train, store.validation) == (len(places["train"]), len(places["validation"]))
    for row, col in places["train"]:
        for other in places["validation"]:
            assert max(abs(row - other[0]), abs(col - other[1])) >= store.side + away
    manifest = json.loads((store.folder / "manifest.json").read_text("utf-8"))
    layers = {layer["name"]: layer for layer in manifest["sources"][0]["layers"]}
    assert [band["name"] for band in layers["coarse"]["bands"]] == [
        band.name for band in card.inputs[0].bands
    ]
    assert layers["coarse"]["ratio"] == card.scale


@pytest.mark.parametrize(("rows", "cols", "axis"), [(300, 360, 1), (360, 300, 0), (320, 320, 1)])
def test_the_strip_for_validation_ends_the_longer_side_or_the_rows(tmp_path, cards, rows, cols, axis):
    images, paths = stacks(tmp_path, cards[20], rows=rows, cols=cols)
    store = cut(cards[20], paths, tmp_path / "store")
    train, held = (
        [
            found_at(images["coarse"], patch)[axis]
            for patch in np.load(store.folder / f"scene.{split}.coarse.npy")
        ]
        for split in ("train", "validation")
    )
    assert max(train) + store.side < min(held)


def test_patches_are_whole_pixels_of_layers_whose_sizes_nest_in_none_of_the_others(tmp_path, cards):
    """Pixels of 10, 20 and 50 m: sides are multiples of 200 m."""
    card = replace(cards[20], inputs=(*cards[20].inputs, InputSpec("far", 5, (BandSpec("B1"),))))
    _, paths = stacks(tmp_path, card, rows=240, cols=240)
    store = cut(card, paths, tmp_path / "store")
    assert store.side == 40
    sides = {
        name: np.load(store.folder / f"scene.train.{name}.npy").shape[-1]
        for name in ("coarse", "fine", "far")
    }
    assert sides == {"coarse": 40, "fine": 80, "far": 16}


def test_holes_and_saturated_ground_are_left_out(tmp_path, cards):
    def change(spec, image):
        image[:, : image.shape[1] // 2] = 0
        image[1, -4:, -4:] = 65535

    _, paths = stacks(tmp_path, cards[20], rows=720, cols=360, change=change)
    store = cut(cards[20], paths, tmp_path / "store")
    for split in ("train", "validation"):
        patches = np.load(store.folder / f"scene.{split}.coarse.npy")
        assert patches.min() > 0
        assert (patches == 65535).mean() < 0.01


def test_of_a_large_scene_only_so_many_patches_are_kept(tmp_path, cards, monkeypatch):
    for split, most in (("train", 20), ("validation", 2)):
        monkeypatch.setitem(MOST, split, most)
    _, paths = stacks(tmp_path, cards[20], rows=1440, cols=1440)
    store = cut(cards[20], paths, tmp_path / "store")
    assert (store.train, store.validation, store.side) == (20, 2, 144)


@pytest.mark.parametrize(("most", "stride"), [(20, 36), (21, 18)])
def test_patches_overlap_where_there_is_room_for_less_than_twice_as_many_as_are_kept(
    tmp_path, cards, monkeypatch, most, stride
):
    """5 x 8 patches of 36 pixels of the target."""
    monkeypatch.setattr(one_scene, "_SIDE", 72)
    monkeypatch.setitem(MOST, "train", most)
    images, paths = stacks(tmp_path, cards[20], rows=360, cols=576)
    store = cut(cards[20], paths, tmp_path / "store")
    places = {found_at(images["coarse"], patch) for patch in np.load(store.folder / "scene.train.coarse.npy")}
    assert store.side == 36
    for one, other in itertools.combinations(places, 2):
        assert max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= stride
    assert any(place[axis] % 36 for place in places for axis in (0, 1)) == (stride < 36)


@pytest.mark.parametrize("empty", [False, True])
def test_a_scene_with_too_little_ground_is_refused(tmp_path, cards, empty):
    def change(spec, image):
        if empty:
            image[:] = 0

    side = 360 if empty else 96
    _, paths = stacks(tmp_path, cards[20], rows=side, cols=side, change=change)
    with pytest.raises(NoValidPixels, match="the scene has too little ground"):
        cut(cards[20], paths, tmp_path / "store")
    assert not (tmp_path / "store" / "manifest.json").exists()
