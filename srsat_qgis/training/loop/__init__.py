"""The run itself: steps, schedule, validation, checkpoints, the machine it runs on.

It knows neither recipes' architectures nor stores nor files of models: ``training.setup`` hands it what it works on.
"""
