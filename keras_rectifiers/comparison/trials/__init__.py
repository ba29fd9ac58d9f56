"""Trials, studies, and the store of their tables.

It may not import any other part of the comparison, because all of them use it.
"""
