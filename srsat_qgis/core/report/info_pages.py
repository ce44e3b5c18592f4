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
    THERMAL,
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
from srsat_qgis.core.report.rendering import joined, number, readable, render, spaced
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict, sentence
from srsat_qgis.core.superres.devices import CPU_INT8, DeviceReport
from srsat_qgis.core.superres.preview import Panel, Preview

# What stands in a section of its own; all else of "training" is listed as it is.
_OWN_SECTIONS = ("data", "probed", "assumed", "parameters")
_NODATA = {
    "any": "An output pixel is nodata where any input is.",
    "first": "An output pixel is nodata where the first input is.",
}
_LONGEST_UNIT = 4
# Along a side: of a band of a Sentinel-2 tile at 10 m.
_LARGE_PX = 10_980
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
        verdict=judge_card(card),
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


def judge_card(card: ModelCard) -> Verdict:
    """Return the verdict on a model: what it does, and how good its card says that it is."""
    size = f"Pixels {card.scale} times smaller" if card.scale > 1 else "Pixels of the same size"
    measured, tone = _measured(card.quality)
    if card.invents_texture:
        line = f"{size}. It invents texture that is likely, not measured: use its output to look at, not to measure in."
        return Verdict(line, MIXED, (measured,) if measured else ())
    if not measured:
        return Verdict(f"{size}. Its card holds no measured quality.", PLAIN)
    return Verdict(f"{size}. {measured}", tone)


def _measured(quality: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return the first measure of a card in a sentence, over all its rows of the same data, and its tone.

    The sentence is empty without any.
    """
    first = next((row for row in quality if {"dataset", "measure", "value"} <= set(row)), None)
    if first is None:
        return "", PLAIN
    same = [row for row in quality if all(row.get(key) == first[key] for key in ("dataset", "measure"))]
    values = [row["value"] for row in same if isinstance(row["value"], (int, float))]
    name, comma, unit = str(first["measure"]).rpartition(", ")
    # "PSNR gain over bicubic, dB": a unit is one short word.
    if not comma or len(unit) > _LONGEST_UNIT:
        name, unit = str(first["measure"]), ""
    if not values:
        return "", PLAIN
    low, high = (joined(number(value, 3), unit) for value in (min(values), max(values)))
    text = f"Measured: {name} {low if low == high else f'{low} to {high}'} ({first['dataset']})."
    return text, _tone(name, values)


def _tone(measure: str, values: Sequence[float]) -> str:
    """Return the tone of values of a measure; that of one which says nothing of bicubic is plain."""
    if "gain over bicubic" in measure:
        better = [value > 0 for value in values]
    elif "share of bicubic" in measure:
        better = [value < 1 for value in values]
    else:
        return PLAIN
    return GOOD if all(better) else MIXED if any(better) else BAD


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
    if card.doubt is not None:
        yield "Map of doubt", f"{card.doubt.describe()} ({card.doubt.patches} bands of held-out patches)"
    elif len(card.inputs) == 1 or card.family == THERMAL:
        yield (
            "Map of doubt",
            "not calibrated: the spread of eight passes, usually several times smaller than the error",
        )
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
    return render("device.html", rows=device_rows(report), verdict=judge_device(report))


def judge_device(report: DeviceReport) -> Verdict:
    """Return the verdict on a computer: what models run on, and how long a large band takes."""
    if report.problem:
        return Verdict(f"Nothing can run here yet: {report.problem}", BAD)
    card = report.gpu_name or "graphics card"
    threads = f"{report.threads} thread{'' if report.threads == 1 else 's'}"
    where = f"the {card}" if report.device == "cuda" else f"the processor ({threads})"
    line, speed = f"Models run on {where}.", report.speeds.get(report.device)
    if speed:
        spent = duration(_LARGE_PX**2 / 1e6 / speed)
        line += (
            f" A band of {_LARGE_PX:,} x {_LARGE_PX:,} output pixels takes about {spent} with {report.model}."
        )
    remarks = () if report.device == "cuda" else (sentence(report.cuda_reason),)
    return Verdict(line, GOOD if report.device == "cuda" else PLAIN, tuple(filter(None, remarks)))


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
        verdict=Verdict(*_advised(found.states)),
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


def _advised(states: Sequence[BandState]) -> tuple[str, str, tuple[str, ...]]:
    """Return the verdict's parts: what was found of blur and noise first, what that means below it."""
    said = advice(states)
    found = [text for text in said if text.startswith(("Blur:", "Noise:"))]
    return " ".join(found), PLAIN, tuple(text for text in said if text not in found)


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
        verdict=judge_preview(found),
        colours=found.colours,
        size=f"{window.cols} x {window.rows} pixels from column {window.col + 1}, row {window.row + 1}",
        panels=[
            (panel.title, data_uri(png_bytes(panel.picture, panel.title)), _note(panel), panel.card)
            for panel in found.panels
        ],
        width=found.panels[0].picture.shape[1],
    )


def judge_preview(found: Preview) -> Verdict:
    """Return the verdict on a preview: what only eyes can judge, which model is quickest, and which invent."""
    made = [panel for panel in found.panels if panel.card is not None]
    quickest = min(made, key=lambda panel: panel.whole_seconds)
    count = f"{len(made)} models" if len(made) > 1 else "One model"
    line = (
        f"{count} on the same ground. Compare edges, and look for grain on flat ground and for patterns that bicubic "
        f"does not have. {'Quickest' if len(made) > 1 else 'It'}: {quickest.title}, about "
        f"{duration(quickest.whole_seconds)} for the whole raster."
    )
    invents = [panel.title for panel in made if panel.card is not None and panel.card.invents_texture]
    remark = f"Texture is invented by {', '.join(invents)}: to look at, not to measure in."
    return Verdict(line, PLAIN, (remark,) if invents else ())


def _note(panel: Panel) -> str:
    if panel.card is None:
        return ""
    return f"{number(panel.seconds, 2)} s; the whole raster about {duration(panel.whole_seconds)}"
