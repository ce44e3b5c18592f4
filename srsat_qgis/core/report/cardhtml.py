"""Shows a model card as a page: what the model takes and gives, how good it is, and what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from srsat_qgis.core.models.card import BandSpec, Degradation, InputSpec, ModelCard, Scaling
from srsat_qgis.core.report.htmlpage import HtmlPage, shown
from srsat_qgis.core.superres.devices import DeviceReport

# What stands in a section of its own; all else of "training" is listed as it is.
_OWN_SECTIONS = ("data", "probed", "assumed", "parameters")
_NODATA = {
    "any": "An output pixel is no data where any input is.",
    "first": "An output pixel is no data where the first input is.",
}
_PIVOTED = {"dataset", "measure", "sigma", "value"}


def card_to_html(card: ModelCard) -> str:
    """Return the card as an HTML page; all texts of the card are escaped."""
    subtitle = ", ".join(text for text in (card.id, f"version {card.version}", card.licence) if text)
    page = HtmlPage(card.name, subtitle)
    if card.description:
        page.paragraph(card.description)
    training = dict(card.training)
    page.facts(
        [
            ("Scale", f"x{card.scale}"),
            ("Family", card.family),
            ("Licence", card.licence or "not stated"),
            ("Parameters", training.get("parameters")),
            ("File", card.path),
            ("SHA-256", card.sha256),
        ]
    )
    _inputs(page, card)
    _conditions(page, card)
    _quality(page, card)
    _probe(page, training)
    _training(page, training)
    return page.text()


def input_bands(card: ModelCard) -> str:
    """Return the bands that the card's inputs take: ``each``, or names by input."""
    if len(card.inputs) == 1:
        return _bands(card.inputs[0].bands)
    return "; ".join(f"{spec.name}: {_bands(spec.bands)}" for spec in card.inputs)


def _bands(bands: tuple[BandSpec, ...] | None) -> str:
    return "each" if bands is None else ", ".join(band.name for band in bands)


def _inputs(page: HtmlPage, card: ModelCard) -> None:
    page.heading("Input and output")
    page.table(
        ["Input", "Output pixels per pixel", "Bands", "Values"],
        [
            (
                spec.name,
                f"{spec.ratio} x {spec.ratio}",
                _described(spec.bands, "every band alone"),
                _values(spec),
            )
            for spec in card.inputs
        ],
    )
    page.facts([("Output", _described(card.output.bands, "the bands of the first input"))])


def _described(bands: tuple[BandSpec, ...] | None, otherwise: str) -> str:
    if bands is None:
        return otherwise
    return ", ".join(
        band.name if band.wavelength_nm is None else f"{band.name} ({band.wavelength_nm:g} nm)"
        for band in bands
    )


def _values(spec: InputSpec) -> str:
    if spec.scaling == Scaling():
        return "digital numbers" if spec.dtype.startswith("float") else f"digital numbers as {spec.dtype}"
    return f"digital numbers x {shown(spec.scaling.gain)} + {shown(spec.scaling.offset)}, {spec.dtype}"


def _conditions(page: HtmlPage, card: ModelCard) -> None:
    page.heading("Made for")
    low_high = card.value_range
    page.facts(
        [
            ("Values", "any" if low_high is None else f"{low_high[0]:g} to {low_high[1]:g}"),
            (
                "Unit of the values",
                "any: a gain above 0 and an offset of the input are those of the output"
                if card.equivariant
                else "",
            ),
            ("Pixel size", "" if card.gsd_m is None else f"{card.gsd_m[0]:g} m to {card.gsd_m[1]:g} m"),
            ("Blur of the sensor", "" if card.degradation is None else _blur(card.degradation)),
            ("No data", _NODATA.get(card.nodata, card.nodata)),
            ("Tiles", _tiling(card)),
        ]
    )


def _blur(blur: Degradation) -> str:
    text = f"a Gaussian of {blur.sigma:g} pixels of the input, then the mean over each pixel ({blur.kind})"
    if blur.sigma_range is None:
        return text
    return f"{text}; trained for {blur.sigma_range[0]:g} to {blur.sigma_range[1]:g} pixels, measured in each raster"


def _tiling(card: ModelCard) -> str:
    tile = card.tile
    if tile.blend == "crop":
        text = f"exact: a tiled run equals an untiled one; a margin of {tile.halo} pixels is computed and cut off"
    else:
        text = f"neighbours overlap by {tile.halo} pixels and fade into each other"
    details = [f"{tile.fixed} pixels, always" if tile.fixed else f"{tile.default} pixels unless you choose"]
    if tile.multiple > 1:
        details.append(f"multiples of {tile.multiple}")
    if tile.fixed_batch:
        details.append(f"{tile.fixed_batch} at a time")
    return f"{text}. Size: {', '.join(details)}."


def _quality(page: HtmlPage, card: ModelCard) -> None:
    if not card.quality:
        return
    page.heading("Measured quality")
    plain = [row for row in card.quality if set(row) != _PIVOTED]
    by_measure: dict[str, list[Mapping[str, Any]]] = {}
    for row in card.quality:
        if set(row) == _PIVOTED:
            by_measure.setdefault(str(row["measure"]), []).append(row)
    for measure, rows in by_measure.items():
        page.paragraph(f"{measure}, by the blur (sigma, pixels of the input) of the test image:")
        _pivot(page, rows)
    if plain:
        _any_table(page, plain)


def _pivot(page: HtmlPage, rows: Iterable[Mapping[str, Any]]) -> None:
    """Show rows of dataset, sigma and value as one line a dataset and one column a sigma."""
    values: dict[str, dict[Any, Any]] = {}
    for row in rows:
        values.setdefault(str(row["dataset"]), {})[row["sigma"]] = row["value"]
    sigmas = sorted(
        {sigma for found in values.values() for sigma in found}, key=lambda sigma: (str(type(sigma)), sigma)
    )
    page.table(
        ["Data", *(f"sigma {shown(sigma)}" for sigma in sigmas)],
        [(dataset, *(found.get(sigma) for sigma in sigmas)) for dataset, found in values.items()],
    )


def _any_table(page: HtmlPage, rows: Iterable[Mapping[str, Any]]) -> None:
    """Show mappings with whatever keys they have."""
    rows = list(rows)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    page.table(
        [column.replace("_", " ") for column in columns], [[row.get(key) for key in columns] for row in rows]
    )


def _probe(page: HtmlPage, training: Mapping[str, Any]) -> None:
    probed, assumed = training.get("probed"), training.get("assumed")
    if isinstance(probed, Mapping) and probed:
        page.heading("Found out by running the model")
        page.facts((str(key).replace("_", " "), value) for key, value in probed.items())
    if isinstance(assumed, (list, tuple)) and assumed:
        page.heading("Assumed, since running it cannot tell")
        page.bullets(assumed)


def _training(page: HtmlPage, training: Mapping[str, Any]) -> None:
    data = training.get("data")
    others = [(key.replace("_", " "), value) for key, value in training.items() if key not in _OWN_SECTIONS]
    if not data and not others:
        return
    page.heading("Training")
    if isinstance(data, (list, tuple)) and all(isinstance(row, Mapping) for row in data) and data:
        _any_table(page, data)
    elif data:
        page.facts([("data", data)])
    page.facts(others)


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
