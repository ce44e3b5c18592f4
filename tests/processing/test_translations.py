"""The windows speak QGIS's language: all texts are collected, translations are whole, and nothing stored changes."""

from __future__ import annotations

import importlib.util
import re

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator
from qgis.PyQt.QtWidgets import QScrollArea

from srsat_qgis.core.models.registry import registry
from srsat_qgis.processing.provider import ALGORITHMS
from tests.conftest import ROOT

LANGUAGES = ("de", "fr", "es")
MAIN = (
    "superresolve", "sentinel2", "sharpenthermal", "harmonise", "timeseries", "superresolvetiles", "batchfolder",
    "similarity", "degrade", "coregister", "pansharpen", "preview", "rasterinfo", "modelinfo", "installdependencies",
)  # fmt: skip
I18N = ROOT / "resources" / "i18n"


@pytest.fixture(scope="module")
def tool():
    """The program that collects the texts."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / ".ci" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def texts(tool, plugin):
    """All that is translated, as (context, text)."""
    return tool.collected()


def shown(name):
    """What an algorithm shows, labels with the help and the choices, and what of it is stored in models and scripts."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"srsat:{name}")
    definitions = [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]
    labels = [one.description() for one in definitions]
    for one in algorithm.parameterDefinitions():
        labels.append(one.help())
        # A model is called what its card says.
        choices = one.metadata().get("widget_wrapper", {}).get("labels", {})
        labels.extend(words for stored, words in choices.items() if stored not in registry())
    kept = [algorithm.id(), algorithm.groupId(), *((one.name(), one.type()) for one in definitions)]
    for one in algorithm.parameterDefinitions():
        kept.append(one.defaultValue())
        if one.type() == "enum":
            kept.append(one.options())
    words = [algorithm.displayName(), algorithm.group(), algorithm.shortDescription()]
    return words, labels, algorithm.shortHelpString(), kept


def lacking(labels, english):
    """Return the labels that are still English, but for those that are the same words in both languages."""
    same = {"BRDF", "Id", "Version", "Name", "Resampling"}
    return [one for one, other in zip(labels, english) if one == other and one not in same]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_every_text_of_the_code_and_no_other(tool, texts, language):
    assert set(tool.translations(I18N / f"srsat_{language}.ts")) == set(texts), "run make translations"


def test_each_text_is_in_the_context_of_its_class_and_shared_ones_in_the_common_one(texts):
    from srsat_qgis.processing.settings import COMMON

    contexts = {context for context, _ in texts}
    assert contexts <= {COMMON, *(one.__name__ for one in ALGORITHMS)}
    assert ("Degrade", "Degrade raster") in texts
    assert (COMMON, "Super-resolution") in texts
    assert (COMMON, "Restart QGIS to use it.") in texts
    assert len({text for _, text in texts}) == len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_placeholders_names_of_parameters_and_paragraphs(tool, language):
    pieces = re.compile(r"\{\w*\}|\b[A-Z]+_[A-Z_0-9]+\b|\n\n|\*[_.]\w+|https?://\S+")
    for (context, text), translation in tool.translations(I18N / f"srsat_{language}.ts").items():
        if translation:
            assert sorted(pieces.findall(translation)) == sorted(pieces.findall(text)), f"{context}: {text}"
            assert translation.strip() == translation


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_translations_are_those_of_the_sources(tool, qgis_app, language):
    compiled = QTranslator()
    assert compiled.load(str(I18N / f"srsat_{language}.qm"))
    known = tool.translations(I18N / f"srsat_{language}.ts")
    assert sum(map(bool, known.values())) > 400
    # Through the application: a translator of PyQt 5 by itself takes ASCII only.
    QCoreApplication.installTranslator(compiled)
    try:
        for (context, text), translation in known.items():
            assert QCoreApplication.translate(context, text) == (translation or text), "run make translations"
    finally:
        QCoreApplication.removeTranslator(compiled)


@pytest.mark.parametrize("language", LANGUAGES)
def test_main_algorithms_speak_the_language_and_store_what_they_stored(in_language, language):
    english = {name: shown(name) for name in MAIN}
    in_language(language)
    total, missing = 0, []
    for name in MAIN:
        words, labels, help_text, kept = shown(name)
        before = english[name]
        assert kept == before[3], name
        assert not lacking(words[:1] + words[2:], before[0][:1] + before[0][2:]), name
        assert help_text.partition("\n")[0] != before[2].partition("\n")[0], name
        assert not {"Networks:", "Models:", "Losses:"} & set(help_text.split("\n")), name
        total += len(labels)
        missing += lacking(labels, before[1])
    # A label that is new stays English until somebody translates it.
    assert len(missing) < 0.1 * total, missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_windows_are_wide_enough_for_the_labels(in_language, algorithm_window, language):
    in_language(language)
    for kind in ALGORITHMS:
        dialog = algorithm_window(kind.public_id)
        dialog.show()
        QgsApplication.processEvents()
        (area, *_) = dialog.mainWidget().findChildren(QScrollArea)
        assert area.horizontalScrollBar().maximum() == 0, kind.public_id


def test_german_words_are_those_of_gis(in_language, srsat, raster, tmp_path):
    from qgis import processing

    in_language("de_DE")
    words, labels, help_text, _ = shown("superresolve")
    assert words == [
        "Raster feiner auflösen (Super-Resolution)",
        "Super-Resolution",
        "Schreibt ein Raster derselben Ausdehnung mit kleineren Pixeln und den Details, die ein trainiertes Netz "
        "hinzufügt.",
    ]
    assert {"Eingaberaster", "Kachelgröße (Eingabepixel)", "Nodata-Wert der Eingabe"} <= set(labels)
    assert "Modelle:" in help_text
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    labels_of_choices = algorithm.parameterDefinition("DEVICE").metadata()["widget_wrapper"]["labels"]
    assert labels_of_choices["cpu"] == "Prozessor (cpu)"
    # English words of manuals still find it.
    assert {"upscale", "hochskalieren", "sharpen", "schärfen"} <= set(algorithm.tags())
    found = processing.run(
        "srsat:degrade", {"INPUT": str(raster), "SCALE": 2, "OUTPUT": str(tmp_path / "coarse.tif")}
    )
    assert {"OUTPUT", "WIDTH", "HEIGHT", "DEGRADATION"} <= set(found)


@pytest.mark.parametrize("language", ["en_US", "nb_NO", "C"])
def test_any_other_language_is_english(in_language, language):
    in_language(language)
    assert shown("degrade")[0][0] == "Degrade raster"


def test_a_text_that_goes_and_comes_back_keeps_its_translation(tool, tmp_path):
    path = tmp_path / "srsat_de.ts"
    assert tool.write(path, "de_DE", {("A", "Tile"): None, ("A", "Raster"): None}) == 2
    path.write_text(
        path.read_text("utf-8").replace(
            '<source>Tile</source>\n   <translation type="unfinished" />',
            "<source>Tile</source>\n   <translation>Kachel</translation>",
        ),
        "utf-8",
    )
    assert tool.translations(path) == {("A", "Tile"): "Kachel", ("A", "Raster"): ""}
    assert tool.write(path, "de_DE", {("A", "Raster"): None}) == 1
    assert tool.translations(path) == {("A", "Raster"): ""}
    assert tool.write(path, "de_DE", {("A", "Raster"): None}) == 1
    # In another class now.
    assert tool.write(path, "de_DE", {("A", "Raster"): None, ("B", "Tile"): None}) == 1
    assert tool.translations(path) == {("A", "Raster"): "", ("B", "Tile"): "Kachel"}
    assert tool.translations(path, vanished=True) == {}
