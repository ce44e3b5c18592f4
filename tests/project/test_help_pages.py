"""The packed help: its links lead somewhere, and its pages load nothing from a network."""

from __future__ import annotations

import posixpath
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip(
    "markdown_it", reason="markdown-it-py makes the pages, and is not installed here: make venv"
)

HELP = "srsat_qgis/resources/help/"
LARGEST_PICTURES = 1_500_000


class Page(HTMLParser):
    """What a page refers to, and where it can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.loaded, self.anchors, self.tags = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.anchors += [given["id"]] if "id" in given else []
        if tag == "a":
            self.links.append(given["href"])
        else:
            self.loaded += [given[name] for name in ("src", "href", "data") if name in given]
        assert not [name for name in given if name.startswith("on") or name == "style"]


@pytest.fixture(scope="module")
def files(ci_script, tmp_path_factory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("zip") / "srsat_qgis.zip"
    ci_script("assemble").pack(path)
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture(scope="module")
def pages(files) -> dict[str, Page]:
    return {
        name: Page(text.decode("utf-8"))
        for name, text in files.items()
        if name.startswith(HELP) and name.endswith(".html")
    }


def resolved(page: str, address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    path = (
        posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
        if parts.path
        else page
    )
    return path, unquote(parts.fragment)


def test_every_markdown_page_is_shipped_as_html_and_not_as_markdown(files, pages, repository):
    wanted = {
        f"srsat_qgis/{path.relative_to(repository).with_suffix('.html').as_posix()}"
        for path in (repository / "resources" / "help").rglob("*.md")
    }
    assert len(wanted) > 25
    assert wanted <= set(pages)
    assert not [name for name in files if name.startswith(HELP) and name.endswith(".md")]


def test_no_link_is_dead_and_no_picture_missing(files, pages):
    dead = []
    for name, page in pages.items():
        for address in (*page.links, *page.loaded):
            if urlsplit(address).scheme in ("https", "http"):
                continue
            path, anchor = resolved(name, address)
            if path not in files or (anchor and anchor not in pages[path].anchors):
                dead.append((name, address))
    assert not dead
    assert sum(len(page.links) for page in pages.values()) > 300


def test_no_page_loads_anything_from_elsewhere_or_runs_a_script(files, pages):
    for name, page in pages.items():
        assert not [
            address for address in page.loaded if urlsplit(address).scheme or address.startswith("//")
        ], name
        assert not {"script", "iframe", "object", "embed", "form"} & set(page.tags), name
    style = files[f"{HELP}style.css"].decode("utf-8")
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


def test_every_page_is_reached_from_the_start_page(pages):
    start = f"{HELP}index.html"
    reached, left = {start}, [start]
    while left:
        name = left.pop()
        for address in pages[name].links:
            path, _ = resolved(name, address)
            if path in pages and path not in reached:
                reached.add(path)
                left.append(path)
    assert reached == set(pages)


def test_every_page_has_a_title_a_style_and_one_heading(files, pages):
    for name, page in pages.items():
        text = files[name].decode("utf-8")
        assert re.search(r"<title>\S.* - SRSat</title>", text), name
        assert page.tags.count("h1") == 1, name
        assert posixpath.basename(page.loaded[0]) == "style.css"


def test_a_link_to_what_is_not_shipped_leads_to_the_repository(pages):
    links = [address for page in pages.values() for address in page.links if "/blob/main/" in address]
    assert "https://github.com/srsat/srsat_qgis/blob/main/README.md" in links


def test_pictures_are_small_and_each_is_shown(files, pages, repository):
    shown = {resolved(name, address)[0] for name, page in pages.items() for address in page.loaded}
    shipped = {name for name in files if name.startswith(f"{HELP}pictures/")}
    assert shipped
    assert shipped <= shown
    kept = {
        f"{HELP}pictures/{path.name}" for path in (repository / "resources" / "help" / "pictures").iterdir()
    }
    assert kept == shipped
    assert sum(len(files[name]) for name in shipped) < LARGEST_PICTURES


@pytest.fixture
def site(ci_script, tmp_path, monkeypatch):
    """Makes pages of a small checkout: Markdown by its path."""
    made = ci_script("pages")
    monkeypatch.setattr(made, "ROOT", tmp_path)
    monkeypatch.setattr(made, "OTHERS", {"OTHER.md": "other.html"})
    monkeypatch.setattr(made, "NAVIGATION", ())
    (tmp_path / "metadata.txt").write_text("[general]\nversion=1\nrepository=https://x.org/y\n", "utf-8")
    (tmp_path / "data.tif").write_bytes(b"")
    (tmp_path / "code.py").write_bytes(b"")

    def _make(text: str, other: str = "# Other\n") -> str:
        (tmp_path / "resources" / "help" / "sub").mkdir(parents=True, exist_ok=True)
        (tmp_path / "resources" / "help" / "sub" / "a.md").write_text(text, encoding="utf-8")
        (tmp_path / "OTHER.md").write_text(other, encoding="utf-8")
        return made.build({"data.tif"})["resources/help/sub/a.html"].decode("utf-8")

    return _make


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("../../../OTHER.md#two-words", "../other.html#two-words"),
        ("../../../data.tif", "../../../data.tif"),
        ("../../../code.py", "https://x.org/y/blob/main/code.py"),
        ("https://z.org", "https://z.org"),
        ("#a--b", "#a--b"),
    ],
)
def test_links_of_markdown_become_those_of_pages(site, address, expected):
    text = site(f"# A & B\n\n[there]({address})\n", "# Other\n\n## Two words\n")
    assert f'href="{expected}"' in text
    assert "<title>A &amp; B - SRSat</title>" in text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[x](missing.md)", "links to missing.md, which does not exist"),
        ("[x](../../../OTHER.md#nowhere)", "links to #nowhere of resources/help/other.html"),
        ("![x](missing.png)", "shows missing.png, which does not exist"),
        ("![x](https://z.org/a.png)", "shows https://z.org/a.png, which does not exist"),
        ("[x](../../../../out.md)", "does not exist"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(site, text, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        site(f"# A\n\n{text}\n")


def test_headings_of_one_name_have_ids_of_their_own(site):
    text = site("# A\n\n## B `c` d?\n\n## B `c` d?\n")
    assert re.findall(r'<h2 id="(.+?)">', text) == ["b-c-d", "b-c-d-1"]
