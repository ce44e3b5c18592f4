"""Archives and texts that are damaged, odd or made to exhaust the reader end in one clear error, after bounded work."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile

import pytest

from srsat_qgis.core.errors import Cancelled, ProductNotReadable
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.clouds import cloud_polygons, tags
from srsat_qgis.core.sentinel2.products import find_product, offsets_of
from srsat_qgis.core.types import SilentProgress
from tests.core.sentinel2 import products
from tests.core.sentinel2.test_clouds import feature, gml
from tests.scenes import ROOT


@pytest.fixture
def grid(tmp_path):
    """The 10 m grid of the tiny products."""
    return Raster(products.image(tmp_path / "grid" / "B02.tif", 10)).grid


def archive(
    path, text: bytes = b"<MTD/>" * 99, *, name: str = "P.SAFE/MTD_MSIL2A.xml", method=zipfile.ZIP_DEFLATED
):
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr(name, text)
    return path


def changed(
    path, *, flag: int | None = None, method: int | None = None, version: int | None = None, size=None
):
    """Change what both headers of an archive's only member say of it."""
    data = bytearray(path.read_bytes())
    local, central = 0, data.index(b"PK\x01\x02")
    for start, shift in ((local, 0), (central, 2)):
        if version is not None:
            struct.pack_into("<H", data, start + 4 + shift, version)
        if flag is not None:
            struct.pack_into("<H", data, start + 6 + shift, flag)
        if method is not None:
            struct.pack_into("<H", data, start + 8 + shift, method)
        if size is not None:
            struct.pack_into("<I", data, start + 22 + shift, size)
    path.write_bytes(data)
    return path


def holed(path):
    """Overwrite the packed bytes of an archive's only member."""
    data = bytearray(path.read_bytes())
    begin = data.index(b".xml") + 4
    data[begin : begin + 12] = b"\xff" * 12
    path.write_bytes(data)
    return path


def read_all(path):
    return [listing.read_text(file) for file in listing.files_below(listing.root_of(str(path)))]


@pytest.mark.parametrize(
    "spoil",
    [
        holed,
        lambda path: changed(path, flag=1),
        lambda path: changed(path, method=9),
        lambda path: changed(path, method=93),
        lambda path: changed(path, method=99),
        lambda path: changed(path, version=99),
        lambda path: changed(path, method=zipfile.ZIP_LZMA),
        lambda path: changed(path, method=zipfile.ZIP_BZIP2),
        lambda path: changed(path, size=10),
    ],
    ids=["hole", "encrypted", "deflate64", "zstd", "aes", "version", "lzma", "bzip2", "shorter"],
)
def test_an_archive_that_cannot_be_unpacked_is_one_clear_error(tmp_path, spoil):
    path = spoil(archive(tmp_path / "p.zip"))
    with pytest.raises(ProductNotReadable, match=r"p\.zip.*(cannot be read|no readable zip)"):
        read_all(path)


def test_names_that_are_not_in_utf_8_are_one_clear_error(tmp_path):
    path = archive(tmp_path / "p.zip", name="P.SAFE/\u00e4.xml")
    path.write_bytes(path.read_bytes().replace("\u00e4".encode(), b"\xe4\x41"))
    with pytest.raises(ProductNotReadable, match=r"p\.zip: is no readable zip"):
        find_product(str(path))


def test_names_longer_than_any_file_s_and_too_many_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ProductNotReadable, match=r"names of at most 255 letters, found 'P\.SAFE/QA60QA60"):
        find_product(str(archive(tmp_path / "p.zip", name=f"P.SAFE/{'QA60' * 64}.jp2")))
    monkeypatch.setattr(listing, "_MOST_FILES", 0)
    with pytest.raises(ProductNotReadable, match="more than 0 files"):
        find_product(str(archive(tmp_path / "p.zip")))


def test_a_text_has_a_limit_by_what_is_declared_and_by_what_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MOST_BYTES", 1_000_000)
    asked = []
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: asked.append(n) or read(self, n))
    path = archive(tmp_path / "p.zip", b" " * 1_000_001)
    inner = f"/vsizip/{path}/P.SAFE/MTD_MSIL2A.xml"
    with pytest.raises(ProductNotReadable, match=r"p\.zip.*at most 1 MB, found 1000001 bytes"):
        listing.read_text(inner)
    assert asked == []
    # The archive lies: it declares few bytes, and holds many.
    changed(path, size=10)
    with pytest.raises(ProductNotReadable, match="cannot be read"):
        listing.read_text(inner)
    assert asked == [1_000_001]
    plain = tmp_path / "MTD_MSIL2A.xml"
    plain.write_bytes(b" " * 1_000_001)
    with pytest.raises(ProductNotReadable, match=r"MTD_MSIL2A\.xml: expected a text of at most 1 MB"):
        listing.read_text(str(plain))
    plain.write_bytes(b" " * 1_000_000)
    assert len(listing.read_text(str(plain))) == 1_000_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace("8.7:32633", "8.7:" + "9" * 5000), "up to 6 digits"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace("8.7:32633", "8.7:\u00b2"), "up to 6 digits"),
        (gml(feature("OPAQUE", (0, 0, 6, 6)), crs=99999999999), "up to 6 digits"),
        (gml(feature("OPAQUE", (0, 0, 6, 6)), crs=999999), "EPSG:999999"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace('n="2"', 'n="\u00b2"'), "rings"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace('n="2"', f'n="{"2" * 5000}"'), "rings"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace("399960", "9" * 5000), "coordinates"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace("399960", "1e999"), "coordinates"),
        (gml(feature("OPAQUE", (0, 0, 6, 6))).replace("399960", "nan"), "coordinates"),
        (
            gml().replace("<eop:Mask ", "<!DOCTYPE x [<!ENTITY a 'b'>]><eop:Mask "),
            "plain GML, found <!DOCTYPE",
        ),
        (gml().replace("<gml:name>", "<gml:name><![CDATA[x]]>"), "plain GML"),
        (gml("<a>" * 101 + "</a>" * 101), "no whole XML"),
        (gml("<a></b>"), "no whole XML"),
        (gml() + gml(), "no whole XML"),
    ],
)
def test_odd_polygons_are_one_clear_error(tmp_path, grid, text, message):
    path = tmp_path / "MSK_CLOUDS_B00.gml"
    path.write_text(text, "utf-8")
    with pytest.raises(ProductNotReadable, match=rf"MSK_CLOUDS_B00\.gml: .*{message}"):
        cloud_polygons(str(path), grid)


def test_comments_are_no_part_of_the_text(tmp_path, grid):
    path = tmp_path / "MSK_CLOUDS_B00.gml"
    text = gml(feature("OPAQUE", (0, 0, 6, 6)))
    path.write_text(text, "utf-8")
    plain = cloud_polygons(str(path), grid)
    path.write_text(
        text.replace(" 5300040", "<!-- <a> -- > --> 5300040").replace("OPAQUE<", "OPA<!---->QUE<"), "utf-8"
    )
    assert cloud_polygons(str(path), grid) == plain
    assert len(plain) == 1


class Counted(str):
    """A text that counts the letters that are looked through in it."""

    looked = 0

    def find(self, sought, start=0):
        found = super().find(sought, start)
        self.looked += (len(self) if found < 0 else found) - start
        return found


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 60_000,
        "<eop:Mask>" + "<eop:MaskFeature>" * 40_000,
        "<eop:Mask>" + "<eop:MaskFeature></eop:MaskFeature>" * 20_000,
        "<eop:Mask>" + "<!---->" * 40_000,
        "<" * 240_000,
        "<?" * 120_000,
    ],
    ids=["comments", "unclosed", "features", "many comments", "brackets", "instructions"],
)
def test_every_letter_is_looked_at_a_few_times_at_most(text):
    counted = Counted(text)
    with pytest.raises(ProductNotReadable):
        list(tags(counted, "mask.gml", SilentProgress()))
    assert counted.looked <= 2 * len(text)


def test_large_masks_of_nothing_end(tmp_path):
    """What took minutes: the whole of it within the time that a process gets here."""
    code = (
        "import sys; from srsat_qgis.core.errors import ProductNotReadable\n"
        "from srsat_qgis.core.raster.grid import Grid; from srsat_qgis.core.sentinel2.clouds import cloud_polygons\n"
        "for path in sys.argv[1:]:\n"
        "    try: cloud_polygons(path, Grid(9, 9, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)))\n"
        "    except ProductNotReadable: print('refused')\n"
    )
    paths = []
    for number, text in enumerate(("<!--", "<eop:MaskFeature>", "<a srsName='", "<a b='c'>")):
        paths.append(tmp_path / f"{number}.gml")
        paths[-1].write_text("<eop:Mask>" + text * (1_000_000 // len(text)), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        cwd=ROOT,
        timeout=60,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ended.stdout.split() == ["refused"] * len(paths)


def test_a_long_mask_can_be_cancelled():
    class Stops(SilentProgress):
        cancelled = True

    seen = []
    with pytest.raises(Cancelled):
        seen.extend(tags("<eop:Mask>" + "<a/>" * 100_000 + "</eop:Mask>", "mask.gml", Stops()))
    assert len(seen) < 20_000


@pytest.mark.parametrize("value", ["9" * 400, "-70000"])
def test_offsets_that_no_product_has_are_refused(tmp_path, value):
    text = f'<BOA_ADD_OFFSET band_id="1">{value}</BOA_ADD_OFFSET>'
    product = find_product(str(products.new_l2a(tmp_path, metadata=text)))
    with pytest.raises(ProductNotReadable, match="expected offsets from -65535 to 65535"):
        offsets_of(product)
