"""Mutants: small deliberate errors in the code, to see whether the tests notice. ``python -m tests.mutants MODULE``."""
