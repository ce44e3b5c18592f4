"""Pages about what there is to run, and to run on: a model's card, a raster's state, the devices of this computer.

The preview stands here too: what some models make of a part of a raster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.degradation.raster_state import BandState, Estimate, advice
from srsat_qgis.core.models.advice import ADVICE
from srsat_qgis.core.models.card import (
    PICTURE_FILE,
    BandSpec,
    Degradation,
    InputSpec,
    ModelCard,
    Scaling,
)
from srsat_qgis.core.pace import duration
from srsat_qgis.core.pictures.drawing import data_uri, png_bytes
from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.grid import Grid, metres_per_pixel
from srsat_qgis.core.report.rendering import number, readable, render, spaced
from srsat_qgis.core.superres.devices import CPU_INT8, DeviceReport
from srsat_qgis.core.superres.preview import Panel, Preview

# What stands in a section of its own; all else of "training" is listed as it is.
_OWN_SECTIONS = ("data", "probed", "assumed", "parameters")
_NODATA = {
    "any": "An output pixel is nodata where any input is.",
    "first": "An output pixel is nodata where the first input is.",
}
_PNG = b"\x89PNG\r\n\x1a\n"
_PIVOTED = {"dataset", "measure", "sigma", "value"}


def card_to_html(card: ModelCard, models: Iterable[ModelCard] = ()) -> str:
    """Return the card as an HTML page; all texts of the card are escaped.

    Where ``models`` are given, they are listed too, with the table that says which one suits which data.
    """
    training = dict(card.training)
    data, probed, assumed = (training.get(key) for key in ("data", "probed", "assumed"))
    listed = isinstance(data, (list, tuple)) and all(isinstance(row, Mapping) for row in data)
    return render(
        "card.html",
        card=card,
        about=", ".join(text for text in (card.id, f"version {card.version}", card.licence) if text),
        parameters=training.get("parameters"),
        inputs=[
            (
                spec.name,
                f"{spec.ratio} x {spec.ratio}",
                _described(spec.bands, "every band alone"),
                _values(spec),
            )
            for spec in card.inputs
        ],
        output=_described(card.output.bands, "the bands of the first input"),
        conditions=list(_conditions(card)),
        pivots=list(_pivots(card.quality)),
        quality=_any_table([row for row in card.quality if not _is_pivoted(row)]),
        probed=spaced(probed) if isinstance(probed, Mapping) else [],
        assumed=assumed if isinstance(assumed, (list, tuple)) else (),
        data=_any_table(data or []) if listed else None,
        training=([] if listed or not data else [("data", data)]) + spaced(training, without=_OWN_SECTIONS),
        advice=ADVICE,
        models=[_listed(one) for one in models],
    )


def model_rows(cards: Iterable[ModelCard]) -> list[dict[str, Any]]:
    """Return what distinguishes models, as JSON holds it: one mapping a model."""
    return [
        {
            "id": card.id,
            "name": card.name,
            "version": card.version,
            "sha256": card.sha256,
            "scale": card.scale,
            "family": card.family,
            "bands": input_bands(card),
            "gsd_m": card.gsd_m,
            "value_range": card.value_range,
            "licence": card.licence,
            "description": card.description,
        }
        for card in cards
    ]


def _listed(card: ModelCard) -> dict[str, Any]:
    """Return what a list of models shows of one."""
    picture = None if card.path is None else card.path.parent / PICTURE_FILE
    try:
        png = None if picture is None else picture.read_bytes()
    except OSError:
        png = None
    gsd, values = card.gsd_m, card.value_range
    facts = [
        f"x{card.scale}",
        card.family,
        f"bands: {input_bands(card)}",
        "" if gsd is None else f"pixels of {gsd[0]:g} to {gsd[1]:g} m",
        "" if values is None else f"values from {values[0]:g} to {values[1]:g}",
        card.licence,
    ]
    return {
        "id": card.id,
        "name": card.name,
        "version": card.version,
        "description": card.description,
        "about": "; ".join(filter(None, facts)),
        "picture": None if png is None or not png.startswith(_PNG) else data_uri(png),
    }


def input_bands(card: ModelCard) -> str:
    """Return the bands that the card's inputs take: ``each``, or names by input."""
    if len(card.inputs) == 1:
        return _bands(card.inputs[0].bands)
    return "; ".join(f"{spec.name}: {_bands(spec.bands)}" for spec in card.inputs)


def _bands(bands: tuple[BandSpec, ...] | None) -> str:
    return "each" if bands is None else ", ".join(band.name for band in bands)


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
    return f"digital numbers x {readable(spec.scaling.gain)} + {readable(spec.scaling.offset)}, {spec.dtype}"


def _conditions(card: ModelCard) -> Iterator[tuple[str, str]]:
    low_high, gsd = card.value_range, card.gsd_m
    yield "Values", "any" if low_high is None else f"{readable(low_high[0])} to {readable(low_high[1])}"
    if card.equivariant:
        yield (
            "Unit of the values",
            "any: a gain above 0 and an offset of the input become those of the output",
        )
    if gsd is not None:
        yield "Pixel size", f"{gsd[0]:g} m to {gsd[1]:g} m"
    if card.degradation is not None:
        yield "Blur of the sensor", _blur(card.degradation)
    yield "Nodata", _NODATA.get(card.nodata, card.nodata)
    yield "Tiles", _tiling(card)


def _blur(blur: Degradation) -> str:
    text = f"a Gaussian of {blur.sigma:g} input pixels, then the mean over each pixel ({blur.kind})"
    if blur.sigma_range is None:
        return text
    return f"{text}; trained for {blur.sigma_range[0]:g} to {blur.sigma_range[1]:g} pixels, measured in each raster"


def _tiling(card: ModelCard) -> str:
    tile = card.tile
    if tile.blend == "crop":
        text = (
            f"exact: a tiled run equals an untiled one; a halo of {tile.halo} pixels is computed and cut off"
        )
    else:
        text = f"adjacent tiles overlap by {tile.halo} pixels and are blended"
    details = [f"{tile.fixed} pixels, always" if tile.fixed else f"{tile.default} pixels by default"]
    if tile.multiple > 1:
        details.append(f"multiples of {tile.multiple}")
    if tile.fixed_batch:
        details.append(f"{tile.fixed_batch} at a time")
    return f"{text}. Size: {', '.join(details)}."


def _is_pivoted(row: Mapping[str, Any]) -> bool:
    return set(row) == _PIVOTED and not isinstance(row["sigma"], (list, dict))


def _pivots(quality: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    """Yield, a measure: its name, a heading row, and a line a dataset with a column a blur."""
    tables: dict[str, dict[str, dict[Any, Any]]] = {}
    for row in quality:
        if _is_pivoted(row):
            lines = tables.setdefault(str(row["measure"]), {})
            lines.setdefault(str(row["dataset"]), {})[row["sigma"]] = row["value"]
    for measure, lines in tables.items():
        found = {sigma for line in lines.values() for sigma in line}
        sigmas = sorted(found, key=lambda sigma: (str(type(sigma)), sigma))
        head = ["Data", *(f"sigma {readable(sigma)}" for sigma in sigmas)]
        yield measure, head, [[name, *map(line.get, sigmas)] for name, line in lines.items()]


def _any_table(rows: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]] | None:
    """Return mappings with whatever keys they have as a heading row and lines; None where there are none."""
    rows = list(rows)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    head = [str(column).replace("_", " ") for column in columns]
    return (head, [[row.get(key) for key in columns] for row in rows]) if rows else None


def device_rows(report: DeviceReport) -> list[tuple[str, str]]:
    """Return what the report says, name and value; what is not there is left out."""
    driver = report.driver
    rows = [
        ("Device used by default", report.device.upper()),
        ("CUDA", report.cuda_reason),
        (
            "onnxruntime",
            report.problem or f"{report.ort_version} ({report.ort_package}) in {report.ort_folder}",
        ),
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
            f"Graphics card {index}",
            f"{gpu.name}, {gpu.memory_mb / 1024:.1f} GB, compute capability {gpu.capability[0]}.{gpu.capability[1]}",
        )
        for index, gpu in enumerate(driver.gpus)
    ]
    rows.append(("Processor threads used", str(report.threads)))
    if report.integers is not None:
        taken = "yes" if report.integers.pays else "no"
        rows.append(("8-bit models used by themselves", f"{taken}: {report.integers.reason()}"))
    rows += [
        (
            f"Speed on {name.upper() if name != CPU_INT8 else CPU_INT8}",
            f"{number(speed, 3)} megapixels of one output band per second ({report.model})",
        )
        for name, speed in report.speeds.items()
    ]
    return [(name, value) for name, value in rows if value]


def device_to_html(report: DeviceReport) -> str:
    """Return the report as an HTML page."""
    return render("device.html", rows=device_rows(report))


@dataclass(frozen=True)
class RasterState:
    """A raster and what was measured of it."""

    name: str
    grid: Grid
    data_type: str
    bands: Sequence[BandInfo]
    states: Sequence[BandState]
    """One a band."""


def state_to_json(found: RasterState) -> list[dict[str, Any]]:
    """Return blur and noise of each band, with null where they are undetermined."""
    return [
        {
            "band": band.number,
            "name": band.name,
            **{
                key: value
                for name, one in (("blur", state.blur), ("noise", state.noise))
                for key, value in ((name, one and one.value), (f"{name}_spread", one and one.spread))
            },
        }
        for band, state in zip(found.bands, found.states)
    ]


def raster_to_html(found: RasterState) -> str:
    """Return what was measured of a raster as an HTML page."""
    size = metres_per_pixel(found.grid)
    return render(
        "raster.html",
        name=found.name,
        advice=advice(found.states),
        rows=[
            ("Pixels", f"{found.grid.cols} x {found.grid.rows}"),
            ("Pixel size", "" if size is None else f"{number(size)} m"),
            ("Data type", found.data_type),
        ],
        head=["Band", "Blur (pixels)", "Noise (raster's unit)"],
        bands=[
            [f"{band.number} {band.name}".strip(), _estimated(state.blur, 2), _estimated(state.noise, 3)]
            for band, state in zip(found.bands, found.states)
        ],
    )


def _estimated(one: Estimate | None, digits: int) -> str:
    if one is None:
        return "undetermined"
    return f"{number(one.value, digits)} ± {number(one.spread, 2)}"


def preview_html(found: Preview, *, name: str) -> str:
    """Return the page; ``name`` is the raster's."""
    window = found.window
    return render(
        "preview.html",
        name=name,
        size=f"{window.cols} x {window.rows} pixels from column {window.col + 1}, row {window.row + 1}",
        panels=[
            (panel.title, data_uri(png_bytes(panel.picture, panel.title)), _note(panel), panel.card)
            for panel in found.panels
        ],
        width=found.panels[0].picture.shape[1],
    )


def _note(panel: Panel) -> str:
    if panel.card is None:
        return ""
    return f"{number(panel.seconds, 2)} s; the whole raster about {duration(panel.whole_seconds)}"
