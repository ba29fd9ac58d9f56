"""What is measured of a model: its hidden activations, their gradients, the probe.

It may import the catalogue and what stands below it; nothing here changes a model.
"""
