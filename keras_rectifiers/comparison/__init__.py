"""Trains nets that differ in their activation, and says honestly how they compare.

Needs the extra `comparison`: `pip install keras-rectifiers[comparison]`.
"""
