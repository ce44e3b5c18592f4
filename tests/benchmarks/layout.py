"""Files, lines and import lines of the package, in this checkout and in others.

python tests/benchmarks/layout.py [CHECKOUT ...]
"""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def counted(checkout: Path) -> dict[str, object]:
    """Return the counts over ``srsat_qgis/**/*.py``."""
    texts = {path: path.read_text(encoding="utf-8") for path in (checkout / "srsat_qgis").rglob("*.py")}
    lines = {path: len(text.splitlines()) for path, text in texts.items()}
    imports = sum(
        node.end_lineno - node.lineno + 1
        for text in texts.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    )
    bare = [count for path, count in lines.items() if path.name != "__init__.py"]
    return {
        "files": len(lines),
        "lines": sum(lines.values()),
        "median": statistics.median(lines.values()),
        "median without __init__": statistics.median(bare),
        "import lines": f"{100 * imports / sum(lines.values()):.1f} %",
    }


def main() -> None:
    """Print the counts of every checkout."""
    for checkout in (ROOT, *map(Path, sys.argv[1:])):
        print(
            f"{checkout.name}: " + ", ".join(f"{name} {value}" for name, value in counted(checkout).items())
        )


if __name__ == "__main__":
    main()
