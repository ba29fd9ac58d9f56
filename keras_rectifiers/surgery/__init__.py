"""What is changed in a model: which activations, the copy, and the replacement.

It may import the catalogue and what stands below it, and how calls are traced.
"""
