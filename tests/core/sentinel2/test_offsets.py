"""The offset of processing baseline 04.00 comes from the metadata, or else from the product's name."""

from __future__ import annotations

import pytest

from srsat_qgis.core.sentinel2.msi import BANDS
from srsat_qgis.core.sentinel2.products import by_paths, find_product, offsets_of
from tests.core.sentinel2 import products


def of(path) -> dict[str, float]:
    return dict(offsets_of(find_product(str(path))).values)


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [("0205", 0.0), ("0301", 0.0), ("0400", -1000.0), ("0511", -1000.0), ("9999", 0.0)],
)
def test_without_metadata_the_name_tells(tmp_path, baseline, expected):
    assert of(products.new_l2a(tmp_path, baseline=baseline)) == dict.fromkeys(
        (band.name for band in BANDS), expected
    )


def test_metadata_win_over_the_name_and_are_read_by_band_number(tmp_path):
    lines = [
        f'<BOA_ADD_OFFSET band_id="{number}">{value}</BOA_ADD_OFFSET>'
        for number, value in ((0, -1), (4, -5), (8, -8), (9, -9), (11, -11), (12, -12))
    ]
    values = of(products.new_l2a(tmp_path, metadata="<A>\n" + "\n".join(lines) + "\n</A>"))
    assert {name: value for name, value in values.items() if value} == {
        "B1": -1,
        "B5": -5,
        "B8A": -8,
        "B9": -9,
        "B11": -11,
        "B12": -12,
    }


def test_level_1c_calls_its_offset_by_another_name(tmp_path):
    safe = products.new_l1c(tmp_path)
    entry = '<RADIO_ADD_OFFSET band_id="1">-1000</RADIO_ADD_OFFSET>'
    (safe / "MTD_MSIL1C.xml").write_text(entry, "utf-8")
    assert of(safe)["B2"] == -1000


@pytest.mark.parametrize(
    ("baseline", "expected"), [("03.99", 0.0), ("04.00", -1000.0), ("05.11", -1000.0), ("99.99", 0.0)]
)
def test_the_baseline_in_the_metadata_serves_where_no_offset_is_listed(tmp_path, baseline, expected):
    text = f"<PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>"
    found = offsets_of(find_product(str(products.new_l2a(tmp_path, baseline="9999", metadata=text))))
    assert found.values["B2"] == expected
    assert (f"baseline {baseline} from metadata" in found.why) == (baseline != "99.99")


def test_metadata_inside_a_zip_are_read(tmp_path):
    safe = products.new_l2a(tmp_path, metadata='<BOA_ADD_OFFSET band_id="2">-7</BOA_ADD_OFFSET>')
    found = offsets_of(find_product(str(products.zipped(safe))))
    assert found.values["B3"] == -7
    assert "MTD_MSIL2A.xml" in found.why


def test_a_plain_folder_has_no_offset_and_says_why(tmp_path):
    products.image(tmp_path / "B02.tif", 10)
    found = offsets_of(find_product(str(tmp_path)))
    assert set(found.values.values()) == {0.0}
    assert "neither metadata nor" in found.why


def test_rasters_get_the_offset_of_the_first_baseline_in_a_name_above_them():
    named = [
        "/d/B02.tif",
        "/d/S2B_MSIL2A_20221005T102031_N0400_R065.SAFE/R10m/B03.jp2",
        "/d/x_N0301_y/B04.jp2",
    ]
    found = by_paths(named)
    assert set(found.values.values()) == {-1000.0}
    assert named[1] in found.why
    assert set(by_paths(named[2:]).values.values()) == set(by_paths(named[:1]).values.values()) == {0.0}
