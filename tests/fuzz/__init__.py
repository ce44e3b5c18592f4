"""Seeded fuzzing of the core: ``python -m tests.fuzz --seeds N [--first K] [--kind KIND]``, or ``make fuzz SEEDS=N``.

``case`` holds what every case must keep, ``__main__`` runs cases in processes that may crash or hang, and each other
module makes the cases of one kind. A finding is reproduced by its kind and seed alone.
"""
