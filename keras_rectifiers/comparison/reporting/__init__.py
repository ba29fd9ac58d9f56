"""Pages from stored tables: verdicts, figures and data as self-contained HTML.

It may import `figures`, `verdicts`, `statistics` and `trials`, but nothing that trains.
"""
