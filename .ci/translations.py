"""Collect the texts of QGIS's windows into ``resources/i18n/srsat_*.ts``, and compile these into ``.qm``.

Run by QGIS's Python. Most texts stand in class attributes, tables and arguments, where a reader of source such as
pylupdate does not see them: the algorithms are made, and asked for all that they show, with a translator that notes
what it is asked for. What is said in one class goes into the context of its name, what several say into the common
one.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = {"de": "de_DE", "fr": "fr_FR", "es": "es_ES"}
# Ends what a class's context is asked for, so that the common one is not asked as well.
_MARK = "\u2060"


class _Recorder:
    """Stands in for Qt's translation, and notes each text with its context."""

    def __init__(self) -> None:
        self.asked: dict[str, set[str]] = {}

    def translate(self, context: str, text: str) -> str:
        """Return a text unchanged, but for its mark."""
        from srsat_qgis.processing.settings import COMMON

        text = text.replace(_MARK, "")
        if text:
            self.asked.setdefault(text, set()).add(context)
        return text if context == COMMON else text + _MARK


def collected() -> dict[tuple[str, str], None]:
    """Return every text that is translated, as (context, text), in a steady order."""
    sys.path.insert(0, str(ROOT))
    from srsat_qgis.core.models.registry import registry
    from srsat_qgis.processing import settings
    from srsat_qgis.processing.provider import ALGORITHMS

    recorder, real = _Recorder(), settings.QCoreApplication
    settings.QCoreApplication = recorder
    try:
        for made in ALGORITHMS:
            algorithm = made()
            algorithm.initAlgorithm({})
            for ask in ("displayName", "group", "shortDescription", "shortHelpString", "tags"):
                getattr(algorithm, ask)()
    finally:
        settings.QCoreApplication = real
    asked = recorder.asked
    for text in (*settings.LABELS.values(), *_literals(ROOT / "srsat_qgis" / "processing")):
        asked.setdefault(text, set()).add(settings.COMMON)
    # A model is called what its card says.
    names = {card.name for card in registry().values()}
    pairs = [
        (next(iter(contexts)) if len(contexts) == 1 else settings.COMMON, text)
        for text, contexts in asked.items()
        if text not in names
    ]
    return dict.fromkeys(sorted(pairs, key=lambda pair: pair[0]))


def _literals(folder: Path) -> Iterator[str]:
    """Yield what stands as a text in calls of the function ``tr``."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and ast.unparse(node.func) in ("tr", "settings.tr")
            if called and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def translations(path: Path, *, vanished: bool = False) -> dict[tuple[str, str], str]:
    """Return the translations in a .ts file by context and text, '' for one that is missing; or those left over."""
    return {
        (context.findtext("name"), message.findtext("source")): message.findtext("translation") or ""
        for context in ElementTree.parse(path).getroot().iter("context")
        for message in context.iter("message")
        if (message.find("translation").get("type") == "vanished") is vanished
    }


def write(path: Path, language: str, texts: dict[tuple[str, str], None]) -> int:
    """Write a .ts file of these texts with the translations that it has had; return how many have none.

    What the code no longer says stays as vanished, as Qt's own tools do: it may come back, by another branch.
    """
    known = translations(path) if path.exists() else {}
    left = translations(path, vanished=True) if path.exists() else {}
    # A text that moves to another context keeps its translation.
    anywhere = {text: translation for (_, text), translation in {**left, **known}.items() if translation}
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    sections: dict[str, ElementTree.Element] = {}
    missing = 0
    said = {text for _, text in texts}
    gone = {
        pair: translation
        for pair, translation in {**left, **known}.items()
        if translation and pair[1] not in said
    }
    for context, text in [*texts, *gone]:
        if context not in sections:
            sections[context] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(sections[context], "name").text = context
        message = ElementTree.SubElement(sections[context], "message")
        ElementTree.SubElement(message, "source").text = text
        found = known.get((context, text)) or anywhere.get(text, "")
        translation = ElementTree.SubElement(message, "translation")
        translation.text = found
        if (context, text) in gone:
            translation.set("type", "vanished")
        elif not found:
            translation.set("type", "unfinished")
            missing += 1
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
    return missing


def main(arguments: list[str]) -> int:
    """Collect, and compile by the program that the command line names."""
    if len(arguments) != 1:
        sys.stderr.write("usage: translations.py LRELEASE\n")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    texts = collected()
    for short, language in LANGUAGES.items():
        path = FOLDER / f"srsat_{short}.ts"
        missing = write(path, language, texts)
        subprocess.run([arguments[0], str(path), "-qm", str(path.with_suffix(".qm")), "-silent"], check=True)
        print(f"{path.relative_to(ROOT)}: {len(texts) - missing} of {len(texts)} texts translated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
