"""A measure is registered where its function is: nothing else names it."""

from __future__ import annotations

import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.metrics import score, table
from srsat_qgis.core.metrics.score import REFERENCE, Family, Measure, Score, measure
from srsat_qgis.core.metrics.windows import ExactSums

NOTHING = Family("nothing", REFERENCE, 0, lambda context: pytest.fail("is not started"))


@pytest.fixture
def registry(monkeypatch) -> dict[str, Measure]:
    """The measures of one test."""
    monkeypatch.setattr(score, "REGISTERED", {})
    return score.REGISTERED


def test_the_functions_name_is_the_key_and_its_docstring_the_definition(registry):
    @measure("New", "a new measure", NOTHING, unit="DN")
    def newest(context, state):
        """What it is.

        How it is
        computed.
        """
        return Score(0.0)

    made = registry["newest"]
    assert (made.key, made.label, made.name, made.unit) == ("newest", "New", "a new measure", "DN")
    assert made.definition == "What it is. How it is computed."
    assert (made.higher_is_better, made.perfect, made.default) == (False, 0.0, True)
    assert made.needs == {"reference"}
    assert made.score is newest


def test_two_measures_of_one_name_are_refused(registry):
    def twice(context, state):
        """Say nothing."""

    measure("One", "one", NOTHING)(twice)
    with pytest.raises(ValueError, match="two measures twice"):
        measure("Two", "two", NOTHING)(twice)


def test_all_measures_have_a_name_and_a_definition_and_those_shown_first_exist():
    assert set(table._ORDER) <= set(score.REGISTERED)
    assert list(table.MEASURES)[:3] == ["rmse", "psnr", "ssim"]
    assert all(one.name and one.label and one.definition for one in table.MEASURES.values())


def test_the_default_measures_are_chosen_where_none_are_named():
    assert [one.key for one in table.chosen(["sam", "rmse"])] == ["sam", "rmse"]
    assert "fsim" not in [one.key for one in table.chosen(None)]
    with pytest.raises(InvalidSetting, match="measure best is unknown"):
        table.chosen(["best"])


def test_merging_adds_what_an_accumulator_names():
    class Counter(score.Accumulator):
        summed = ("count", "pair", "named", "exact")

        def __init__(self):
            self.count, self.pair, self.named, self.exact = 1, (1, 2), {"a": 3}, ExactSums(1)
            self.exact.add_whole([5])
            self.other = 7

        def update(self, block):
            raise NotImplementedError

    one = Counter()
    one.merge(Counter())
    assert (one.count, one.pair, one.named, one.other) == (2, (2, 4), {"a": 6}, 7)
    assert one.exact.fraction(0) == 10
