"""Finds what is wrong with a model, in words and figures, once or during training.

It may import `inspection` and the packages below it.
"""
