"""Predictions about activations: moments, mean-field theory, initial weights.

It may import the catalogue and the modules below it, but nothing that inspects a model.
"""
