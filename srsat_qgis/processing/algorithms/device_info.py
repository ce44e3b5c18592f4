"""Processing algorithm: which devices run the models here, why CUDA does not, and how fast they are."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterNumber,
)

from srsat_qgis.core.report.info_pages import device_rows, device_to_html
from srsat_qgis.core.superres.devices import survey
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params, settings
from srsat_qgis.processing.parameters.params import page_destination, write_page

FAST_MODEL = "any-x2-fast"


class DeviceInfo(SrsatAlgorithm):
    """Tell what a run will use, and why."""

    MODEL = "MODEL"
    SECONDS = "SECONDS"
    OUTPUT_HTML = "OUTPUT_HTML"
    DEVICE = "DEVICE"
    CUDA_REASON = "CUDA_REASON"
    PROVIDERS = "PROVIDERS"
    ORT_VERSION = "ORT_VERSION"
    ORT_PACKAGE = "ORT_PACKAGE"
    CUDA_VERSION = "CUDA_VERSION"
    CUDNN_VERSION = "CUDNN_VERSION"
    GPU_NAME = "GPU_NAME"
    MPX_PER_SECOND_CPU = "MPX_PER_SECOND_CPU"
    MPX_PER_SECOND_CUDA = "MPX_PER_SECOND_CUDA"

    group_label = "Setup"
    group_id = "setup"
    keywords = ("gpu", "cuda", "cudnn", "nvidia", "graphics card", "benchmark", "speed", "diagnose")

    def name(self):
        return "deviceinfo"  # public id srsat:deviceinfo; never changes

    def displayName(self):
        return self.tr("Device information")

    def shortDescription(self):
        return self.tr(
            "Tells which device runs the models, why an NVIDIA card is not used, and how fast it is."
        )

    def shortHelpString(self):
        return self.tr(
            "Tries the graphics card and tells in plain words why it is not used: the processor's package of "
            "onnxruntime, no driver, a driver or a card too old for the CUDA version, or a missing library, with its "
            "name. Then a model is timed on each device, tile by tile as in a real run."
        )

    def initAlgorithm(self, config=None):
        self.add(
            params.model(self.MODEL, self.tr("Model to time"), default=FAST_MODEL),
            self.tr("Any registered model; the speed is that of this model."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.SECONDS,
                self.tr("Seconds of timing on each device"),
                QgsProcessingParameterNumber.Type.Double,
                1.0,
                False,
                0.0,
                600.0,
            ),
            self.tr("0: no timing, only what is there."),
            advanced=True,
        )
        self.add(
            page_destination(self.OUTPUT_HTML, self.tr("Report")),
            self.tr("The same as an HTML page."),
        )
        for name, label in (
            (self.DEVICE, self.tr("Device that a run uses by itself")),
            (self.CUDA_REASON, self.tr("Why CUDA is used or not")),
            (self.PROVIDERS, self.tr("Devices that onnxruntime was built for, comma-separated")),
            (self.ORT_VERSION, self.tr("Version of onnxruntime")),
            (self.ORT_PACKAGE, self.tr("Package of onnxruntime")),
            (self.CUDA_VERSION, self.tr("CUDA version found")),
            (self.CUDNN_VERSION, self.tr("cuDNN version found")),
            (self.GPU_NAME, self.tr("Graphics card")),
        ):
            self.addOutput(QgsProcessingOutputString(name, label))
        for name, label in (
            (self.MPX_PER_SECOND_CPU, self.tr("Output megapixels of a band per second, processor")),
            (self.MPX_PER_SECOND_CUDA, self.tr("Output megapixels of a band per second, graphics card")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        report = survey(
            params.registered(self.parameterAsEnumString(parameters, self.MODEL, context)),
            seconds=self.parameterAsDouble(parameters, self.SECONDS, context),
            threads=settings.threads(),
            gpu_memory_mb=settings.gpu_memory_mb(),
            progress=FeedbackProgress(feedback),
        )
        for name, value in device_rows(report):
            feedback.pushInfo(f"{name}: {value}")
        results = {
            self.DEVICE: report.device,
            self.CUDA_REASON: report.cuda_reason,
            self.PROVIDERS: ", ".join(report.providers),
            self.ORT_VERSION: report.ort_version,
            self.ORT_PACKAGE: report.ort_package,
            self.CUDA_VERSION: report.cuda_version,
            self.CUDNN_VERSION: report.cudnn_version,
            self.GPU_NAME: report.gpu_name,
        }
        # A device that is not there has no speed: the output is absent rather than 0.
        for device, name in (("cpu", self.MPX_PER_SECOND_CPU), ("cuda", self.MPX_PER_SECOND_CUDA)):
            if device in report.speeds:
                results[name] = report.speeds[device]
        path = self.parameterAsFileOutput(parameters, self.OUTPUT_HTML, context)
        if path:
            write_page(path, device_to_html(report))
            results[self.OUTPUT_HTML] = path
        return results
