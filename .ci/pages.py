"""The help as HTML: Markdown of the repository becomes pages that need neither a network nor JavaScript.

The pages of ``resources/help`` keep their names; what else users read, such as ``BENCHMARKS.md``, becomes a page beside
them. Run by the Python of ``.venv-lint``, which has markdown-it-py.
"""

from __future__ import annotations

import configparser
import html
import posixpath
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
HELP = "resources/help"

# Pages of the repository that users read too, by the name that they get among the pages of the help.
OTHERS = {"BENCHMARKS.md": "benchmarks.html", "models/README.md": "model-cards.html"}

NAVIGATION = (
    ("index.md", "Start"),
    ("tutorial.md", "Ten minutes"),
    ("algorithms/index.md", "Algorithms"),
    ("batch.md", "Folders"),
    ("retraining.md", "Training"),
    ("numbers.md", "Numbers"),
    ("faq.md", "Questions"),
)

_PAGE = string.Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="stylesheet" href="$style">
</head>
<body>
<nav>$navigation</nav>
<main>
$body</main>
<footer>SRSat $version</footer>
</body>
</html>
""")


def build(shipped: set[str]) -> dict[str, bytes]:
    """Return the pages and the pictures that they show, by their paths inside the plugin.

    Parameters
    ----------
    shipped : set of str
        Paths inside the plugin, ``/`` as separator, of files that a page may link to where it lies. A link to any other
        file of the repository leads to the repository on the web.

    Raises
    ------
    ValueError
        If a link or picture of a page does not exist, or a picture would have to be fetched.
    """
    sources = _sources()
    made: dict[str, bytes] = {}
    anchors: dict[str, set[str]] = {}
    wanted: list[tuple[str, str, str]] = []
    for source, target in sources.items():
        page = _Page(source, sources, shipped)
        made[target] = page.html().encode("utf-8")
        anchors[target] = page.anchors
        wanted += [(source, *link) for link in page.links]
        made.update({picture: (ROOT / picture).read_bytes() for picture in page.pictures})
    for source, target, anchor in wanted:
        if anchor and anchor not in anchors[target]:
            raise ValueError(f"{source}: links to #{anchor} of {target}, which has no such heading")
    return made


def write(shipped: set[str]) -> None:
    """Write the pages into the checkout, beside the Markdown that they are made of."""
    for path, content in build(shipped).items():
        if path.endswith(".html"):
            (ROOT / path).write_bytes(content)


def _sources() -> dict[str, str]:
    """Return the paths of the pages inside the plugin, by the paths of their Markdown in the repository."""
    found = sorted((ROOT / HELP).rglob("*.md"))
    own = {
        path.relative_to(ROOT).as_posix(): path.relative_to(ROOT).with_suffix(".html").as_posix()
        for path in found
    }
    return {**own, **{source: f"{HELP}/{name}" for source, name in OTHERS.items()}}


class _Page:
    """One page on its way from Markdown to HTML, and what it refers to."""

    def __init__(self, source: str, sources: dict[str, str], shipped: set[str]) -> None:
        self._source, self._sources, self._shipped = source, sources, shipped
        self._target = sources[source]
        self.anchors: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.pictures: set[str] = set()

    def html(self) -> str:
        """Return the page."""
        # Only here: who links a checkout into a profile needs no such library.
        from markdown_it import MarkdownIt

        parser = MarkdownIt("commonmark").enable("table")
        tokens = parser.parse((ROOT / self._source).read_text(encoding="utf-8"))
        title = ""
        for token, following in zip(tokens, [*tokens[1:], None]):
            if token.type == "heading_open":
                words = "".join(
                    part.content for part in following.children if part.type in ("text", "code_inline")
                )
                token.attrSet("id", self._anchor(words))
                title = title or words
        for token in _all(tokens):
            if token.type == "link_open":
                token.attrSet("href", self._link(str(token.attrGet("href"))))
            elif token.type == "image":
                token.attrSet("src", self._picture(str(token.attrGet("src"))))
        return _PAGE.substitute(
            title=html.escape(f"{title} - SRSat" if title else "SRSat"),
            style=self._relative(f"{HELP}/style.css"),
            navigation=" ".join(
                f'<a href="{self._relative(self._sources[f"{HELP}/{name}"])}">{html.escape(label)}</a>'
                for name, label in NAVIGATION
            ),
            body=parser.renderer.render(tokens, parser.options, {}),
            version=html.escape(_metadata()["version"]),
        )

    def _anchor(self, words: str) -> str:
        """Return the id of a heading, as GitHub makes it."""
        plain = re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")
        anchor = next(name for name in _numbered(plain) if name not in self.anchors)
        self.anchors.add(anchor)
        return anchor

    def _relative(self, path: str) -> str:
        return posixpath.relpath(path, posixpath.dirname(self._target))

    def _named(self, address: str) -> str:
        """Return the path in the repository of a relative address."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self._source), unquote(address)))

    def _link(self, address: str) -> str:
        if re.match(r"https?:|mailto:", address):
            return address
        path, _, anchor = address.partition("#")
        named = self._named(path) if path else self._source
        ending = f"#{anchor}" if anchor else ""
        if named in self._sources:
            self.links.append((self._sources[named], unquote(anchor)))
            return (self._relative(self._sources[named]) if path else "") + ending
        if not (ROOT / named).exists() or named.startswith(".."):
            raise ValueError(f"{self._source}: links to {address}, which does not exist")
        if named in self._shipped:
            return self._relative(named) + ending
        return f"{_metadata()['repository']}/blob/main/{named}{ending}"

    def _picture(self, address: str) -> str:
        named = self._named(address)
        if not (ROOT / named).is_file() or named.startswith(".."):
            raise ValueError(f"{self._source}: shows {address}, which does not exist")
        self.pictures.add(named)
        return self._relative(named)


def _all(tokens: list[Any]) -> Iterator[Any]:
    """Yield tokens and what is inside them."""
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in range(1, 1000):
        yield f"{name}-{number}"


def _metadata() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return dict(parser.items("general"))
