"""What the operating system says of the processor, where it does (Linux)."""

from __future__ import annotations

import platform


def described() -> dict[str, str]:
    """Return what Linux tells of the first processor, by its keys; empty elsewhere."""
    found: dict[str, str] = {}
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                if not line.strip():
                    break
                found[key.strip()] = value.strip()
    except OSError:
        return {}
    return found


def model_name() -> str:
    """Return the processor's name, or its architecture where that is not told."""
    return described().get("model name") or platform.processor() or platform.machine()


def family() -> str:
    """Return architecture, maker, family, and the widest vectors that it has."""
    found = described()
    if not found:
        return f"{platform.machine()} {platform.processor()}".strip()
    flags = found.get("flags", found.get("Features", "")).split()
    widest = next((name for name in ("avx512f", "avx2", "avx", "asimd") if name in flags), "")
    parts = (platform.machine(), found.get("vendor_id", ""), found.get("cpu family", ""), widest)
    return " ".join(part for part in parts if part)
