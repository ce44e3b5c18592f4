"""The command ``python -m tests.fuzz --seeds N [--first K] [--kind KIND]``: prints what does not hold, ends with 1."""

import argparse
import re
import sys
from collections import Counter

from tests.fuzz.case import outcomes

KINDS = ("rasters", "recipes", "products", "models")
# What is known and not mended yet: a pattern of ``kind step: text``, and where it is to be mended.
KNOWN = (
    (
        r"rasters evaluate: .*(decide_data_range|ssim_map|_decibel)",
        "core/evaluation, core/metrics: extreme values",
    ),
    (r"rasters evaluate: names neither", "core/evaluation: errors of grids without a name"),
    (r"rasters move: band \d+ of", "core/registration: bands whose nodata values differ, own masks of bands"),
    (r"rasters move: \.\w+: geotransform", "core/registration: ground control points are not moved"),
    (r"models probe: names neither .*value_range", "core/probing: the hint is named as core names it"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="seeds of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=KINDS, action="append", help="by default all")
    parser.add_argument("--counts", action="store_true", help="how often each step ended well or was refused")
    given = parser.parse_args()
    new = 0
    for kind in given.kind or KINDS:
        known, counts = 0, Counter()
        for seed, findings, more in outcomes(kind, range(given.first, given.first + given.seeds)):
            counts += more
            for text in findings:
                why = next((why for pattern, why in KNOWN if re.search(pattern, f"{kind} {text}")), "")
                known, new = (known + 1, new) if why else (known, new + 1)
                print(f"{kind} {seed} {text}{f' [known: {why}]' if why else ''}", flush=True)
        print(f"{kind}: {given.seeds} cases, {known} known findings, {new} new ones up to here", flush=True)
        if given.counts:
            print("\n".join(f"  {count:6d} {what}" for what, count in sorted(counts.items())), flush=True)
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
