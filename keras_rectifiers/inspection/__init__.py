"""Measures a model: its hidden activations, their gradients, the probe.

It may import the catalogue and the modules below it; nothing here changes a model.
"""
