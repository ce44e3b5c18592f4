"""The Processing provider: thin faces over ``core``, one file per algorithm."""
