"""The nets that are compared: from a trial's settings to a model with initial weights.

It may import `data` and `trials`, but nothing that trains.
"""
