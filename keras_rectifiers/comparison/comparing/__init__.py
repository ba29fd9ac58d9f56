"""The parts of `keras_rectifiers.compare`: what it is given, checked and trained."""
