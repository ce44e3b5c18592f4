"""Rasters of every kind, whole and damaged, through all that the core does with rasters."""

from __future__ import annotations

import dataclasses
import functools
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal, osr

from srsat_qgis.core.degradation.plan import METHODS, MTFS
from srsat_qgis.core.degradation.run import Degradation, DegradeOptions, degrade_raster
from srsat_qgis.core.errors import NoValidPixels
from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from srsat_qgis.core.models.card_json import load_card
from srsat_qgis.core.raster.grid import UNREFERENCED, Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import raster_shift
from srsat_qgis.core.registration.move import KEEP, RESAMPLINGS, write_moved
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import Window
from tests.fuzz.case import Cancelling, Case
from tests.fuzz.make_rasters import DEGENERATE, KINDS, NODATA, Seen, look, make
from tests.onnx_models import card_for, conv_model, nearest_model

_TYPES = [name for name in KINDS if name[0] != "C" and name != "Float16"]
# With these, what the output lacks is what was asked for.
_LOSSY = (("NBITS=7",), ("PROFILE=BASELINE",))
_OPTIONS = (
    *(
        "COMPRESS=LZW",
        "COMPRESS=NONE",
        "compress=zstd",
        "COMPRES=LZW",
        "COMPRESS=FOO",
        "FOO",
        "TILED=NO",
        "TFW=YES",
    ),
    *(
        "BLOCKYSIZE=17",
        "PREDICTOR=2",
        "ZLEVEL=9",
        "BIGTIFF=YES",
        "SPARSE_OK=TRUE",
        "ENDIANNESS=BIG",
        "RPB=YES",
    ),
    *("INTERLEAVE=PIXEL", "PHOTOMETRIC=RGB", "ALPHA=NO", "STATISTICS=YES", "WORLDFILE=YES", "USE_SPILL=YES"),
    *("REVERSIBLE=NO", "PROFILE=BASELINE", "NBITS=7"),
)


@functools.lru_cache(maxsize=1)
def _cards() -> dict[str, Any]:
    """Return models whose output is known, one of convolutions, and a shipped one."""
    folder = Path(tempfile.mkdtemp(prefix="models-"))
    return {
        "nearest": card_for(nearest_model(folder / "nearest.onnx"), halo=1, equivariant=True),
        "nearest3": card_for(nearest_model(folder / "nearest3.onnx", scale=3), scale=3, halo=1),
        "conv": card_for(conv_model(folder / "conv.onnx", radius=4), halo=4),
        "shipped": load_card(Path(__file__).resolve().parents[2] / "models" / "any-x2-fast"),
    }


def run(case: Case) -> None:
    """Make a raster and try all on it that takes rasters."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.UseExceptions()
    path = make(case, "in")
    made = _superresolve(case, path)
    _degrade(case, path)
    if path.stat().st_size < 300_000:
        _evaluate(case, made or path, path)
        _register(case, path)
    gdal.PopErrorHandler()


def _tried(case: Case, step: str, target: Path, action: Any, *args: Any, **kwargs: Any) -> Any:
    """Attempt what writes ``target``, under either of GDAL's ways to report errors."""
    (gdal.UseExceptions if case.chance(0.5) else gdal.DontUseExceptions)()
    made = () if os.path.exists(target) else (target.name,)
    return case.attempt(
        step, lambda: action(*args, **kwargs) or True, made=made, kept=f".{target.name}.srsat-resume"
    )


def _target(case: Case, path: Path) -> Path:
    end = case.mostly("tif", "img", "png", "jp2", "vrt", "asc")
    name = case.mostly("out", "o ut", "o[1]", "ö%s", "o" * 225, "o" * 245)
    return path if case.chance(0.02) else case.folder / f"{name}{len(list(case.folder.iterdir()))}.{end}"


def _superresolve(case: Case, path: Path) -> Path | None:
    name = case.one_of("nearest", "nearest", "nearest3", "conv", "shipped")
    card, nodata = _cards()[name], case.mostly(None, *NODATA)
    bands, target, seen = case.mostly(None, (1,), (2, 1)), _target(case, path), look(path, nodata)
    extent, window = _extent(case, seen)
    settings = Settings(
        device="cpu",
        threads=1,
        tile=case.one_of(None, case.random.randint(8, 100)),
        output_type=case.mostly(None, *_TYPES),
        nodata=nodata,
        saturation=case.mostly(None, 200.0, math.nan),
        consistency=case.one_of("off", "area", "model"),
        resume=case.chance(0.3),
        creation_options=case.mostly((), (case.one_of(*_OPTIONS),)),
        extent=extent,
    )
    made, rows = (Source(str(path), bands), card, str(target)), case.folder / f".{target.name}.srsat-resume"
    if settings.resume:
        progress = Cancelling(case.random.random_sample())
        _tried(case, "interrupted", target, super_resolve, *made, settings=settings, progress=progress)
        if os.path.isdir(rows) and case.chance(0.3):
            case.damage(case.one_of(*sorted(rows.iterdir())))
    done = _tried(case, "superresolve", target, super_resolve, *made, settings=settings)
    there = window and not bands and any(seen.valid[index][window.slices].any() for index in seen.others)
    if there and isinstance(case.refusal, NoValidPixels):
        case.find("superresolve", f"refused although pixels are valid: {case.refusal}")
    if done is None or target == path or settings.creation_options in _LOSSY:
        return None
    if os.path.isdir(rows):
        case.find("superresolve", "the finished rows are left behind")
    if window is not None:
        exact = name.startswith("nearest") and settings.consistency == "off" and settings.saturation is None
        kind = settings.output_type
        _hold(case, "superresolve", target, seen, bands, window, scale=card.scale, kind=kind, exact=exact)
    if case.chance(0.3):
        again = target.with_name(f"again{target.suffix}")
        other = dataclasses.replace(settings, tile=case.random.randint(8, 100), threads=2, resume=False)
        _tried(case, "tiled otherwise", again, super_resolve, *made[:2], str(again), settings=other)
        _alike(case, "tiled otherwise", target, again, 1e-5)
    return target


def _degrade(case: Case, path: Path) -> None:
    how = Degradation(case.one_of(2, 3, 5), case.one_of("area", *METHODS), mtf_values=(0.2,), sigma=0.7)
    odd = {
        "scale": case.one_of(1, 0, 40),
        "mtf": case.one_of(*MTFS),
        "mtf_values": case.one_of((0.1, 0.3), (math.nan,)),
        "sigma": case.one_of(0.0, math.nan, math.inf, 1e9),
        "read_noise": case.one_of(3.0, math.nan, 1e300),
        "shot_noise": case.one_of(1.0, -1.0),
        "jpeg_quality": case.one_of(50, 0),
        "seed": case.one_of(7, 2**32),
    }
    if case.chance(0.4):
        field = case.one_of(*odd)
        how = dataclasses.replace(how, **{field: odd[field]})
    nodata, bands, target = case.mostly(None, *NODATA), case.mostly(None, (1,)), _target(case, path)
    seen = look(path, nodata)
    extent, window = _extent(case, seen)
    written = case.mostly((), (case.one_of(*_OPTIONS),))
    options = DegradeOptions(bands, extent, case.mostly(None, *_TYPES), nodata, written)
    done = _tried(case, "degrade", target, degrade_raster, str(path), str(target), how, options=options)
    if done is None or target == path or written in _LOSSY:
        return
    if window is not None:
        exact = how.method == "area" and not (how.read_noise or how.shot_noise or how.jpeg_quality)
        kind = options.output_type
        _hold(case, "degrade", target, seen, bands, window, scale=1 / how.scale, kind=kind, exact=exact)
    again = target.with_name(f"again degraded{target.suffix}")
    _tried(
        case, "degrade otherwise", again, degrade_raster, str(path), str(again), how, options=options, tile=64
    )
    _alike(case, "degrade otherwise", target, again, 0)


def _evaluate(case: Case, test: Path, lowres: Path) -> None:
    """Compare an output with its input and with itself."""
    options = Options(
        metrics=case.one_of(("psnr", "ssim"), None),
        degradation=case.one_of("auto", "area"),
        grid=case.one_of("refuse", "warp"),
        mask=case.mostly(None, str(test)),
        rasters=case.one_of({}, {"error": str(case.folder / "map.tif")}),
        pictures=case.chance(0.3),
        threads=1,
    )
    partners = case.one_of({"lowres": str(lowres)}, {"reference": str(test)}, {"reference": str(lowres)})
    made = ["map.tif"] if options.rasters else ()
    case.attempt("evaluate", lambda: evaluate(str(test), **partners, options=options).json_text(), made=made)


def _register(case: Case, path: Path) -> None:
    """Measure the shift against another raster, or the same one, and move the raster."""
    other = make(case, "other") if case.chance(0.3) else path
    most = case.mostly(5.0, 0.0, math.nan, 1e9)
    case.attempt("shift", lambda: raster_shift(Raster(str(path)), Raster(str(other)), max_shift_px=most))
    shift = case.mostly((3.3, -7.0), (0.0, 0.0), (case.one_of(*DEGENERATE), 1.0))
    resampling, target, seen = case.one_of(KEEP, *RESAMPLINGS), _target(case, path), look(path)
    onto = Grid(7, 9, case.one_of(UNREFERENCED, None), seen.wkt if seen else "")
    settings = {"shift": shift, "resampling": resampling}
    if resampling != KEEP and case.chance(0.5):
        settings["onto"] = onto
    done = _tried(case, "move", target, lambda: write_moved(Raster(str(path)), str(target), **settings))
    if done and seen and resampling == KEEP:
        x0, xc, xr, y0, yc, yr = seen.transform or UNREFERENCED
        seen.transform, whole = (
            (x0 + shift[0], xc, xr, y0 + shift[1], yc, yr),
            Window(0, 0, *seen.values[0].shape),
        )
        _hold(case, "move", target, seen, None, whole, scale=1, kind=_common(seen.types), exact=True)


# --- what must hold -------------------------------------------------------------------------------------------------


def _extent(case: Case, seen: Seen | None) -> tuple[Any, Window | None]:
    """Return an extent and the window of pixels that it covers, None where nobody can say."""
    if seen is None:
        return None, None
    rows, cols = seen.values[0].shape
    if case.chance(0.7):
        return None, Window(0, 0, rows, cols)
    if case.chance(0.2):
        return case.one_of((math.nan,) * 4, (1, 1, 1, 1), (-1e300, -1e300, 1e300, 1e300), (5, 5, 2, 2)), None
    row, col = case.random.randint(rows), case.random.randint(cols)
    window = Window(row, col, case.random.randint(1, rows - row + 1), case.random.randint(1, cols - col + 1))
    x0, xc, xr, y0, yc, yr = seen.transform or UNREFERENCED
    xs = sorted(x0 + xc * at for at in (col, col + window.cols))
    ys = sorted(y0 + yr * at for at in (row, row + window.rows))
    plain = xr == yc == 0 and all(1e-6 < abs(size) < 1e6 for size in (xc, yr)) and abs(x0) + abs(y0) < 1e9
    return (xs[0], ys[0], xs[1], ys[1]), window if plain else None


def _common(types: Sequence[str]) -> str:
    """Return the type that holds these, by GDAL's name."""
    kind = np.result_type(*(KINDS[name] for name in types), *(["float32"] if "Float16" in types else []))
    return next(name for name, one in KINDS.items() if one == kind.name)


def _scaled(valid: np.ndarray, values: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return validity and values on pixels ``scale`` times finer, or coarser by the mean where all are valid."""
    if scale >= 1:
        return tuple(plane.repeat(scale, 0).repeat(scale, 1) for plane in (valid, values))
    side = round(1 / scale)
    rows, cols = (size // side for size in valid.shape)
    valid, values = (
        plane[: rows * side, : cols * side].reshape(rows, side, cols, side) for plane in (valid, values)
    )
    whole = valid.all(axis=(1, 3))
    return whole, np.where(whole, np.where(valid, values, 0).astype(np.longdouble).mean(axis=(1, 3)), 0)


def _hold(
    case: Case,
    step: str,
    target: Path,
    seen: Seen,
    bands: Any,
    window: Window,
    *,
    scale: float,
    kind: Any,
    exact: bool,
) -> None:
    """Find where an output differs from what it was made from: size, type, CRS, extent, validity, values."""
    numbers = [number - 1 for number in bands] if bands else seen.others
    if seen.alpha in numbers:
        return
    kind, out = kind or _common([seen.types[index] for index in numbers]), look(target)
    if out is None:
        case.find(step, "GDAL cannot read the output")
        return
    want = [_scaled(seen.valid[i][window.slices], seen.values[i][window.slices], scale) for i in numbers]
    shape, got = (len(numbers), *want[0][0].shape), (len(out.others), *out.values[0].shape)
    if got != shape or set(out.types) != {kind} or (out.alpha is None) != (seen.alpha is None):
        case.find(
            step,
            f"{got} of {set(out.types)}, alpha {out.alpha}; expected {shape} of {kind}, alpha {seen.alpha}",
        )
        return
    _hold_place(case, step, target.suffix, seen, out, window, scale)
    for number, (valid, values) in zip(out.others, want):
        lost, won = valid & ~out.valid[number], out.valid[number] & ~valid
        if lost.any() or won.any():
            case.find(
                step, f"band {number + 1} of {kind}: {lost.sum()} pixels became invalid, {won.sum()} valid"
            )
        elif exact and valid.any():
            wanted, got = values[valid].astype(np.longdouble), out.values[number][valid].astype(np.longdouble)
            if not kind.startswith("Float"):
                wanted = np.clip(wanted, np.iinfo(KINDS[kind]).min, np.iinfo(KINDS[kind]).max)
            same = values.dtype == out.values[number].dtype and kind[-2:] not in ("32", "64")
            near = 0 if same else 2.0**-22 * float(np.abs(wanted).max()) + (kind[0] != "F") / 2
            off = (np.abs(wanted - got) > near) & (wanted != out.nodata[number])
            if off.any():
                case.find(
                    step,
                    f"band {number + 1} of {kind}: {got[off][0]} for {wanted[off][0]}, {off.sum()} pixels",
                )


def _hold_place(case: Case, step: str, end: str, seen: Seen, out: Seen, window: Window, scale: float) -> None:
    x0, *sizes, y0, yc, yr = seen.transform or UNREFERENCED
    xc, xr = sizes
    if (window.row, window.col) != (0, 0):
        x0, y0 = x0 + window.col * xc + window.row * xr, y0 + window.col * yc + window.row * yr
    xc, xr, yc, yr = (size / scale if scale >= 1 else size * round(1 / scale) for size in (xc, xr, yc, yr))
    want, got = (x0, xc, xr, y0, yc, yr), out.transform or UNREFERENCED
    if out.gcps != seen.gcps:
        case.find(step, f"{end}: {out.gcps} ground control points instead of {seen.gcps}")
    elif not (seen.gcps and seen.transform is None) and np.isfinite(want).all() and want != got:
        case.find(step, f"{end}: geotransform {got} instead of {want}")
    if bool(seen.wkt) != bool(out.wkt) or (
        seen.wkt and not osr.SpatialReference(seen.wkt).IsSame(osr.SpatialReference(out.wkt))
    ):
        case.find(step, f"{end}: CRS {out.wkt[:40]} instead of {seen.wkt[:40]}")


def _alike(case: Case, step: str, first: Path, second: Path, share: float) -> None:
    """Find where two outputs differ by more than a share of their largest value."""
    one, other = look(first), look(second)
    if one is None or other is None:
        return
    for ok, again, plane, same in zip(one.valid, other.valid, one.values, other.values):
        off = np.abs(plane.astype(np.longdouble) - same)[ok & again]
        near = share * float(np.abs(plane[ok].astype(np.longdouble)).max(initial=0)) + bool(share)
        if (ok != again).any() or (off > near).any():
            case.find(
                step, f"{(ok != again).sum()} pixels differ in validity, values by up to {off.max(initial=0)}"
            )
