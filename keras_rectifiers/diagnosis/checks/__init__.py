"""What `diagnose` looks for: one file for each kind of cause.

Each check takes what was seen and returns findings. None of them knows the others; what
follows from what is in `keras_rectifiers.diagnosis.reasoning`.
"""
