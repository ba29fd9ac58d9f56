"""Data sets by name or file: to arrays, split and scaled.

It may import `trials`, and neither nets nor what trains them.
"""
