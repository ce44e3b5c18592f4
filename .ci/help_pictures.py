"""Draw the pictures of the help and the README's window, and write the sample's project: ``make help-pictures``.

Run by the Python of ``.venv`` without a display. The windows are those of QGIS's Processing and of this plugin, at the
size at which QGIS opens them; fonts and colours are those of Qt's own style.
"""

from __future__ import annotations

import base64
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SAMPLE = ROOT / "resources" / "sample.tif"
PICTURES = ROOT / "resources" / "help" / "pictures"
WINDOW = ROOT / "resources" / "screenshot.png"
REPORT = ROOT / "resources" / "report.png"
PROJECT = ROOT / "resources" / "sample.qgs"

TOWN = (78, 140, 70, 70)
"""Row, column, rows and columns of the sample that are shown enlarged."""
ZOOM = 4
ZOOMED_IN, ZOOMED_IN_PX = (92, 152, 42, 42), 8
"""The same of what QGIS shows zoomed in, and its pixels for each of the sample's."""
GAP_PX = 8
STRETCH_PERCENT = (1, 97)
WIDE, TREE = 1700, 170
"""Pixels of the wide pictures, and of the tree of layers."""
BAR_WIDTH = 1500
HEAT_SCALE, HEAT_PIXEL_M, HEAT_ZOOM = 4, 1000.0, 3
"""Of the temperatures: times finer, and their pixel; zoom of the guide's pixels."""
HEAT_PART, HEAT_SHOWN = slice(0, 212), slice(64, 152)
"""Rows and columns of the sample that have temperatures, and of these what is shown."""
HEAT_SOIL_K, HEAT_PLANTS_K, HEAT_WATER_K, HEAT_ALONE_K = 314.0, 15.0, 297.0, 1.5
"""Of bare soil, the fall to dense plants, water, and the spread of what the guide does not show."""
HEAT_WATER_DN = (170.0, 1300.0)
"""Infrared of water, and of the darkest ground without any."""
REPORT_WIDTH, REPORT_HEIGHT = 980, 1330
GRIDS = """
.tiles, .grid { display: flex; flex-wrap: wrap; }
.tiles > *, .grid > * { margin: 0 0.7em 0.9em 0 !important; }
.tiles > * { flex: 1; }
.grid > * { width: 31.5%; }
"""
"""What Qt's WebKit, which is older than grids, needs to lay a report out as browsers do."""


@contextmanager
def desktop(folder: Path) -> Iterator[Any]:
    """Start QGIS with Processing and this plugin, in a profile of its own, and yield the interface."""
    os.environ.update(
        QT_QPA_PLATFORM="offscreen",
        XDG_RUNTIME_DIR=str(folder),
        QGIS_CUSTOM_CONFIG_PATH=str(folder),
        SRSAT_HOME=str(folder),
    )
    from qgis.core import QgsApplication
    from qgis.gui import QgsBrowserGuiModel, QgsMapCanvas, QgsMessageBar
    from qgis.PyQt.QtWidgets import QMainWindow

    application = QgsApplication([], True)
    application.initQgis()
    sys.path.insert(0, str(Path(application.pkgDataPath()) / "python" / "plugins"))
    import qgis.utils

    window, canvas, bar, model = QMainWindow(), QgsMapCanvas(), QgsMessageBar(), QgsBrowserGuiModel()
    # What windows of Processing and the plugin ask of QGIS's main window.
    qgis.utils.iface = interface = SimpleNamespace(
        mainWindow=lambda: window,
        mapCanvas=lambda: canvas,
        messageBar=lambda: bar,
        browserModel=lambda: model,
        activeLayer=lambda: None,
    )
    from processing.core.Processing import Processing

    Processing.initialize()
    from srsat_qgis.plugin import SrsatPlugin

    plugin = SrsatPlugin(None)
    plugin.initProcessing()
    yield interface
    sys.stdout.flush()
    shutil.rmtree(folder, ignore_errors=True)
    # Widgets of several owners: Qt would free some of them twice at the end of the process.
    os._exit(0)


def made(algorithm: str, **parameters: Any) -> dict[str, Any]:
    """Run an algorithm of the plugin and return its results."""
    from qgis import processing

    return processing.run(f"srsat:{algorithm}", parameters)


def save(picture: Any, path: Path) -> None:
    """Write a QPixmap as a PNG of at most 256 colours, which is a third of the size."""
    from osgeo import gdal

    with tempfile.TemporaryDirectory() as folder:
        full, few = Path(folder) / "full.png", Path(folder) / "few.tif"
        picture.toImage().save(str(full))
        source = gdal.Open(str(full))
        planes = [source.GetRasterBand(number) for number in (1, 2, 3)]
        table = gdal.ColorTable()
        gdal.ComputeMedianCutPCT(*planes, 256, table)
        target = gdal.GetDriverByName("GTiff").Create(str(few), source.RasterXSize, source.RasterYSize)
        target.GetRasterBand(1).SetColorTable(table)
        gdal.DitherRGB2PCT(*planes, target.GetRasterBand(1), table)
        target.FlushCache()
        gdal.GetDriverByName("PNG").CreateCopy(str(path), target, options=["ZLEVEL=9"])
    path.with_name(path.name + ".aux.xml").unlink(missing_ok=True)
    told(path)


def sample_layer(
    path: str = str(SAMPLE), name: str = "sample", bands: tuple[int, int, int] = (3, 2, 1)
) -> Any:
    """Return the sample, or what was made of it, in true colour with one stretch for all bands."""
    from qgis.core import QgsContrastEnhancement, QgsMultiBandColorRenderer, QgsRasterLayer

    layer = QgsRasterLayer(path, name)
    low, high = np.percentile(_colours(str(SAMPLE), 1), STRETCH_PERCENT)
    renderer = QgsMultiBandColorRenderer(layer.dataProvider(), *bands)
    setters = (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )
    for band, put in zip(bands, setters):
        enhancement = QgsContrastEnhancement(layer.dataProvider().dataType(band))
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        enhancement.setMinimumValue(round(float(low)))
        enhancement.setMaximumValue(round(float(high)))
        put(enhancement)
    layer.setRenderer(renderer)
    return layer


def write_project(path: Path) -> None:
    """Write a project with the sample alone, which it finds beside itself wherever the two lie."""
    from qgis.core import QgsProject, QgsReferencedRectangle, QgsSettings

    # QGIS would write who made it, and keep the earlier file beside it.
    QgsSettings().setValue("projects/anonymize_saved_projects", True, QgsSettings.Section.Core)
    path.unlink(missing_ok=True)
    project = QgsProject()
    layer = sample_layer()
    project.setTitle("SRSat sample")
    project.setCrs(layer.crs())
    project.addMapLayer(layer)
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(layer.extent(), layer.crs()))
    metadata = project.metadata()
    metadata.setAuthor("The SRSat developers")
    project.setMetadata(metadata)
    if not project.write(str(path)):
        raise OSError(f"{path}: {project.error()}")
    told(path)


def told(path: Path) -> None:
    """Say what was written."""
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e3:.0f} kB")


def message_bar(interface: Any) -> Any:
    """Return the offer to install onnxruntime."""
    from qgis.PyQt.QtWidgets import QApplication, QVBoxLayout, QWidget

    from srsat_qgis.processing import first_start

    first_start.runtime_is_there = lambda: False
    frame = QWidget()
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(interface.messageBar())
    first_start.InstallOffer(interface).show()
    frame.resize(BAR_WIDTH, 60)
    frame.show()
    QApplication.processEvents()
    frame.resize(BAR_WIDTH, interface.messageBar().sizeHint().height())
    QApplication.processEvents()
    return frame.grab()


def dialog(name: str, values: dict[str, Any]) -> Any:
    """Return the window of an algorithm, at its own size, with some fields filled in."""
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    from qgis.core import QgsApplication
    from qgis.PyQt.QtWidgets import QApplication

    shown = AlgorithmDialog(QgsApplication.processingRegistry().createAlgorithmById(f"srsat:{name}"))
    shown.setParameters(values)
    shown.show()
    for _ in range(5):
        QApplication.processEvents()
    return shown


def sheet(fine: str, smooth: str, path: Path) -> None:
    """Write the sample's pixels, the bicubic enlargement and the result at one place, side by side."""
    from srsat_qgis.core.pictures.drawing import enlarged, stretched, write_png

    coarse = _colours(str(SAMPLE), 1)
    # One stretch for all colours and all pictures: true colours, and nothing looks crisper than it is.
    limits = np.tile(np.percentile(coarse, STRETCH_PERCENT), (3, 1))
    panels = [enlarged(stretched(coarse, limits), 2 * ZOOM)]
    panels += [enlarged(stretched(_colours(one, 2), limits), ZOOM) for one in (smooth, fine)]
    gap = np.full((panels[0].shape[0], GAP_PX, 3), 250, np.uint8)
    text = "The sample's pixels, their bicubic enlargement, the result of any-x2."
    write_png(path, np.hstack([panels[0], gap, panels[1], gap, panels[2]]), text)
    told(path)


def zoomed_in(folder: Path, path: Path) -> None:
    """Write what QGIS shows of the sample by each of its resampling methods, and of the result of rgb-x2."""
    from qgis.core import (
        QgsBilinearRasterResampler,
        QgsCubicRasterResampler,
        QgsMapRendererSequentialJob,
        QgsMapSettings,
    )
    from qgis.PyQt.QtCore import QSize, Qt
    from qgis.PyQt.QtGui import QPainter, QPixmap

    fine = str(folder / "colours_x2.tif")
    made("superresolve", INPUT=str(SAMPLE), MODEL="rgb-x2", BANDS=[3, 2, 1], OUTPUT=fine)
    layers = [sample_layer(), sample_layer(), sample_layer(), sample_layer(fine, "rgb-x2", (1, 2, 3))]
    methods = (None, QgsBilinearRasterResampler, QgsCubicRasterResampler, QgsCubicRasterResampler)
    row, col, rows, cols = ZOOMED_IN
    high, wide = rows * ZOOMED_IN_PX, cols * ZOOMED_IN_PX
    all_of_them = QPixmap(len(layers) * (wide + GAP_PX) - GAP_PX, high)
    all_of_them.fill(Qt.GlobalColor.white)
    painter = QPainter(all_of_them)
    for number, (layer, method) in enumerate(zip(layers, methods)):
        if method is not None:
            layer.resampleFilter().setZoomedInResampler(method())
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setDestinationCrs(layer.crs())
        settings.setOutputSize(QSize(wide, high))
        settings.setExtent(_part(layers[0], row, col, rows, cols))
        job = QgsMapRendererSequentialJob(settings)
        job.start()
        job.waitForFinished()
        painter.drawImage(number * (wide + GAP_PX), 0, job.renderedImage())
    painter.end()
    save(all_of_them, path)


def _part(layer: Any, row: int, col: int, rows: int, cols: int) -> Any:
    """Return the extent of some pixels of a layer."""
    from qgis.core import QgsRectangle

    whole, size = layer.extent(), layer.rasterUnitsPerPixelX()
    left, top = whole.xMinimum() + size * col, whole.yMaximum() - size * row
    return QgsRectangle(left, top - size * rows, left + size * cols, top)


def heat(folder: Path, path: Path) -> None:
    """Write temperatures of the sample's ground: of a coarse sensor, the guide, three results, the truth.

    The sample has none: they fall with its NDVI, water is cool, and a part of them follows no guide.
    """
    from osgeo import gdal

    from srsat_qgis.core.models.registry import registry
    from srsat_qgis.core.pictures.drawing import QUALITY, coloured, enlarged, write_png
    from srsat_qgis.core.raster.resample import bicubic_upsample
    from srsat_qgis.core.thermal.sharpen import LOCAL_RIDGE, SharpenRequest, sharpen
    from tests.rasters import write_raster
    from tests.shifted_scenes import fractal

    red, infrared = gdal.Open(str(SAMPLE)).ReadAsArray()[[2, 3], HEAT_PART, HEAT_PART].astype(float)
    ndvi = (infrared - red) / (infrared + red)
    alone = fractal(*ndvi.shape, seed=4, slope=1.6)
    dark, light = HEAT_WATER_DN
    water = np.clip((light - infrared) / (light - dark), 0, 1)
    ground = (1 - water) * (HEAT_SOIL_K - HEAT_PLANTS_K * np.maximum(ndvi, 0)) + water * HEAT_WATER_K
    truth = ground + HEAT_ALONE_K * alone / alone.std()
    blocks = (len(truth) // HEAT_SCALE, HEAT_SCALE) * 2
    coarse = truth.reshape(blocks).mean(axis=(1, 3))
    lst, guide, target = (str(folder / f"{name}.tif") for name in ("heat", "guide", "sharpened"))
    fine = HEAT_PIXEL_M / HEAT_SCALE
    write_raster(lst, coarse[None].astype(np.float32), transform=(0, HEAT_PIXEL_M, 0, 0, 0, -HEAT_PIXEL_M))
    bands = np.stack([red, infrared, ndvi]).astype(np.float32)
    write_raster(guide, bands, transform=(0, fine, 0, 0, 0, -fine))
    images = {"bicubic": bicubic_upsample(coarse, scale=HEAT_SCALE)}
    for method in (f"lst-x{HEAT_SCALE}", LOCAL_RIDGE):
        sharpen(SharpenRequest(lst, (guide,), registry().get(method, method), HEAT_SCALE, target))
        images[method] = gdal.Open(target).ReadAsArray().astype(float)
    low, high = np.percentile(coarse, STRETCH_PERCENT)
    shown = HEAT_SHOWN, HEAT_SHOWN
    flat = coarse.repeat(HEAT_SCALE, 0).repeat(HEAT_SCALE, 1)
    pictures = [
        coloured(image[shown], QUALITY, low=low, high=high) for image in (flat, *images.values(), truth)
    ]
    pictures.insert(1, coloured(ndvi[shown], ((0.0, "#000000"), (1.0, "#ffffff")), low=0.0, high=0.9))
    gap = np.full((len(pictures[0]) * HEAT_ZOOM, GAP_PX, 3), 250, np.uint8)
    row = [part for picture in pictures for part in (enlarged(picture, HEAT_ZOOM), gap)][:-1]
    text = f"Drawn temperatures, the guide (NDVI), {', '.join(images)}, the truth."
    write_png(path, np.hstack(row), text)
    told(path)
    for name, image in images.items():
        print(f"{name}: {np.sqrt(((image - truth) ** 2).mean()):.2f} K off the truth")


def _colours(path: str, scale: int) -> np.ndarray:
    """Return red, green and blue of the town, (3, rows, cols)."""
    from osgeo import gdal

    row, col, rows, cols = (scale * number for number in TOWN)
    source = gdal.Open(path)
    planes = [source.GetRasterBand(band).ReadAsArray(col, row, cols, rows) for band in (3, 2, 1)]
    return np.stack(planes).astype(np.float64)


def workplace(layers: list[Any], over: Any) -> Any:
    """Return layers in their tree and each in a map of the same place, with a window of an algorithm beside them."""
    from qgis.core import QgsLayerTreeModel, QgsProject
    from qgis.gui import QgsLayerTreeView, QgsMapCanvas
    from qgis.PyQt.QtCore import Qt
    from qgis.PyQt.QtGui import QPainter, QPixmap
    from qgis.PyQt.QtWidgets import QApplication, QSplitter

    window = QSplitter(Qt.Orientation.Horizontal)
    tree, model = QgsLayerTreeView(), QgsLayerTreeModel(QgsProject.instance().layerTreeRoot())
    tree.setModel(model)
    window.addWidget(tree)
    extent = _part(layers[0], *TOWN)
    maps = []
    for layer in layers:
        canvas = QgsMapCanvas()
        canvas.setLayers([layer])
        canvas.setDestinationCrs(layer.crs())
        window.addWidget(canvas)
        maps.append(canvas)
    picture = over.grab()
    high, wide = picture.height(), WIDE - picture.width() - GAP_PX
    window.resize(wide, high)
    window.setSizes([TREE, (wide - TREE) // 2, (wide - TREE) // 2])
    window.show()
    for canvas in maps:
        QApplication.processEvents()
        canvas.setExtent(extent)
        canvas.refresh()
        canvas.waitWhileRendering()
    QApplication.processEvents()
    both = QPixmap(WIDE, high)
    both.fill(Qt.GlobalColor.white)
    painter = QPainter(both)
    painter.drawPixmap(0, 0, window.grab())
    painter.drawPixmap(wide + GAP_PX, 0, picture)
    painter.end()
    return both


def page(path: str) -> Any:
    """Return the upper part of a report."""
    from qgis.PyQt.QtCore import Qt, QUrl
    from qgis.PyQt.QtWebKitWidgets import QWebView
    from qgis.PyQt.QtWidgets import QApplication

    view = QWebView()
    view.resize(REPORT_WIDTH, REPORT_HEIGHT)
    style = base64.b64encode(GRIDS.encode()).decode("ascii")
    view.settings().setUserStyleSheetUrl(QUrl(f"data:text/css;charset=utf-8;base64,{style}"))
    view.page().mainFrame().setScrollBarPolicy(Qt.Orientation.Vertical, Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    loaded: list[bool] = []
    view.loadFinished.connect(loaded.append)
    view.load(QUrl.fromLocalFile(path))
    while not loaded:
        QApplication.processEvents()
    view.show()
    for _ in range(30):
        QApplication.processEvents()
    return view.grab()


def main() -> int:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory(prefix="srsat-pictures-") as name, desktop(Path(name)) as interface:
        folder = Path(name)
        fine, smooth = str(folder / "sample_x2.tif"), str(folder / "bicubic.tif")
        made("superresolve", INPUT=str(SAMPLE), MODEL="any-x2", OUTPUT=fine, BICUBIC=smooth)
        sheet(fine, smooth, PICTURES / "before_after.png")
        zoomed_in(folder, PICTURES / "zoomed_in.png")
        heat(folder, PICTURES / "heat.png")
        coarse, report = str(folder / "coarse.tif"), str(folder / "report.html")
        made("degrade", INPUT=str(SAMPLE), METHOD="gaussian-area", OUTPUT=coarse)
        again = str(folder / "again.tif")
        made("superresolve", INPUT=coarse, MODEL="any-x2", REFERENCE=str(SAMPLE), REPORT=report, OUTPUT=again)
        save(page(report), REPORT)
        save(message_bar(interface), PICTURES / "offer.png")
        from qgis.core import QgsProject

        write_project(PROJECT)
        layer = sample_layer()
        QgsProject.instance().addMapLayer(layer)
        window = dialog("superresolve", {"INPUT": layer})
        save(window.grab(), PICTURES / "dialog.png")
        result = sample_layer(fine, "sample any-x2")
        QgsProject.instance().addMapLayer(result)
        save(workplace([layer, result], window), WINDOW)
    return 0


if __name__ == "__main__":
    sys.exit(main())
