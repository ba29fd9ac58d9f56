"""Claims, their criteria, and the verdicts that follow from the stored tables.

It may import `statistics` and `trials`, but nothing that trains.
"""
