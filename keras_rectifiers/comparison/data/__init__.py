"""Data sets by name or file, as arrays, split and scaled.

It may import `trials`, but neither the nets nor the training.
"""
