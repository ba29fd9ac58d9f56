"""What is asked and what is kept: trials, studies, and the store of their tables.

It may import no other wing of the comparison: both of its branches stand on it.
"""
