"""Rasters of every kind, whole and damaged, through all that the core does with rasters."""

from __future__ import annotations

import dataclasses
import functools
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal, osr

from srsat_qgis.core.degradation.plan import METHODS, MTFS
from srsat_qgis.core.degradation.run import DegradeMethod, DegradeOptions, degrade_raster
from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.errors import NoValidPixels
from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from srsat_qgis.core.models.binding import int8_of, load_card
from srsat_qgis.core.raster.grid import UNREFERENCED, Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import KEEP, RESAMPLINGS, raster_shift, write_moved
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress, Window
from tests.fuzz.case import Case
from tests.odd_rasters import DEGENERATE, KINDS, NODATA, Seen, look, make, raise_errors
from tests.onnx_models import card_for, conv_model, nearest_model

# With these, what the output lacks is what was asked for.
_LOSSY = (("NBITS=7",), ("PROFILE=BASELINE",))
_OPTIONS = (
    "COMPRESS=LZW compress=zstd COMPRES=LZW COMPRESS=FOO FOO TILED=NO TFW=YES ENDIANNESS=BIG BLOCKYSIZE=17 PREDICTOR=2 "
    "SPARSE_OK=TRUE INTERLEAVE=PIXEL PHOTOMETRIC=RGB ALPHA=NO RPB=YES USE_SPILL=YES STATISTICS=YES"
)
_ODD_OUTPUT = {
    "output_type": [name for name in KINDS if name[0] != "C" and name != "Float16"],
    "nodata": NODATA,
    "creation_options": [*((option,) for option in _OPTIONS.split()), *_LOSSY],
}
_ODD_SETTINGS = {
    **_ODD_OUTPUT,
    "tile": (8, 33, 100),
    "saturation": (200.0, math.nan),
    "consistency": ("area", "model"),
}
_ODD_DEGRADATION = {
    "scale": (1, 40),
    "mtf": MTFS,
    "mtf_values": ((0.1, 0.3), (math.nan,)),
    "sigma": (0.0, math.nan, 1e9),
    "read_noise": (3.0, math.nan, 1e300),
    "shot_noise": (1.0, -1.0),
    "jpeg_quality": (50, 0),
    "seed": (7, 2**32),
}


@functools.lru_cache(maxsize=1)
def _cards() -> dict[str, Any]:
    """Return models whose output is known, one of convolutions, and a shipped one in both precisions."""
    folder = Path(tempfile.mkdtemp(prefix="models-"))
    shipped = load_card(Path(__file__).resolve().parents[2] / "models" / "any-x2-fast")
    return {
        "nearest": card_for(nearest_model(folder / "nearest.onnx"), halo=1, equivariant=True),
        "nearest3": card_for(nearest_model(folder / "nearest3.onnx", scale=3), scale=3, halo=1),
        "conv": card_for(conv_model(folder / "conv.onnx", radius=4), halo=4),
        "shipped": shipped,
        **({"integers": int8_of(shipped)} if int8_facts().exact else {}),
    }


def run(case: Case) -> None:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    path = make(case, "in")
    made = _superresolve(case, path)
    _degrade(case, path)
    if path.stat().st_size < 300_000:
        _evaluate(case, made or path, path)
        _register(case, path)
    gdal.PopErrorHandler()


def _tried(case: Case, step: str, target: Path, action: Any, *args: Any, **kwargs: Any) -> Any:
    """Attempt what writes ``target``, under either of GDAL's ways to report errors."""
    raise_errors(case.chance(0.5))
    made = () if os.path.lexists(target) else (target.name,)
    return case.attempt(step, lambda: action(*args, **kwargs) or True, made, f".{target.name}.srsat-resume")


def _target(case: Case, path: Path) -> Path:
    name = f"{case.mostly('out', 'o ut', 'o[1]', 'ö%s', 'o' * 225, 'o' * 245)}{len(os.listdir(case.folder))}"
    target = case.folder / f"{name}.{case.mostly('tif', 'img', 'png', 'jp2', 'vrt')}"
    return path if case.chance(0.02) else target


class _Cancelling(SilentProgress):
    def __init__(self, share: float) -> None:
        self._share = share

    def update(self, fraction: float) -> None:
        self.cancelled = self.cancelled or fraction >= self._share


def _superresolve(case: Case, path: Path) -> Path | None:
    name, bands, target = case.one_of(*_cards()), case.mostly(None, (1,), (2, 1)), _target(case, path)
    settings = Settings(device="cpu", threads=1, **{"consistency": "off", **case.some(_ODD_SETTINGS)})
    card, seen = _cards()[name], look(path, settings.nodata)
    extent, window = _extent(case, seen)
    settings = dataclasses.replace(settings, extent=extent, **case.mostly({}, {"resume": True, "tile": 8}))
    made, rows = (Source(str(path), bands), card, str(target)), case.folder / f".{target.name}.srsat-resume"
    if settings.resume:
        progress = _Cancelling(case.random.random_sample())
        _tried(case, "interrupted", target, super_resolve, *made, settings=settings, progress=progress)
        if os.path.isdir(rows) and case.chance(0.3):
            case.damage(case.one_of(*sorted(rows.iterdir())))
    done = _tried(case, "superresolve", target, super_resolve, *made, settings=settings)
    some = (
        [one for one in seen.bands if one.valid[window.slices].any() and not one.is_alpha] if window else ()
    )
    if some and not bands and isinstance(case.refusal, NoValidPixels):
        case.find("superresolve", f"refused although pixels are valid: {case.refusal}")
    if not done or target == path or settings.creation_options in _LOSSY:
        return None
    if os.path.isdir(rows):
        case.find("superresolve", "the finished rows are left behind")
    exact = name.startswith("nearest") and settings.consistency == "off" and settings.saturation is None
    if window:
        _hold(case, "superresolve", target, seen, bands, window, card.scale, settings.output_type, exact)
    if case.chance(0.3):
        again, settings = (
            case.folder / f"again{target.suffix}",
            dataclasses.replace(settings, tile=40, threads=2),
        )
        _tried(case, "tiled otherwise", again, super_resolve, *made[:2], str(again), settings=settings)
        _alike(case, "tiled otherwise", target, again, 1e-5)
    return target


def _degrade(case: Case, path: Path) -> None:
    usual = {"scale": case.one_of(2, 3, 5), "method": case.one_of("area", *METHODS), "mtf_values": (0.2,)}
    how = DegradeMethod(**{**usual, **case.mostly({}, case.some(_ODD_DEGRADATION))})
    target = _target(case, path)
    options = DegradeOptions(bands=case.mostly(None, (1,)), **case.some(_ODD_OUTPUT))
    seen = look(path, options.nodata)
    extent, window = _extent(case, seen)
    made = {"how": how, "options": dataclasses.replace(options, extent=extent)}
    done = _tried(case, "degrade", target, degrade_raster, str(path), str(target), **made)
    if not done or target == path or options.creation_options in _LOSSY:
        return
    exact = how.method == "area" and not (how.read_noise or how.shot_noise or how.jpeg_quality)
    if window:
        _hold(case, "degrade", target, seen, options.bands, window, 1 / how.scale, options.output_type, exact)
    again = target.with_name(f"again degraded{target.suffix}")
    _tried(case, "degrade otherwise", again, degrade_raster, str(path), str(again), tile=64, **made)
    _alike(case, "degrade otherwise", target, again, 0)


def _evaluate(case: Case, test: Path, lowres: Path) -> None:
    """Compare an output with its input and with itself."""
    odd = {"mask": (str(test),), "rasters": ({"error": str(case.folder / "map.tif")},), "metrics": (None,)}
    usual = {"metrics": ("psnr", "ssim"), "grid": case.one_of("refuse", "warp"), "pictures": case.chance(0.3)}
    options = Options(threads=1, **{**usual, **case.some(odd)})
    partners = case.one_of({"lowres": str(lowres)}, {"reference": str(test)}, {"reference": str(lowres)})
    made = ["map.tif"] if options.rasters else ()
    case.attempt("evaluate", lambda: evaluate(str(test), **partners, options=options).json_text(), made)


def _register(case: Case, path: Path) -> None:
    """Measure the shift against another raster, or the same one, and move the raster."""
    other, most = make(case, "other") if case.chance(0.3) else path, case.mostly(5.0, 0.0, math.nan, 1e9)
    case.attempt("shift", lambda: raster_shift(Raster(str(path)), Raster(str(other)), max_shift_px=most))
    shift, seen = case.mostly((3.3, -7.0), (0.0, 0.0), (case.one_of(*DEGENERATE), 1.0)), look(path)
    onto = Grid(7, 9, case.one_of(UNREFERENCED, None), seen.wkt if seen else "") if case.chance(0.3) else None
    resampling, target = case.one_of(KEEP, *RESAMPLINGS), _target(case, path)
    how = {"shift": shift, "resampling": resampling, "onto": None if resampling == KEEP else onto}
    done = _tried(case, "move", target, lambda: write_moved(Raster(str(path)), str(target), **how))
    stays = resampling == "nearest" and shift == (0.0, 0.0) and how["onto"] is None
    if done and seen and (resampling == KEEP or stays) and target != path:
        if seen.transform or not seen.gcps:
            x0, xc, xr, y0, yc, yr = seen.transform or UNREFERENCED
            seen = seen._replace(transform=(x0 + shift[0], xc, xr, y0 + shift[1], yc, yr))
        gcps = tuple((col, row, x + shift[0], y + shift[1]) for col, row, x, y in seen.gcps)
        seen = seen._replace(gcps=gcps)
        whole, kind = Window(0, 0, *seen.bands[0].values.shape), _common([one.kind for one in seen.bands])
        _hold(case, "move", target, seen, None, whole, 1, kind, True)


# --- what must hold -------------------------------------------------------------------------------------------------


def _extent(case: Case, seen: Seen | None) -> tuple[Any, Window | None]:
    """Return an extent and the window of pixels that it covers, None where nobody can say."""
    if seen is None:
        return None, None
    rows, cols = seen.bands[0].values.shape
    if case.chance(0.7):
        return None, Window(0, 0, rows, cols)
    if case.chance(0.2):
        return case.one_of((math.nan,) * 4, (1, 1, 1, 1), (-1e300, -1e300, 1e300, 1e300), (5, 5, 2, 2)), None
    row, col = (case.random.randint((size + 1) // 2) for size in (rows, cols))
    sides = [case.random.randint((size + 1) // 2, size + 1) for size in (rows - row, cols - col)]
    grid = Grid(rows, cols, seen.transform)
    (x0, y0), (x1, y1) = grid.point(row, col), grid.point(row + sides[0], col + sides[1])
    _, xc, xr, _, yc, yr = seen.transform or UNREFERENCED
    plain = xr == yc == 0 and all(1e-6 < abs(size) < 1e6 for size in (xc, yr)) and abs(x0) + abs(y0) < 1e9
    return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), Window(row, col, *sides) if plain else None


def _common(kinds: list[str]) -> str:
    """Return the type that holds these, by GDAL's name."""
    kind = np.result_type(*(KINDS[name] for name in kinds), *(["float32"] if "Float16" in kinds else []))
    return next(name for name, one in KINDS.items() if one == kind.name)


def _scaled(valid: np.ndarray, values: np.ndarray, scale: float) -> list[np.ndarray]:
    """Return validity and values on pixels ``scale`` times finer, or coarser by the mean where all are valid."""
    if scale >= 1:
        return [plane.repeat(scale, 0).repeat(scale, 1) for plane in (valid, values)]
    side = round(1 / scale)
    rows, cols = (size // side * side for size in valid.shape)
    shape = (rows // side, side, cols // side, side)
    valid, values = (plane[:rows, :cols].reshape(shape) for plane in (valid, values))
    whole = valid.all(axis=(1, 3))
    return [whole, np.where(whole, np.where(valid, values, 0).astype(np.longdouble).mean(axis=(1, 3)), 0)]


def _hold(case, step, target, seen, numbers, window, scale, kind, exact) -> None:
    """Find where an output differs from what it was made from: size, type, CRS, extent, validity, values."""
    plain = [one for one in seen.bands if not one.is_alpha]
    bands = [seen.bands[number - 1] for number in numbers] if numbers else plain
    if not bands or any(one.is_alpha for one in bands):
        return
    kind, out = kind or _common([one.kind for one in bands]), look(target)
    want = [_scaled(one.valid[window.slices], one.values[window.slices], scale) for one in bands]
    found = [one for one in out.bands if not one.is_alpha] if out else []
    got = [(one.kind, one.values.shape) for one in found]
    expected = [(kind, valid.shape) for valid, _ in want]
    if got != expected or (len(found) < len(out.bands)) != (len(plain) < len(seen.bands)):
        case.find(step, f"{target.suffix}: {got} of {out and len(out.bands)} bands, expected {expected}")
        return
    _hold_place(case, step, target.suffix, seen, out, window, scale)
    for number, (band, one, (valid, values)) in enumerate(zip(bands, found, want), start=1):
        lost, won, what = valid & ~one.valid, one.valid & ~valid, f"band {number} of {kind}"
        if lost.any() or won.any():
            case.find(step, f"{what}: {lost.sum()} pixels became invalid, {won.sum()} valid")
        elif exact and valid.any():
            wanted, there = values[valid].astype(np.longdouble), one.values[valid].astype(np.longdouble)
            if kind[0] != "F":
                wanted = np.clip(wanted, np.iinfo(KINDS[kind]).min, np.iinfo(KINDS[kind]).max)
            same = values.dtype == one.values.dtype and kind[-2:] not in ("32", "64")
            near = 0 if same else 1e-38 + 2.0**-22 * float(np.abs(wanted).max()) + (kind[0] != "F") / 2
            # Means are taken in doubles.
            averaged = band.values[window.slices][band.valid[window.slices]] if scale < 1 else np.zeros(1)
            near += 2.0**-50 * float(np.abs(averaged.astype(np.longdouble)).max())
            free = (wanted != one.nodata) & (np.rint(wanted) != one.nodata)
            off = (np.abs(wanted - there) > near) & free
            if off.any():
                case.find(step, f"{what}: {there[off][0]} instead of {wanted[off][0]}, {off.sum()} pixels")


def _hold_place(case: Case, step: str, end: str, seen: Seen, out: Seen, window: Window, scale: float) -> None:
    if not seen.wkt.isprintable():  # damaged texts
        return
    x0, xc, xr, y0, yc, yr = seen.transform or UNREFERENCED
    sizes = [size / scale if scale >= 1 else size * round(1 / scale) for size in (xc, xr, yc, yr)]
    if (window.row, window.col) != (0, 0):
        x0, y0 = x0 + window.col * xc + window.row * xr, y0 + window.col * yc + window.row * yr
    want, got = (x0, *sizes[:2], y0, *sizes[2:]), out.transform or UNREFERENCED
    regular = np.abs(want).max() < 1e100 and abs(xc * yr - xr * yc) > 1e-200
    close = np.allclose(want, got, rtol=1e-9, atol=1e-9) if end != ".tif" else want == got
    gcps = [((col - window.col) * scale, (row - window.row) * scale, x, y) for col, row, x, y in seen.gcps]
    # Side files of GDAL hold four digits of a pixel, and a geotransform that changes nothing stands for none in HFA.
    digits = 1e-9 if end == ".tif" else 1e-4
    same = len(gcps) == len(out.gcps) and np.allclose(out.gcps, gcps, rtol=1e-9, atol=digits, equal_nan=True)
    close = close or (end == ".img" and want == (0.0, 1.0, 0.0, 0.0, 0.0, 1.0) and out.transform is None)
    if regular and not same:
        case.find(step, f"{end}: ground control points {out.gcps[:2]} instead of {gcps[:2]}")
    elif regular and not close and not (seen.gcps and seen.transform is None):
        case.find(step, f"{end}: geotransform {got} instead of {want}")
    # GDAL's reader of JPEG 2000 makes up a CRS where the file has none.
    wkt = "" if end == ".jp2" and 'CS["unnamed"' in out.wkt and not seen.wkt else out.wkt
    same = not wkt or osr.SpatialReference(seen.wkt).IsSame(osr.SpatialReference(wkt))
    if bool(seen.wkt) != bool(wkt) or not same:
        case.find(step, f"{end}: CRS {wkt[:40]} instead of {seen.wkt[:40]}")


def _alike(case: Case, step: str, first: Path, second: Path, share: float) -> None:
    """Find where two outputs differ by more than a share of their largest value."""
    one, other = look(first), look(second)
    for a, b in zip(one.bands, other.bands) if one and other else ():
        off, near = np.abs(a.values.astype(np.longdouble) - b.values)[a.valid & b.valid], bool(share)
        near += share * float(np.abs(a.values[a.valid].astype(np.longdouble)).max(initial=0))
        if (a.valid != b.valid).any() or (off > near).any():
            lost = (a.valid != b.valid).sum()
            case.find(step, f"{lost} pixels differ in validity, values by up to {off.max(initial=0)}")
