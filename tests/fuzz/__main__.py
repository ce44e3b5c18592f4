"""The command: runs the seeds that are asked for and says what did not hold."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.fuzz.runner import KINDS, outcomes

KNOWN: tuple[tuple[str, str], ...] = ()
"""What is known and not mended yet: a pattern of ``kind step: text``, and why it stands here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds of the kinds, print what is found, and return 1 where any of it is not known."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="seeds of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=KINDS, action="append", help="by default all")
    parser.add_argument(
        "--counts", action="store_true", help="also how often each step ended well or was refused"
    )
    given = parser.parse_args(arguments)
    new = 0
    for kind in given.kind or KINDS:
        started, known, counts = time.monotonic(), 0, Counter[str]()
        for outcome in outcomes(kind, range(given.first, given.first + given.seeds)):
            counts += outcome.counts
            for text in outcome.findings:
                why = next((why for pattern, why in KNOWN if re.search(pattern, f"{kind} {text}")), "")
                known, new = (known + 1, new) if why else (known, new + 1)
                _say(f"{kind} {outcome.seed} {text}{f' [known: {why}]' if why else ''}")
        seconds = time.monotonic() - started
        _say(f"{kind}: {given.seeds} cases in {seconds:.0f} s, {known} known findings, {new} new ones so far")
        if given.counts:
            _say("\n".join(f"  {count:6d} {what}" for what, count in sorted(counts.items())))
    return 1 if new else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
