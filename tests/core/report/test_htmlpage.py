"""Pages are whole, escaped and self-contained."""

from __future__ import annotations

from srsat_qgis.core.report.htmlpage import HtmlPage


def page_with(add) -> str:
    page = HtmlPage("Title")
    add(page)
    return page.text()


def test_a_picture_is_held_in_the_page_itself():
    text = page_with(lambda page: page.image(b"\x89PNG", "a map"))
    assert 'src="data:image/png;base64,iVBORw=="' in text
    assert "<figcaption>a map</figcaption>" in text


def test_descriptions_and_preformatted_text_are_escaped():
    text = page_with(lambda page: (page.image(b"", '"><script>'), page.preformatted("a < b & <script>")))
    assert "<script>" not in text
    assert "a &lt; b &amp; &lt;script&gt;" in text


def test_a_page_needs_no_other_file():
    text = page_with(lambda page: page.image(b"abc", "x"))
    assert "http" not in text
    assert "<link" not in text
