"""Write what the help says of algorithms and models, from the algorithms and the table of advice themselves.

``make help-pages`` rewrites the parts of the README and of the Markdown in ``resources/help`` that stand between a
comment such as ``<!-- parameters -->`` and ``<!-- end -->``; all else is written by hand. Run by QGIS's Python.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from srsat_qgis.core.models.advice import ADVICE
from srsat_qgis.core.paths import models_dir

ROOT = Path(__file__).resolve().parent.parent
HELP = ROOT / "resources" / "help"
ALGORITHMS = HELP / "algorithms"
README = ROOT / "README.md"

_PART = re.compile(r"(<!-- (?P<name>[a-z-]+) -->\n)(?P<text>.*?)(<!-- end -->\n)", re.DOTALL)
_KINDS = {
    "band": "bands",
    "boolean": "yes or no",
    "distance": "number",
    "extent": "extent",
    "fileDestination": "file to write",
    "folderDestination": "folder to write",
    "multilayer": "rasters",
    "range": "two numbers",
    "raster": "raster",
    "rasterDestination": "raster to write",
    "sink": "table to write",
    "string": "text",
}
"""Words by QGIS's type of a parameter; those that need a closer look are missing."""
_OUTPUTS = {
    "outputBoolean": "yes or no",
    "outputFile": "file",
    "outputFolder": "folder",
    "outputMultilayer": "layers",
    "outputNumber": "number",
    "outputRaster": "raster",
    "outputString": "text",
    "outputVector": "table",
}
_UNBOUNDED = 1e300


def rewritten(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with its parts made again.

    Raises
    ------
    KeyError
        If a part has a name that nobody makes.
    """
    return _PART.sub(lambda found: f"{found[1]}\n{parts[found['name']]().strip()}\n\n{found[4]}", text)


def pages(algorithms: Sequence[Any]) -> dict[Path, str]:
    """Return the README and all Markdown pages as they should be, by path.

    Parameters
    ----------
    algorithms : sequence of QgsProcessingAlgorithm
        All of the provider.

    Raises
    ------
    FileNotFoundError
        If an algorithm has no page.
    """
    named = {algorithm.name(): algorithm for algorithm in algorithms}
    made: dict[str, Callable[[Path], str]] = {
        "parameters": lambda path: parameter_tables(named[path.stem]),
        "which-model": lambda path: _advice_table(named, ALGORITHMS.relative_to(path.parent).as_posix()),
        "algorithms": lambda path: _algorithm_list(algorithms),
        "measures": lambda path: _measure_table(),
    }
    paths = {README, *HELP.rglob("*.md"), *(ALGORITHMS / f"{name}.md" for name in named)}
    return {path: _remade(path, made) for path in sorted(paths)}


def _remade(path: Path, made: Mapping[str, Callable[[Path], str]]) -> str:
    parts = {name: functools.partial(make, path) for name, make in made.items()}
    return rewritten(path.read_text(encoding="utf-8"), parts)


def parameter_tables(algorithm: Any) -> str:
    """Return the parameters and outputs of an algorithm as tables: label, name, kind, default, choices, meaning."""
    from qgis.core import QgsProcessingParameterDefinition

    folded = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    definitions = algorithm.parameterDefinitions()
    heads = ("parameter", "value", "meaning")
    text = ["## Parameters", _table(heads, (_row(one) for one in definitions if not one.flags() & folded))]
    advanced = [_row(one) for one in definitions if one.flags() & folded]
    if advanced:
        text += ["Under *Advanced Parameters*:", _table(heads, advanced)]
    written = {one.name() for one in algorithm.destinationParameterDefinitions()}
    outputs = [
        (_named(one), _OUTPUTS[one.type()])
        for one in algorithm.outputDefinitions()
        if one.name() not in written
    ]
    if outputs:
        text += ["## Outputs for models and scripts", _table(("output", "kind"), outputs)]
    return "\n\n".join(text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _row(parameter: Any) -> tuple[str, str, str]:
    from qgis.core import QgsProcessingParameterDefinition

    optional = parameter.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional
    default = _default(parameter)
    needed = f"default {default}" if default else ("optional" if optional else "**required**")
    meaning = " ".join(filter(None, (escaped(" ".join(parameter.help().split())), _choices(parameter))))
    return _named(parameter), f"{_kind(parameter)}; {needed}", meaning


def _named(one: Any) -> str:
    return f"**{escaped(one.description())}** `{one.name()}`"


def _kind(parameter: Any) -> str:
    kind = parameter.type()
    if kind == "enum":
        return "one or more of a list" if parameter.allowMultiple() else "one of a list"
    if kind == "file":
        return "folder" if parameter.behavior() == type(parameter).Behavior.Folder else "file"
    if kind == "number":
        return _number_kind(parameter)
    return _KINDS[kind]


def _number_kind(parameter: Any) -> str:
    whole = parameter.dataType() == type(parameter).Type.Integer
    least, most = parameter.minimum(), parameter.maximum()
    # The ends of a 32-bit integer are QGIS's own way to say that there is none.
    bounded = [abs(end) < (2**31 - 1 if whole else _UNBOUNDED) for end in (least, most)]
    ends = {
        (True, True): f", {_short(least)} to {_short(most)}",
        (True, False): f", {_short(least)} or more",
        (False, True): f", at most {_short(most)}",
        (False, False): "",
    }[bounded[0], bounded[1]]
    return f"{'whole number' if whole else 'number'}{ends}"


def _short(number: float) -> str:
    return f"{number:g}"


def _default(parameter: Any) -> str:
    value = parameter.defaultValue()
    if value is None or value == "" or parameter.isDestination():
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(f"`{one}`" for one in value)
    return f"`{_short(value) if isinstance(value, float) else value}`"


def _choices(parameter: Any) -> str:
    """Return the choices with the words that windows show; of models, those that are shipped."""
    if parameter.type() != "enum":
        return ""
    words = {}
    widget = parameter.metadata().get("widget_wrapper")
    for choice, label in (widget.get("labels", {}) if isinstance(widget, dict) else {}).items():
        words[choice] = label[: -len(f" ({choice})")]
    shown = [choice for choice in parameter.options() if not _of_the_user(choice)]
    named = (f"`{choice}`" + (f" ({escaped(words[choice])})" if choice in words else "") for choice in shown)
    return f"Choices: {', '.join(named)}."


def _of_the_user(choice: str) -> bool:
    """Return whether a choice is a model that does not come with the plugin."""
    from srsat_qgis.core.models.registry import registry

    return choice in registry() and not (models_dir() / choice / "card.json").is_file()


def _advice_table(named: Mapping[str, Any], folder: str) -> str:
    """Return the table of data and models, with links to the pages of algorithms in ``folder``."""
    heads = ("your data", "algorithm", "model", "settings", "what to expect")
    return _table(heads, (_advice_row(row, named, folder) for row in ADVICE))


def _advice_row(row: Any, named: Mapping[str, Any], folder: str) -> tuple[str, ...]:
    page = f"[{escaped(named[row.algorithm].displayName())}]({folder}/{row.algorithm}.md)"
    lists = [
        ", ".join(f"`{one}`" for one in filter(None, text.split(", "))) for text in (row.model, row.settings)
    ]
    return escaped(row.data), page, *lists, escaped(row.expect)


def _algorithm_list(algorithms: Iterable[Any]) -> str:
    """Return all algorithms by group, each with its page and what it does."""
    groups: dict[str, list[Any]] = {}
    for algorithm in sorted(algorithms, key=lambda one: one.displayName()):
        groups.setdefault(algorithm.group(), []).append(algorithm)
    text = []
    for group in sorted(groups):
        rows = [
            (
                f"[{escaped(one.displayName())}]({one.name()}.md)",
                f"`{one.id()}`",
                escaped(one.shortDescription()),
            )
            for one in groups[group]
        ]
        text += [f"## {escaped(group)}", _table(("algorithm", "id", "what it does"), rows)]
    return "\n\n".join(text)


def _measure_table() -> str:
    """Return all measures of a similarity report, with the definitions that the report prints."""
    from srsat_qgis.core.metrics.table import MEASURES

    return _table(
        ("measure", "unit", "better", "definition"), (_measure_row(one) for one in MEASURES.values())
    )


def _measure_row(measure: Any) -> tuple[str, ...]:
    name = escaped(f"{measure.label}: {measure.name}")
    better = {True: "higher", False: "lower", None: f"near {measure.perfect:g}"}[measure.higher_is_better]
    definition = escaped(" ".join(measure.definition.split()))
    return name if measure.default else f"*{name}*", escaped(measure.unit), better, definition


def escaped(text: str) -> str:
    """Return plain text as Markdown that reads the same, also inside a table."""
    return re.sub(r"(?<!\w)_|_(?!\w)|[\\`*\[\]<|]", lambda found: "\\" + found[0], text)


def main() -> int:
    """Rewrite the pages; say which have changed."""
    with tempfile.TemporaryDirectory(prefix="srsat-help-") as folder:
        # No models, options or plugins of whoever runs this.
        os.environ.update(SRSAT_HOME=folder, QGIS_CUSTOM_CONFIG_PATH=folder, XDG_RUNTIME_DIR=folder)
        _rewrite()
    return 0


def _rewrite() -> None:
    from qgis.core import QgsApplication

    application = QgsApplication([], True)
    application.initQgis()
    from srsat_qgis.processing.provider import SrsatProvider

    provider = SrsatProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    for path, text in pages(provider.algorithms()).items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    application.exitQgis()


if __name__ == "__main__":
    sys.exit(main())
