"""What a user finds by typing into the toolbox, asked of QGIS's own filter."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication
from qgis.gui import QgsProcessingToolboxModel, QgsProcessingToolboxProxyModel
from qgis.PyQt.QtCore import QModelIndex, QSize

from srsat_qgis.core.paths import resources_dir


@pytest.fixture
def typed(srsat):
    """Types words into the toolbox, and returns the ids of the provider's algorithms that it then shows, in order."""
    model = QgsProcessingToolboxProxyModel(None, QgsApplication.processingRegistry())

    def below(index):
        for row in range(model.rowCount(index)):
            child = model.index(row, 0, index)
            yield child
            yield from below(child)

    def _typed(words):
        model.setFilterString(words)
        role = QgsProcessingToolboxModel.RoleAlgorithmId
        ids = [model.data(index, role) for index in below(QModelIndex())]
        return [found.partition(":")[2] for found in ids if found and found.startswith("srsat:")]

    return _typed


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("super", "superresolve"),
        ("super-resolution", "superresolve"),
        ("sharpen", "sharpenthermal"),
        ("sentinel", "sentinel2"),
        ("landsat", "harmonise"),
        ("time series", "timeseries"),
        ("temperature", "sharpenthermal"),
        ("thermal", "sharpenthermal"),
        ("tiles", "superresolvetiles"),
        ("xyz", "superresolvetiles"),
        ("pansharpen", "pansharpen"),
        ("upsample", "superresolve"),
        ("upscale", "superresolve"),
        ("zoom", "superresolve"),
        ("denoise", "superresolve"),
        ("orthophoto", "superresolve"),
        ("downscale", "degrade"),
        ("folder", "batchfolder"),
        ("train", "preparetrainingdata"),
        ("install", "installdependencies"),
        ("gpu", "deviceinfo"),
    ],
)
def test_typed_words_put_the_right_algorithm_first(typed, words, first):
    assert typed(words)[:1] == [first]


def test_a_word_of_some_algorithms_does_not_find_all_of_them(typed, srsat):
    everything = len(srsat.algorithms())
    for word in ("super", "sharpen", "install", "quality", "train"):
        assert len(typed(word)) <= everything // 2, word


def test_each_group_has_an_icon_of_its_own(srsat):
    paths = {algorithm.groupId(): algorithm.svgIconPath() for algorithm in srsat.algorithms()}
    assert paths == {group: str(resources_dir() / "icons" / f"{group}.svg") for group in paths}
    pictures = {}
    for algorithm in srsat.algorithms():
        image = algorithm.icon().pixmap(QSize(32, 32)).toImage()
        assert not image.isNull(), algorithm.id()
        assert any(image.pixelColor(x, y).alpha() for x in range(32) for y in range(32)), algorithm.id()
        pictures[algorithm.groupId()] = bytes(image.constBits().asstring(image.sizeInBytes()))
    assert len(set(pictures.values())) == len(paths) >= 8
