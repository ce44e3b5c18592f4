"""The command ``python -m tests.fuzz --seeds N [--first K] [--kind KIND]``: prints what does not hold, ends with 1."""

import argparse
import sys
from collections import Counter

from tests.fuzz.case import outcomes

KINDS = ("rasters", "recipes", "products", "models")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="seeds of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=KINDS, action="append", help="by default all")
    parser.add_argument("--counts", action="store_true", help="how often each step ended well or was refused")
    given = parser.parse_args()
    total = 0
    for kind in given.kind or KINDS:
        found, counts = 0, Counter()
        for seed, findings, more in outcomes(kind, range(given.first, given.first + given.seeds)):
            counts += more
            found += len(findings)
            for text in findings:
                print(f"{kind} {seed} {text}", flush=True)
        total += found
        print(f"{kind}: {given.seeds} cases, {found} findings", flush=True)
        if given.counts:
            print("\n".join(f"  {count:6d} {what}" for what, count in sorted(counts.items())), flush=True)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
