"""Products are read by their layout and names, old and new, from folders and zips."""

from __future__ import annotations

import re
import shutil
import zipfile

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import MixedScenes, ProductNotReadable
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2.listing import files_in
from srsat_qgis.core.sentinel2.msi import BANDS, SENTINEL2
from srsat_qgis.core.sentinel2.products import find_product, offsets_of, unpacked
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.types import Window
from tests.core.sentinel2 import products


@pytest.mark.parametrize(
    ("make", "level", "tile"),
    [
        (products.new_l1c, "L1C", "33UUU"),
        (products.new_l2a, "L2A", "33UUU"),
        (products.old_l1c, "L1C", "32TQM"),
        (products.old_sen2cor, "L2A", "32TQM"),
    ],
)
def test_every_layout_gives_twelve_bands_at_their_native_pixel_size(tmp_path, make, level, tile):
    product = find_product(str(make(tmp_path)))
    assert (product.level, product.tile) == (level, tile)
    assert set(product.images) == {band.name for band in BANDS}
    sizes = {band: Raster(path).grid.transform[1] for band, path in product.images.items()}
    assert sizes == {band.name: band.gsd_m for band in BANDS}


def test_the_metadata_file_the_zip_and_the_folder_above_give_the_same_images(tmp_path):
    safe = products.new_l1c(tmp_path)
    archive = products.zipped(safe)
    expected = find_product(str(safe))
    for path in (safe / "MTD_MSIL1C.xml", tmp_path):
        assert find_product(str(path)).images == expected.images
    inside = find_product(str(archive))
    assert inside.images["B5"].startswith("/vsizip/")
    assert Raster(inside.images["B8A"]).grid == Raster(expected.images["B8A"]).grid
    assert (inside.level, inside.date, inside.baseline) == (expected.level, expected.date, (2, 5))


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_the_files_of_a_folder_are_those_that_lie_in_it_and_none_below(tmp_path, form):
    safe = products.new_l1c(tmp_path)
    root = safe.as_posix() if form == "folder" else f"/vsizip/{products.zipped(safe).as_posix()}/{safe.name}"
    assert files_in(root) == [f"{root}/MTD_MSIL1C.xml"]


def test_a_granule_alone_is_a_product_and_knows_the_metadata_above_it(tmp_path):
    safe = products.new_l1c(tmp_path)
    granule = next((safe / "GRANULE").iterdir())
    product = find_product(str(granule))
    assert len(product.images) == 12
    assert product.metadata == (safe / "MTD_MSIL1C.xml").as_posix()


def test_a_plain_folder_of_bands_is_a_product_whose_level_the_user_names(tmp_path):
    for band in ("B2", "B03", "b04", "B08", "B8A"):
        products.image(tmp_path / f"{band}.tif", products.GSD[f"B0{band[-1]}" if band != "B8A" else band])
    assert find_product(str(tmp_path)).level is None
    product = find_product(str(tmp_path), level="L2A")
    assert set(product.images) == {"B2", "B3", "B4", "B8", "B8A"}
    assert product.level == "L2A"


def test_a_product_of_several_tiles_is_refused_with_one_file_of_each(tmp_path):
    with pytest.raises(
        MixedScenes, match=r"one tile, found 32TQM .* and 32TQL|one tile, found 32TQL .* and 32TQM"
    ):
        find_product(str(products.old_l1c(tmp_path, tiles=("32TQM", "32TQL"))))


def test_mixed_dates_are_refused_with_the_two_files(tmp_path):
    products.image(tmp_path / "T33UUU_20170527T102031_B02.tif", 10)
    products.image(tmp_path / "T33UUU_20170606T102031_B05.tif", 20)
    with pytest.raises(MixedScenes, match=r"20170527T102031 \(.*B02.tif\) and 20170606T102031 \(.*B05.tif\)"):
        find_product(str(tmp_path))


def test_a_band_that_is_only_there_coarser_is_refused_with_its_file(tmp_path):
    safe = products.new_l2a(tmp_path)
    shutil.rmtree(next(safe.glob("GRANULE/*/IMG_DATA/R10m")))
    with pytest.raises(
        ProductNotReadable, match=r"B2 is expected at its native 10 m, found only 20 m .*_B02_20m"
    ):
        find_product(str(safe))


def test_one_band_in_two_files_is_refused(tmp_path):
    products.image(tmp_path / "a_B02.tif", 10)
    products.image(tmp_path / "b_B02.tif", 10)
    with pytest.raises(ProductNotReadable, match=r"one image of B2, found .*a_B02.tif and .*b_B02.tif"):
        find_product(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "found nothing there"),
        ("empty", "", "found no file"),
        ("text", "notes.txt", "expected images named by their bands"),
        ("raster.tif", b"", "expected a .SAFE or MUSCATE folder, its zip, or its metadata"),
        ("broken.zip", b"no zip", "is no readable zip"),
    ],
)
def test_what_is_no_product_is_refused_by_name(tmp_path, name, content, message):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
        if content:
            (path / content).write_text("x", "utf-8")
    with pytest.raises(ProductNotReadable, match=message) as caught:
        find_product(str(path))
    assert name in str(caught.value)


def test_real_layouts_are_read(shared_data):
    root = shared_data / "test" / "mapchete-eo"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    safe = next(root.rglob("*.SAFE"))
    product = find_product(str(safe))
    assert (product.level, product.tile, product.baseline) == ("L2A", "33SVB", (2, 11))
    assert {band: Raster(path).grid.transform[1] for band, path in product.images.items()} == {
        band: SENTINEL2[band].gsd_m for band in product.images
    }
    assert len(product.images) == 12


def test_a_real_product_of_60_m_images_alone_names_the_file_that_is_too_coarse(shared_data):
    root = shared_data / "train" / "stactools-sentinel2"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    with pytest.raises(ProductNotReadable, match=r"native 10 m, found only 60 m \(.*_B02_60m.jp2\)"):
        find_product(str(root))


def test_a_mask_that_is_named_by_a_band_is_no_image_of_it(tmp_path):
    image = products.image(tmp_path / "T33UUU_20221005T102031_B02_10m.tif", 10)
    products.image(tmp_path / "MSK_DETFOO_B02.tif", 10)
    assert find_product(str(tmp_path)).images == {"B2": image}


def test_a_product_of_theia_gives_the_flat_reflectance_of_ten_bands(tmp_path):
    folder = products.muscate(tmp_path)
    expected = {band.name for band in BANDS if band.gsd_m < 60}
    for path in (folder, folder / f"{folder.name}_MTD_ALL.xml", tmp_path, products.zipped(folder)):
        product = find_product(str(path))
        assert set(product.images) == expected
        assert all("_FRE_" in image for image in product.images.values())
        assert (product.level, product.tile, product.date) == ("L2A", "31TCJ", "20220417-104906-443")
        assert product.describe() == "L2A, tile T31TCJ, 20220417-104906-443, FRE"
        assert {mask.kind for mask in product.clouds} == {"CLM"}
        assert product.clouds[0].path.endswith("_CLM_R1.tif")
        assert set(offsets_of(product).values.values()) == {0.0}


def test_surface_reflectance_is_taken_where_there_is_no_flat_one(tmp_path):
    product = find_product(str(products.muscate(tmp_path, kinds=("SRE",))))
    assert product.reflectance == "SRE"
    assert len(product.images) == 10


def test_signed_values_become_those_of_the_sensor(tmp_path):
    folder = products.muscate(tmp_path)
    (path,) = folder.glob("*_FRE_B2.tif")
    dataset = gdal.Open(str(path), gdal.GA_Update)
    pixels = dataset.ReadAsArray()
    pixels[0, :6] = (-10000, -9999, -12, 0, 1, 2)
    pixels[1, :2] = (32767, 9999)
    dataset.WriteArray(pixels)
    del dataset
    layer = open_scene(str(folder)).layers["B2"]
    assert (layer.data_type, layer.grid) == ("UInt16", Raster(str(path)).grid)
    found = Raster(layer.path).read_raw(1, Window(0, 0, 72, 72))
    assert found[0, :6].tolist() == [0, 1, 1, 1, 1, 2]
    assert found[1, :2].tolist() == [32767, 9999]
    np.testing.assert_array_equal(found[2:], pixels[2:])
    # Whoever wrote over the images would lose the scene.
    assert str(path) in [str(file) for file in Raster(layer.path).files()]


def test_a_folder_of_several_products_names_them_and_who_takes_them(tmp_path):
    for tile in ("31TCJ", "31TCH"):
        products.muscate(tmp_path, tile=tile)
    products.new_l1c(tmp_path)
    message = r"holds 3 products \(S2A_MSIL1C.*T31TCH_C_V3-0, .*\).*such as .*srsat:batchfolder with METHOD"
    with pytest.raises(MixedScenes, match=message):
        find_product(str(tmp_path))


def test_an_archive_of_several_products_names_one_that_can_be_given(tmp_path):
    for tile in ("31TCJ", "31TCH"):
        products.muscate(tmp_path / "in", tile=tile)
    archive = products.zipped(tmp_path / "in")
    with zipfile.ZipFile(archive, "w") as opened:
        for file in sorted((tmp_path / "in").rglob("*")):
            if file.is_file():
                opened.write(file, file.relative_to(tmp_path / "in").as_posix())
    with pytest.raises(MixedScenes, match="holds 2 products") as error:
        find_product(str(archive))
    (inside,) = re.findall(r"such as (/vsizip/\S+)\.", str(error.value))
    assert find_product(inside).tile == "31TCH"
    # Whoever takes many takes them out of the archive.
    assert [find_product(path).tile for path in unpacked(str(archive))] == ["31TCH", "31TCJ"]
    for name in ("broken.zip", "missing.zip", "S2A_MSIL2A_1.SAFE"):
        assert unpacked(str(tmp_path / name)) == [str(tmp_path / name)]
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    assert unpacked(str(tmp_path / "broken.zip")) == [str(tmp_path / "broken.zip")]
    alone = products.zipped(products.new_l1c(tmp_path))
    assert unpacked(str(alone)) == [str(alone)]


def test_the_only_product_of_a_folder_may_be_an_archive(tmp_path):
    safe = products.new_l1c(tmp_path)
    archive = products.zipped(safe)
    shutil.rmtree(safe)
    product = find_product(str(tmp_path))
    assert product.images["B2"].startswith(f"/vsizip/{archive.as_posix()}/")
