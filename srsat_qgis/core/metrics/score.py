"""What measures take and give (blocks of pixels, the facts of a comparison, scores), and how one is registered."""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, ClassVar, Optional, TypeVar

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.types import Window

Value = Optional[float]
"""A measure's number; None where it does not apply. Infinity is a number: PSNR of identical images."""


@dataclass(frozen=True)
class Score:
    """The outcome of one measure."""

    value: Value
    """The headline number over all bands, or None ('n/a')."""
    per_band: tuple[Value, ...] = ()
    """One number per band; empty where the measure uses all bands together."""
    reason: str = ""
    """Why ``value`` is None, or what was left out of it; may be empty."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What belongs to the number: counts, shares, percentiles, curves. JSON-able."""

    @classmethod
    def absent(cls, reason: str, *, bands: int = 0, **facts: Any) -> Score:
        """Return the score of a measure that does not apply."""
        return cls(None, (None,) * bands, reason, facts)

    @property
    def applies(self) -> bool:
        """True where there is a number, infinity included."""
        return self.value is not None

    def text(self, digits: int = 4) -> str:
        """Return the number as people read it: '33.2', 'n/a', '∞ (identical)'."""
        return value_text(self.value, digits)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON types; numbers that are not finite are null, and the reason says so."""
        infinite = self.value is not None and math.isinf(self.value)
        return {
            "value": finite_or_none(self.value),
            "per_band": [finite_or_none(value) for value in self.per_band],
            "reason": self.reason or ("infinite: the images are identical" if infinite else ""),
            "facts": dict(self.facts),
        }


def value_text(value: Value, digits: int = 4) -> str:
    """Return a number with ``digits`` significant digits, 'n/a' for None, '∞ (identical)' for infinity."""
    if value is None:
        return "n/a"
    if math.isinf(value):
        return "∞ (identical)" if value > 0 else "-∞"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return (
        f"{value:.{max(0, digits - whole)}f}" if abs(value) >= 1e-3 or value == 0 else f"{value:.{digits}g}"
    )


def finite_or_none(value: Value) -> Value:
    """Return the number, or None where JSON has none for it."""
    return value if value is not None and math.isfinite(value) else None


def band_mean(per_band: Sequence[Value], why: Mapping[int, str], **facts: Any) -> Score:
    """Return the score whose value is the mean over the bands that have one.

    Infinite bands (identical ones) are left out of the mean, and named, unless all are infinite: one perfect band
    says nothing about the other bands.

    Parameters
    ----------
    per_band : sequence of float or None
        One number per band.
    why : mapping of int to str
        Reason of each band, counted from 0, whose number is None.
    **facts
        Go into the score's facts.
    """
    values = tuple(per_band)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    infinite = [index for index, value in enumerate(values) if value is not None and math.isinf(value)]
    notes = [
        f"band {index + 1}: {why.get(index, 'n/a')}" for index, value in enumerate(values) if value is None
    ]
    if finite:
        notes += [f"band {index + 1}: identical, left out of the mean" for index in infinite]
        value: Value = math.fsum(finite) / len(finite)
    else:
        value = math.inf if infinite else None
    return Score(value, values, "; ".join(notes), facts)


@dataclass(frozen=True)
class Context:
    """What is the same for every block of a comparison."""

    bands: int
    rows: int
    cols: int
    """Size of the raster under test, in its pixels."""
    integer: bool = False
    """True where all rasters compared hold whole numbers of at most 16 bits: sums and histograms are exact then."""
    data_range: float | None = None
    """Largest minus smallest value that the data can take (255, 4095, 10000): never guessed from the pixels. Measures
    that need it are n/a without."""
    lowest: float = 0.0
    """Where the data range begins."""
    scale: int | None = None
    """Pixels of the raster under test per pixel of the low-resolution raster, along one axis."""
    sigma: tuple[float, ...] | None = None
    """Degradation by a Gaussian of this standard deviation in low-resolution pixels, and the area mean; one or one per
    band. If it and ``mtf`` are None: the plain area mean."""
    mtf: tuple[float, ...] | None = None
    """Degradation by a sensor's MTF at the low resolution's Nyquist frequency, one or one per band."""
    indices: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Normalised differences (a - b) / (a + b) by name: positions of a and b, from 0. {'NDVI': (nir, red)}."""
    tile: tuple[int, int] | None = None
    """Rows and columns, in pixels of the raster under test, of the tiles that it was made in; None: unknown."""
    limits: tuple[float, float] | None = None
    """Smallest and largest value that the raster's type, or its card, can hold: where clipping shows."""


@dataclass(frozen=True)
class Block:
    """A part of the rasters: the pixels that it counts, with a halo.

    The cores of all blocks partition the raster. Arrays cover ``window``, which is the core grown by the halo that
    the measures need, cut off only at the raster's edges.
    """

    window: Window
    """The pixels that the arrays cover, in pixels of the raster under test."""
    core: Window
    """The pixels that this block counts; with a low-resolution raster, on whole pixels of that."""
    test: np.ndarray
    """The raster under test, shape (bands, rows, cols)."""
    valid: np.ndarray
    """Bool, shape (rows, cols): the pixels that hold a finite value in every band of every raster compared."""
    reference: np.ndarray | None = None
    """The truth, shape (bands, rows, cols)."""
    lowres: np.ndarray | None = None
    """The low-resolution raster, shape (bands, rows / scale, cols / scale), on the window's area."""
    lowres_valid: np.ndarray | None = None
    """Bool, shape (rows / scale, cols / scale)."""

    def __post_init__(self) -> None:
        wanted = (self.window.rows, self.window.cols)
        shapes = {"test": self.test.shape[1:], "valid": self.valid.shape}
        if self.reference is not None:
            shapes["reference"] = self.reference.shape[1:]
            if self.reference.shape[0] != self.test.shape[0]:
                raise ShapeMismatch(
                    f"{self.test.shape[0]} bands under test, {self.reference.shape[0]} in the reference"
                )
        wrong = {name: shape for name, shape in shapes.items() if shape != wanted}
        if wrong:
            raise ShapeMismatch(f"block of {wanted[0]} x {wanted[1]} pixels with arrays {wrong}")

    def cut(self, window: Window) -> tuple[slice, slice]:
        """Return the rows and columns of ``window`` (pixels of the raster) in this block's arrays."""
        return slices(window, self.window)

    def coarse_cut(self, window: Window, scale: int) -> tuple[slice, slice]:
        """Return the rows and columns of ``window`` (pixels of the fine raster) in the coarse arrays."""
        return slices(window.divided(scale), self.window.divided(scale))

    def around(self, halo: int, inner: Window | None = None) -> Window:
        """Return the core, or ``inner``, with ``halo`` pixels around it, as far as the arrays go."""
        return overlap((inner or self.core).grown(halo), self.window)


def overlap(window: Window, other: Window) -> Window:
    """Return the part that two windows share; of negative size where there is none."""
    row, col = max(window.row, other.row), max(window.col, other.col)
    last_row = min(window.row + window.rows, other.row + other.rows)
    last_col = min(window.col + window.cols, other.col + other.cols)
    return Window(row, col, last_row - row, last_col - col)


def slices(window: Window, frame: Window) -> tuple[slice, slice]:
    """Return the rows and columns of ``window`` in an array that covers ``frame``."""
    row, col = window.row - frame.row, window.col - frame.col
    return slice(row, row + window.rows), slice(col, col + window.cols)


Self = TypeVar("Self", bound="Accumulator")


class Accumulator(ABC):
    """The state of one family of measures: fed block by block, in any order, and merged.

    The result does not depend on how the raster was cut into blocks or on their order: sums are exact (see
    ``windows.ExactSums``), and each window of pixels is counted by the one block whose core owns it.
    """

    summed: ClassVar[tuple[str, ...]] = ()
    """Attributes that merging adds up: numbers, arrays, tuples and mappings of them, objects with a ``merge``."""

    @abstractmethod
    def update(self, block: Block) -> None:
        """Count a block's core."""

    def merge(self: Self, other: Self) -> None:
        """Add what another accumulator of the same comparison has counted."""
        for name in self.summed:
            setattr(self, name, _sum(getattr(self, name), getattr(other, name)))

    def following(self) -> Accumulator | None:
        """Return an empty accumulator of the next pass over all blocks, or None after the last pass."""
        return None


def _sum(mine: Any, theirs: Any) -> Any:
    if hasattr(mine, "merge"):
        mine.merge(theirs)
        return mine
    if isinstance(mine, tuple):
        return tuple(map(_sum, mine, theirs))
    if isinstance(mine, dict):
        return {name: _sum(one, theirs[name]) for name, one in mine.items()}
    return mine + theirs


REFERENCE, LOWRES = frozenset({"reference"}), frozenset({"lowres"})
"""Which rasters a family needs in addition to the one under test."""


@dataclass(frozen=True)
class Family:
    """Measures that share one accumulator."""

    name: str
    needs: frozenset[str]
    """A union of ``REFERENCE`` and ``LOWRES``."""
    halo: int | Callable[[Context], int]
    """Pixels that a block needs around its core."""
    start: Callable[[Context], Accumulator]
    """Makes the empty accumulator of the first pass."""


@dataclass(frozen=True)
class Measure:
    """One measure; ``measure`` makes it from the function that computes it."""

    key: str
    label: str
    """Short name, for tables."""
    name: str
    """What it measures, in a few words."""
    definition: str
    """How the number is computed, with its constants and source."""
    families: tuple[Family, ...]
    """Whose accumulators, in this order, ``score`` takes."""
    score: Callable[..., Score]
    """``score(context, *accumulators)``."""
    unit: str = ""
    """'' where the number has none; 'DN' are the raster's own units."""
    higher_is_better: bool | None = False
    """None: the nearer to ``perfect``, the better."""
    perfect: float = 0.0
    """The value of identical images; infinity for PSNR."""
    default: bool = True
    """False: computed on request only."""

    @property
    def needs(self) -> frozenset[str]:
        """Which of 'reference' and 'lowres' must be there."""
        return frozenset().union(*(family.needs for family in self.families))

    def gain(self, value: Value, other: Value) -> float | None:
        """Return by how much ``value`` is better than ``other`` (below 0: worse), or None where either is n/a."""
        if value is None or other is None or math.isinf(value) or math.isinf(other):
            return None
        if self.higher_is_better is None:
            return abs(other - self.perfect) - abs(value - self.perfect)
        return value - other if self.higher_is_better else other - value


REGISTERED: dict[str, Measure] = {}
"""All measures of the modules that were imported; ``table.MEASURES`` has all there are, in their order."""
ScoreFunction = TypeVar("ScoreFunction", bound=Callable[..., Score])


def measure(
    label: str, name: str, *families: Family, **options: Any
) -> Callable[[ScoreFunction], ScoreFunction]:
    """Register ``score(context, *accumulators)`` as a measure: its name is the key, its docstring the definition.

    Parameters
    ----------
    label, name : str
        See ``Measure``.
    *families : Family
        Whose accumulators the function takes.
    **options
        Fields of ``Measure`` that differ from its defaults, which are those of an error.
    """

    def register(score: ScoreFunction) -> ScoreFunction:
        definition = " ".join(inspect.cleandoc(score.__doc__ or "").split())
        one = Measure(score.__name__, label, name, definition, families, score, **options)
        if REGISTERED.setdefault(one.key, one) is not one:
            raise ValueError(f"there are two measures {one.key}")
        return score

    return register


class Suite:
    """The accumulators of several measures over one comparison.

    Feed every block to ``update``; then ``following`` gives the suite of the next pass over all blocks, or None; then
    ``scores``. For several threads give each its own suite (``Suite`` again, or ``following`` called again) and
    ``merge`` them: the result is the same to the last bit.

    Parameters
    ----------
    measures : iterable of Measure
    context : Context
        What is the same for every block.
    given : iterable of str
        Which of 'reference' and 'lowres' the blocks hold. A measure that needs more is n/a.
    """

    def __init__(self, measures: Iterable[Measure], context: Context, given: Iterable[str]) -> None:
        self.measures = tuple(measures)
        self.context = context
        self.given = frozenset(given)
        families = {family.name: family for one in self.measures for family in one.families}
        self.families: dict[str, Family] = {
            name: family for name, family in families.items() if family.needs <= self.given
        }
        self.states: dict[str, Accumulator] = {
            name: family.start(context) for name, family in self.families.items()
        }
        self._open = set(self.states)

    @property
    def halo(self) -> int:
        """Pixels that blocks need around their cores in this pass."""
        halos = (self.families[name].halo for name in self._open)
        return max((one if isinstance(one, int) else one(self.context) for one in halos), default=0)

    def update(self, block: Block) -> None:
        """Count a block in every accumulator of this pass."""
        for name in sorted(self._open):
            self.states[name].update(block)

    def merge(self, other: Suite) -> None:
        """Add what another suite of the same comparison and pass has counted."""
        if set(other.states) != set(self.states) or other._open != self._open:
            raise InvalidSetting("suites of different measures or passes cannot be merged")
        for name in self._open:
            self.states[name].merge(other.states[name])

    def following(self) -> Suite | None:
        """Return the suite of the next pass, empty, or None after the last one.

        Finished accumulators stay in it unchanged; only those that need another pass are fed again.
        """
        started = {name: self.states[name].following() for name in self._open}
        again = {name: state for name, state in started.items() if state is not None}
        if not again:
            return None
        suite = Suite((), self.context, self.given)
        suite.measures, suite.families = self.measures, self.families
        suite.states = {**self.states, **again}
        suite._open = set(again)
        return suite

    def scores(self) -> dict[str, Score]:
        """Return every measure's score by its key, in the order given."""
        return {measure.key: self._score(measure) for measure in self.measures}

    def _score(self, measure: Measure) -> Score:
        missing = sorted(measure.needs - self.given)
        if missing:
            names = {"reference": "a reference raster", "lowres": "the low-resolution raster"}
            return Score.absent("needs " + " and ".join(names[one] for one in missing))
        return measure.score(self.context, *(self.states[family.name] for family in measure.families))
