"""Shows a device report as a page, and as lines for a log."""

from __future__ import annotations

from srsat_qgis.core.devices import DeviceReport
from srsat_qgis.core.pages.htmlpage import HtmlPage, shown


def device_rows(report: DeviceReport) -> list[tuple[str, str]]:
    """Return what the report says, name and value; what is not there is left out."""
    driver = report.driver
    rows = [
        ("Device used by default", report.device.upper() if report.device == "cpu" else "CUDA"),
        ("CUDA", report.cuda_reason),
        ("onnxruntime", f"{report.ort_version} ({report.ort_package}) in {report.ort_folder}"),
        ("Providers it was built with", ", ".join(report.providers)),
        ("CUDA version it is built for", report.ort_cuda),
        ("CUDA runtime found", report.cuda_version),
        ("cuDNN found", report.cudnn_version),
        (
            "NVIDIA driver runs CUDA up to",
            "" if driver.cuda is None else f"{driver.cuda[0]}.{driver.cuda[1]}",
        ),
    ]
    rows += [
        (
            f"Graphics card {number}",
            f"{gpu.name}, {gpu.memory_mb / 1024:.1f} GB, compute capability {gpu.capability[0]}.{gpu.capability[1]}",
        )
        for number, gpu in enumerate(driver.gpus)
    ]
    rows.append(("Processor threads used", shown(report.threads)))
    rows += [
        (f"Speed on {name.upper()}", f"{speed:.3g} megapixels of one output band per second ({report.model})")
        for name, speed in report.speeds.items()
    ]
    return [(name, value) for name, value in rows if value]


def device_to_html(report: DeviceReport) -> str:
    """Return the report as an HTML page."""
    page = HtmlPage("Devices", "What super-resolution runs on here")
    page.facts(device_rows(report))
    return page.text()
