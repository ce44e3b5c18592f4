"""The run itself: steps, schedule, validation, checkpoints, the machine it runs on.

It knows neither architectures nor files of models: those are ``networks`` and ``export``.
"""
