"""A choice of measures driven together: the accumulators that they need, fed block by block."""

from __future__ import annotations

from collections.abc import Iterable

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Family, Measure, Score


class Suite:
    """The accumulators of several measures over one comparison.

    Feed every block to ``update``; then ``following`` gives the suite of the next pass over all blocks, or None; then
    ``scores``. For several threads give each its own suite (``Suite`` again, or ``following`` called again) and
    ``merge`` them: the result is the same to the last bit.

    Parameters
    ----------
    measures : iterable of Measure
        Lines of the table of measures.
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
        return max((self.families[name].halo(self.context) for name in self._open), default=0)

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

        What is finished stays in it as it is; only accumulators that want another pass are fed again.
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
            names = {"reference": "a reference raster", "lowres": "the coarse raster"}
            return Score.absent("needs " + " and ".join(names[one] for one in missing))
        return measure.score(self.context, *(self.states[family.name] for family in measure.families))
