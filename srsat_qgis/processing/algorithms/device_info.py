"""Processing algorithm: which devices run the models here, why CUDA does not, and how fast they are."""

from __future__ import annotations

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.report.info_pages import device_rows, device_to_html
from srsat_qgis.core.superres.devices import CPU_INT8, survey
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params

FAST_MODEL = "any-x2-fast"


class DeviceInfo(SrsatAlgorithm):
    """Say which device a run will use, and why."""

    public_id = "deviceinfo"
    title = "Device information"
    summary = "Says which device runs the models, why an NVIDIA graphics card is not used, and how fast each one is."
    details = (
        "Tests the graphics card. If it is not used, the report says why: onnxruntime is installed for the processor "
        "only, there is no driver, the driver or the card is too old for the CUDA version, or a library is missing "
        "(with its name). Then the speed of a model is measured on each device, tile by tile as in a real run."
    )
    # Where it is missing, the report says so.
    needs_runtime = False
    group_label, group_id = "Configuration", "setup"
    keywords = ("gpu", "cuda", "cudnn", "nvidia", "graphics card", "benchmark", "speed", "diagnose")

    def initAlgorithm(self, config=None):
        self.add(
            params.model("MODEL", "Model for the speed test", FAST_MODEL),
            "The measured speed is that of this model.",
        )
        self.add(
            params.number(
                "SECONDS", "Speed test on each device (seconds)", 1.0, least=0.0, most=600.0, optional=False
            ),
            "0: no speed test.",
            advanced=True,
        )
        self.add(params.page("OUTPUT_HTML", "Report (HTML)"), "The same information as an HTML page.")
        self.add_outputs(
            QgsProcessingOutputString,
            {
                "DEVICE": "Device that a run uses by default",
                "CUDA_REASON": "Why CUDA is used or not",
                "PROVIDERS": "Devices that onnxruntime supports (comma-separated)",
                "ORT_VERSION": "Version of onnxruntime",
                "ORT_PACKAGE": "Package of onnxruntime",
                "CUDA_VERSION": "CUDA version found",
                "CUDNN_VERSION": "cuDNN version found",
                "GPU_NAME": "Graphics card",
            },
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "MPX_PER_SECOND_CPU": "Speed on the processor (output megapixels of one band per second)",
                "MPX_PER_SECOND_INT8": "Speed on the processor in 8-bit integers (likewise)",
                "MPX_PER_SECOND_CUDA": "Speed on the graphics card (output megapixels of one band per second)",
            },
        )

    def work(self, values, progress):
        report = survey(
            params.registered(values.MODEL),
            seconds=values.SECONDS,
            threads=settings.threads(),
            gpu_memory_mb=settings.gpu_memory_mb(),
            progress=progress,
        )
        if report.problem:
            progress.warn(report.problem)
        for name, value in device_rows(report):
            progress.info(f"{name}: {value}")
        return {
            "DEVICE": report.device or None,
            "CUDA_REASON": report.cuda_reason,
            "PROVIDERS": ", ".join(report.providers),
            "ORT_VERSION": report.ort_version,
            "ORT_PACKAGE": report.ort_package,
            "CUDA_VERSION": report.cuda_version,
            "CUDNN_VERSION": report.cudnn_version,
            "GPU_NAME": report.gpu_name,
            "MPX_PER_SECOND_CPU": report.speeds.get("cpu"),
            "MPX_PER_SECOND_INT8": report.speeds.get(CPU_INT8),
            "MPX_PER_SECOND_CUDA": report.speeds.get("cuda"),
            "OUTPUT_HTML": values.write("OUTPUT_HTML", lambda: device_to_html(report)),
        }
