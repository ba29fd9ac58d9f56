"""The nets that are compared: from a trial's settings to a model with its first values.

It may import `data` and `trials`, and nothing that trains.
"""
