"""Values do not change under those who hold them: dataclasses are frozen, but for the few that are to change."""

from __future__ import annotations

import ast

# Those that change, and why.
CHANGING = {
    "cluster.runs.RunTotals": "counts while units finish",
    "core.raster.writer.BandStatistics": "added up window by window",
    "core.sentinel2.clouds._Ring": "filled while its document is read",
    "training.loop.schedule.RunProgress": "goes on with every step of a run",
}


def test_dataclasses_are_frozen_but_for_those_whose_work_it_is_to_change(modules):
    changing = set()
    for module, tree in modules.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            for decorator in map(ast.unparse, node.decorator_list):
                if decorator.startswith("dataclass") and "frozen=True" not in decorator:
                    changing.add(f"{module.partition('.')[2]}.{node.name}")
    assert changing == set(CHANGING)
