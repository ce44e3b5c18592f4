"""srsat:superresolve through ``processing.run``: what the user sets is done, and errors are one clear line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    NULL,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsRasterLayer,
)

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.models.registry import registry
from srsat_qgis.processing.parameters.params import split_options
from tests.processing.helpers import GEOTRANSFORM, REPEAT, read_raster, repeated, write_raster

ALGORITHM = "srsat:superresolve"


@pytest.fixture
def run(srsat):
    """Runs the algorithm with the repeating model on the CPU and returns its results."""
    from qgis import processing

    def _run(**parameters):
        feedback = parameters.pop("feedback", None)
        values = {"MODEL": REPEAT, "DEVICE": "cpu", "OUTPUT": "TEMPORARY_OUTPUT", **parameters}
        return processing.run(ALGORITHM, values, feedback=feedback)

    return _run


def refusal(run, **parameters) -> str:
    """Return the message with which a run fails."""
    with pytest.raises(QgsProcessingException) as caught:
        run(**parameters)
    return str(caught.value)


def test_output_is_twice_as_fine_on_the_same_extent(run, raster, values, tmp_path):
    target = tmp_path / "fine.tif"
    results = run(INPUT=str(raster), OUTPUT=str(target))
    assert np.array_equal(read_raster(target), repeated(values))
    fine = gdal.Open(str(target))
    assert fine.GetGeoTransform() == (500000.0, 5.0, 0.0, 5000000.0, 0.0, -5.0)
    assert [fine.GetRasterBand(n).GetDescription() for n in range(1, 5)] == ["B2", "B3", "B4", "B8"]
    assert fine.GetRasterBand(1).DataType == gdal.GDT_UInt16
    assert results["OUTPUT"] == str(target)


def test_results_tell_size_device_time_and_tiles(run, raster):
    results = run(INPUT=str(raster), TILE_SIZE=16)
    assert {name: results[name] for name in ("SCALE", "WIDTH", "HEIGHT", "DEVICE_USED", "TILES")} == {
        "SCALE": 2,
        "WIDTH": 80,
        "HEIGHT": 60,
        "DEVICE_USED": "cpu",
        "TILES": 6,  # 3 columns of 16 of 40 pixels, 2 rows of 30
    }
    assert results["SECONDS"] >= 0


def test_every_output_is_declared(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    declared = {output.name() for output in algorithm.outputDefinitions()}
    rasters, texts = {"OUTPUT", "BICUBIC", "UNCERTAINTY"}, {"REPORT", "DEVICE_USED", "UNCERTAIN_PLACES"}
    assert declared == {*rasters, *texts, "SCALE", "WIDTH", "HEIGHT", "SECONDS", "TILES"}


def test_parameter_names_and_their_folding_are_public(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    advanced = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    shown = [p.name() for p in algorithm.parameterDefinitions() if not p.flags() & advanced]
    folded = [p.name() for p in algorithm.parameterDefinitions() if p.flags() & advanced]
    assert shown == ["INPUT", "MODEL", "EXTENT", "OUTPUT", "REPORT"]
    assert folded == [
        "MODEL_FILE",
        "BANDS",
        "DEVICE",
        "TILE_SIZE",
        "BATCH_SIZE",
        "OUTPUT_TYPE",
        "NODATA",
        "CONSISTENCY",
        "BLUR",
        "NOISE",
        "STRENGTH",
        "PRECISION",
        "RESUME",
        "FORMAT",
        "CREATION_OPTIONS",
        "RESOLUTION",
        "MODEL_SCALE",
        "VALUE_SCALE",
        "VALUE_RANGE",
        "REFERENCE",
        "BICUBIC",
        "UNCERTAINTY",
    ]


def test_every_parameter_has_help(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    assert [p.name() for p in algorithm.parameterDefinitions() if not p.help()] == []
    assert REPEAT in algorithm.shortHelpString()


def test_bands_are_taken_in_the_order_given(run, raster, values):
    results = run(INPUT=str(raster), BANDS=[3, 1])
    assert np.array_equal(read_raster(results["OUTPUT"]), repeated(values[[2, 0]]))


def test_extent_is_snapped_outwards_to_whole_pixels(run, raster, values):
    # In the middle of pixels: columns 4 to 10, rows 2 to 8.
    results = run(INPUT=str(raster), EXTENT="500045,500105,4999915,4999975 [EPSG:32633]")
    assert np.array_equal(read_raster(results["OUTPUT"]), repeated(values[:, 2:9, 4:11]))
    assert gdal.Open(results["OUTPUT"]).GetGeoTransform() == (500040.0, 5.0, 0.0, 4999980.0, 0.0, -5.0)


def test_extent_in_another_crs_is_reprojected_to_the_raster(run, raster):
    layer = QgsRasterLayer(str(raster), "scene")
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRectangle

    there = QgsCoordinateTransform(
        layer.crs(), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    box = there.transformBoundingBox(QgsRectangle(500100, 4999800, 500200, 4999900))
    text = f"{box.xMinimum()},{box.xMaximum()},{box.yMinimum()},{box.yMaximum()} [EPSG:4326]"
    results = run(INPUT=layer, EXTENT=text)
    extent = QgsRasterLayer(results["OUTPUT"]).extent()
    assert extent.contains(QgsRectangle(500100, 4999800, 500200, 4999900))
    assert extent.width() <= 130
    assert extent.height() <= 130


def test_output_type_creation_options_and_nodata_are_as_asked_for(run, raster, values, tmp_path):
    target = tmp_path / "float.tif"
    run(
        INPUT=str(raster),
        OUTPUT=str(target),
        OUTPUT_TYPE="Float32",
        CREATION_OPTIONS="COMPRESS=LZW|TILED=NO",
        NODATA=int(values[0, 0, 0]),
    )
    made = gdal.Open(str(target))
    assert made.GetRasterBand(1).DataType == gdal.GDT_Float32
    assert made.GetRasterBand(1).GetNoDataValue() == values[0, 0, 0]
    assert made.GetMetadata("IMAGE_STRUCTURE")["COMPRESSION"] == "LZW"


def test_additional_nodata_of_the_layer_counts(run, raster, values):
    from qgis.core import QgsRasterRange

    layer = QgsRasterLayer(str(raster), "scene")
    wanted = float(values[0, 5, 5])
    for band in range(1, 5):
        layer.dataProvider().setUserNoDataValue(band, [QgsRasterRange(wanted, wanted)])
    results = run(INPUT=layer)
    made = gdal.Open(results["OUTPUT"])
    assert made.GetRasterBand(1).GetNoDataValue() == wanted


def test_model_file_wins_over_the_model(run, raster, values, tmp_path):
    from tests.processing.helpers import write_repeat_model

    folder = write_repeat_model(tmp_path, model_id="elsewhere-x2")
    results = run(INPUT=str(raster), MODEL="any-x2", MODEL_FILE=str(folder / "model.onnx"))
    assert np.array_equal(read_raster(results["OUTPUT"]), repeated(values))


def test_a_model_put_into_the_folder_appears_at_once(srsat):
    import os
    import shutil

    from tests.processing.helpers import write_repeat_model

    folder = write_repeat_model(Path(os.environ["SRSAT_HOME"]) / "models", model_id="new-x2")
    try:
        created = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
        assert "new-x2" in created.parameterDefinition("MODEL").options()
    finally:
        shutil.rmtree(folder)


def test_repeated_runs_give_the_same_bytes(run, raster, tmp_path):
    # What the batch window does: one instance after the other, here also over an existing output.
    first, second = tmp_path / "first.tif", tmp_path / "second.tif"
    for target in (first, second, second):
        run(INPUT=str(raster), OUTPUT=str(target))
    assert first.read_bytes() == second.read_bytes()


def test_values_that_the_batch_window_leaves_unset_are_unset(run, raster, values):
    unset = dict.fromkeys(("BANDS", "EXTENT", "NODATA", "TILE_SIZE", "RESOLUTION", "MODEL_SCALE"))
    results = run(INPUT=str(raster), MODEL_FILE=NULL, VALUE_RANGE="None,None", **unset)
    assert np.array_equal(read_raster(results["OUTPUT"]), repeated(values))


@pytest.mark.parametrize("name", ["a b.tif", "größe.tif", "it's.tif"])
def test_paths_with_spaces_and_other_letters_work(run, values, tmp_path, name):
    source = write_raster(tmp_path / name, values)
    results = run(INPUT=str(source), OUTPUT=str(tmp_path / f"fine {name}"))
    assert np.array_equal(read_raster(results["OUTPUT"]), repeated(values))


def test_cancelling_leaves_no_file(run, values, tmp_path, recorder):
    source = write_raster(tmp_path / "scene.tif", np.tile(values, (1, 8, 8)))
    target = tmp_path / "out" / "fine.tif"
    target.parent.mkdir()
    feedback = recorder(cancel_at=20)
    results = run(INPUT=str(source), OUTPUT=str(target), TILE_SIZE=16, feedback=feedback)
    assert "SCALE" not in results
    assert list(target.parent.iterdir()) == []


def test_progress_ends_at_a_hundred_and_the_log_names_the_device(run, raster, recorder):
    feedback = recorder()
    run(INPUT=str(raster), feedback=feedback)
    assert feedback.progress() == pytest.approx(100)
    assert any("cpu" in line.lower() for line in feedback.lines)


def test_the_precision_is_as_asked_for_told_and_written(run, raster, tmp_path, recorder):
    exact, feedback = int8_facts().exact, recorder()
    for word, kind in (
        ("float32", "float32"),
        ("int8", "int8"),
        ("auto", "int8" if int8_facts().pays else "float32"),
    ):
        if kind == "int8" and not exact:
            continue
        target = tmp_path / f"{word}.tif"
        run(INPUT=str(raster), MODEL="any-x2-fast", PRECISION=word, OUTPUT=str(target), feedback=feedback)
        assert gdal.Open(str(target)).GetMetadataItem("SRSAT_PRECISION") == kind
    told = "8-bit integers" if int8_facts().pays else "runs in float32"
    assert any(told in line for line in feedback.lines)


def test_floats_in_any_band_are_floats(run, raster, tmp_path):
    """The first band alone does not tell."""
    floats, mixed = tmp_path / "floats.tif", tmp_path / "mixed.vrt"
    gdal.Translate(str(floats), str(raster), outputType=gdal.GDT_Float32)
    gdal.BuildVRT(str(mixed), [str(raster), str(floats)], separate=True).FlushCache()
    target = tmp_path / "out.tif"
    run(INPUT=str(mixed), MODEL="any-x2-fast", OUTPUT=str(target))
    assert gdal.Open(str(target)).GetMetadataItem("SRSAT_PRECISION") == "float32"


def test_integers_of_a_model_without_them_are_refused(run, raster):
    message = refusal(run, INPUT=str(raster), PRECISION="int8")
    assert f"PRECISION is int8, which {REPEAT} does not have; expected auto or float32" in message


def test_an_unknown_model_is_refused_with_the_ids_there_are(run, raster):
    message = refusal(run, INPUT=str(raster), MODEL="any-x3")
    assert "any-x3" in message
    assert REPEAT in message


def test_output_equal_to_input_is_refused_and_the_input_stays(run, raster):
    before = raster.read_bytes()
    assert "OUTPUT" in refusal(run, INPUT=str(raster), OUTPUT=str(raster))
    assert raster.read_bytes() == before


def test_output_equal_to_input_through_a_link_is_refused(run, raster, tmp_path):
    link = tmp_path / "link.tif"
    link.symlink_to(raster)
    assert "INPUT" in refusal(run, INPUT=str(raster), OUTPUT=str(link))


def test_a_band_that_is_not_there_is_refused(run, raster):
    assert "found 5, expected 1 to 4" in refusal(run, INPUT=str(raster), BANDS=[5])


def test_a_missing_input_is_refused_by_name(run, tmp_path):
    assert "nowhere.tif" in refusal(run, INPUT=str(tmp_path / "nowhere.tif"))


def test_an_extent_outside_the_raster_is_refused_in_one_line(run, raster):
    message = refusal(run, INPUT=str(raster), EXTENT="0,10,0,10 [EPSG:32633]")
    assert "outside" in message
    assert "\n" not in message
    assert "Traceback" not in message


def test_a_malformed_creation_option_is_refused(run, raster):
    assert "KEY=VALUE" in refusal(run, INPUT=str(raster), CREATION_OPTIONS="COMPRESS")


@pytest.mark.parametrize(
    "text", ["COMPRESS=LZW|TILED=NO", "COMPRESS=LZW TILED=NO", " COMPRESS=LZW | TILED=NO|"]
)
def test_creation_options_are_separated_as_qgis_or_gdal_does(text):
    assert split_options(text) == ("COMPRESS=LZW", "TILED=NO")


def test_a_creation_option_may_hold_spaces():
    assert split_options("COMPRESS=LZW|TIFFTAG=two words") == ("COMPRESS=LZW", "TIFFTAG=two words")


def test_a_resolution_for_a_file_is_refused(run, raster):
    assert "RESOLUTION" in refusal(run, INPUT=str(raster), RESOLUTION=5)


def test_a_folder_that_does_not_exist_is_refused(run, raster, tmp_path):
    assert "does not exist" in refusal(run, INPUT=str(raster), OUTPUT=str(tmp_path / "no" / "fine.tif"))


def test_without_onnxruntime_the_message_names_the_installer(srsat, raster, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    able, reason = algorithm.canExecute()
    assert not able
    assert "srsat:installdependencies" in reason


def test_without_onnxruntime_a_script_gets_the_same_message(run, raster, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "srsat:installdependencies" in refusal(run, INPUT=str(raster))


def test_the_algorithm_runs_in_the_background_without_touching_the_project(srsat, raster, values, tmp_path):
    """The task runner is what the dialog uses: prepare here, process in another thread, post-process here."""
    from qgis.core import QgsProcessingAlgRunnerTask, QgsProcessingFeedback, QgsProject
    from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QTimer

    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    layer = QgsRasterLayer(str(raster), "scene")
    target = str(tmp_path / "fine.tif")
    parameters = {"INPUT": layer, "MODEL": REPEAT, "DEVICE": "cpu", "OUTPUT": target}
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    outcome = []
    loop = QEventLoop()
    task.executed.connect(lambda successful, results: (outcome.append((successful, results)), loop.quit()))
    QTimer.singleShot(60_000, loop.quit)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    QCoreApplication.processEvents()
    assert outcome
    assert outcome[0][0]
    assert np.array_equal(read_raster(target), repeated(values))


def test_a_subdataset_in_an_archive_and_a_vrt_work_as_input(run, raster, values, tmp_path):
    import zipfile

    archive = tmp_path / "scene.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(raster, "inside.tif")
    virtual = tmp_path / "scene.vrt"
    gdal.BuildVRT(str(virtual), [str(raster)]).FlushCache()
    for source in (f"/vsizip/{archive}/inside.tif", str(virtual)):
        assert np.array_equal(read_raster(run(INPUT=source)["OUTPUT"]), repeated(values)), source


def test_open_options_of_a_layer_are_respected(run, values, tmp_path):
    source = write_raster(tmp_path / "scene.tif", values[:1])
    gdal.Open(str(source), gdal.GA_Update).BuildOverviews("NEAREST", [2])
    layer = QgsRasterLayer(f"{source}|option:OVERVIEW_LEVEL=0", "overview")
    results = run(INPUT=layer)
    made = gdal.Open(results["OUTPUT"])
    assert (made.RasterXSize, made.RasterYSize) == (40, 30)  # half of 40 x 30, twice
    assert made.GetGeoTransform()[:2] == (GEOTRANSFORM[0], 10.0)


def test_the_map_of_doubt_is_that_of_core_and_the_run_stays_what_it_was(run, raster, recorder, tmp_path):
    from srsat_qgis.core.superres.run import Settings, Source, doubt

    chosen = {"INPUT": str(raster), "MODEL": "any-x2-fast", "BANDS": [1, 3], "TILE_SIZE": 32}
    plain = read_raster(run(**chosen)["OUTPUT"])
    feedback, target = recorder(), tmp_path / "doubt.tif"
    results = run(**chosen, UNCERTAINTY=str(target), feedback=feedback)
    assert results["UNCERTAINTY"] == str(target)
    assert np.array_equal(read_raster(results["OUTPUT"]), plain)
    found = doubt(
        Source(str(raster), (1, 3)),
        registry()["any-x2-fast"],
        str(tmp_path / "core.tif"),
        settings=Settings(device="cpu"),
    )
    shown = read_raster(target)
    assert shown.shape == (2, 60, 80)
    assert shown.dtype == np.float32
    assert shown.std() > 0.1
    np.testing.assert_allclose(shown, read_raster(found.path), rtol=0, atol=0.01 * found.calibration.factor)
    places = json.loads(results["UNCERTAIN_PLACES"])
    assert [(place["x"], place["y"]) for place in places] == [place[:2] for place in found.places]
    # Of 2 x 3 windows, the last one is less than half full.
    assert len(places) == 5
    assert sum("most doubtful places" in line for line in feedback.lines) == 1
    assert sum("noise measured" in line for line in feedback.lines) == 1, "measured once"


def test_without_being_asked_for_there_is_no_map_of_doubt(run, raster):
    results = run(INPUT=str(raster))
    assert results.get("UNCERTAINTY") is None
    assert results.get("UNCERTAIN_PLACES") is None


def test_a_temporary_map_of_doubt_is_loaded_into_the_project_beside_the_result(run, raster):
    from qgis import processing
    from qgis.core import QgsProcessingFeedback, QgsProject

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    values = {"INPUT": str(raster), "MODEL": REPEAT, "DEVICE": "cpu"}
    for name in ("OUTPUT", "UNCERTAINTY"):
        wanted = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", QgsProject.instance())
        values[name] = wanted
    results = processing.run(ALGORITHM, values, context=context, feedback=QgsProcessingFeedback(False))
    assert set(context.layersToLoadOnCompletion()) == {results["OUTPUT"], results["UNCERTAINTY"]}
    details = context.layerToLoadOnCompletionDetails(results["UNCERTAINTY"])
    assert details.name == f"scene {REPEAT} doubt"
    layer = QgsRasterLayer(results["UNCERTAINTY"], "doubt")
    assert layer.isValid()
    assert layer.bandCount() == 4
    assert not read_raster(results["UNCERTAINTY"]).any(), "repeating turns with the image"
    assert results["UNCERTAIN_PLACES"] == "[]"


def test_a_map_of_doubt_that_cannot_be_written_is_refused_before_the_run(run, raster, tmp_path):
    target = tmp_path / "fine.tif"
    for wanted in (target, tmp_path / "no" / "doubt.tif"):
        message = refusal(run, INPUT=str(raster), OUTPUT=str(target), UNCERTAINTY=str(wanted))
        assert "expected another file" in message or "does not exist" in message
        assert not target.exists()


def test_a_raster_that_the_model_was_not_made_for_is_told_with_what_fits(run, raster, tmp_path, recorder):
    from osgeo import gdal

    far = str(tmp_path / "far.tif")
    gdal.Translate(far, str(raster)).SetGeoTransform((500000.0, 5000.0, 0.0, 5e6, 0.0, -5000.0))
    feedback = recorder()
    run(feedback=feedback, INPUT=far, MODEL="any-x2-fast", OUTPUT=str(tmp_path / "out.tif"))
    assert (
        "any-x2-fast was made for pixels of 0.2 to 1853.2 m; those of far.tif have 5000 m."
        in feedback.warnings
    )
    assert any(line.startswith("Installed models that cover it: ") for line in feedback.warnings)
    feedback = recorder()
    run(feedback=feedback, INPUT=str(raster), MODEL="any-x2-fast", OUTPUT=str(tmp_path / "out.tif"))
    assert not [line for line in feedback.warnings if "was made for" in line]


def test_the_layout_of_the_file_is_a_choice(run, raster, values, tmp_path):
    for layout, told in (("gtiff", None), ("cog", "COG")):
        target = tmp_path / f"{layout}.tif"
        run(INPUT=str(raster), FORMAT=layout, OUTPUT=str(target))
        assert gdal.Open(str(target)).GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == told
        assert np.array_equal(read_raster(target), repeated(values))
    message = refusal(run, INPUT=str(raster), FORMAT="cog", OUTPUT=str(tmp_path / "out.png"))
    assert "FORMAT=cog is a layout of .tif files" in message


def test_a_bicubic_enlargement_lies_beside_the_result_on_request(run, raster, values, tmp_path):
    from srsat_qgis.core.raster.resample import bicubic_upsample

    fine, plain = tmp_path / "fine.tif", tmp_path / "plain.tif"
    results = run(INPUT=str(raster), OUTPUT=str(fine), BICUBIC=str(plain))
    assert results["BICUBIC"] == str(plain)
    assert np.array_equal(read_raster(fine), repeated(values))
    expected = np.rint(np.clip(bicubic_upsample(values.astype(np.float64), scale=2), 0, 65535))
    difference = np.abs(read_raster(plain).astype(float) - expected)
    # Rounding of float32 beside float64.
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
    assert gdal.Open(str(plain)).GetGeoTransform() == gdal.Open(str(fine)).GetGeoTransform()
    assert "BICUBIC" not in run(INPUT=str(raster))


def test_the_log_of_a_run_with_a_bicubic_enlargement_says_each_thing_once(run, raster, tmp_path, recorder):
    feedback, plain = recorder(), str(tmp_path / "plain.tif")
    given = {"INPUT": str(raster), "MODEL": "any-x2-fast", "CONSISTENCY": "model", "PRECISION": "float32"}
    run(feedback=feedback, **given, OUTPUT=str(tmp_path / "fine.tif"), BICUBIC=plain)
    lines = [line for line in feedback.lines + feedback.warnings if line.strip()]
    assert len(set(lines)) == len(lines)
    for start in ("blur measured", "noise measured", "80 x 60 pixels"):
        assert len([line for line in lines if line.startswith(start)]) == 1, start
    assert f"The bicubic enlargement is written: {plain}" in lines


def test_outputs_of_one_name_are_refused(run, raster, tmp_path):
    same = str(tmp_path / "out.tif")
    assert "BICUBIC" in refusal(run, INPUT=str(raster), OUTPUT=same, BICUBIC=same)
    other = str(tmp_path / "other.tif")
    message = refusal(run, INPUT=str(raster), OUTPUT=same, BICUBIC=other, UNCERTAINTY=other)
    assert message.endswith(f"UNCERTAINTY {other} is the BICUBIC; expected another file")


def test_no_bicubic_is_promised_where_the_model_makes_other_bands(run, raster, tmp_path):
    """Before the run, which may take hours."""
    onnx = pytest.importorskip("onnx", reason="makes a model")
    helper = onnx.helper
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Resize", ["mean", "", "scales"], ["out"], mode="nearest"),
    ]
    graph = helper.make_graph(
        nodes,
        "mean",
        [helper.make_tensor_value_info("image", 1, ["n", 2, "h", "w"])],
        [helper.make_tensor_value_info("out", 1, ["n", 1, "h2", "w2"])],
        [onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")],
    )
    card = {
        "schema_version": 1,
        "id": "mean-x2",
        "name": "Mean of two bands x2",
        "version": "1.0.0",
        "inputs": [{"name": "image", "ratio": 2, "bands": [{"name": "B2"}, {"name": "B3"}]}],
        "output": {"name": "out", "bands": [{"name": "mean"}]},
        "tile": {"halo": 1},
    }
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"srsat": json.dumps(card)})
    path, target, plain = (tmp_path / name for name in ("model.onnx", "out.tif", "plain.tif"))
    path.write_bytes(model.SerializeToString())
    given = {"INPUT": str(raster), "MODEL_FILE": str(path), "OUTPUT": str(target)}
    message = refusal(run, **given, BICUBIC=str(plain))
    assert message.endswith(f"BICUBIC {plain}: mean-x2 does not enlarge its input's bands; expected none")
    assert not target.exists()
    run(**given)
    assert read_raster(target).shape[0] == 1
