"""Seeded fuzzing of the core: ``make fuzz SEEDS=N``; a finding is reproduced by its kind and seed alone."""
