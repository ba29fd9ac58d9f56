"""What is predicted of activations: moments, mean-field theory, initial weights.

It may import the catalogue and what stands below it, and nothing that looks into a
model.
"""
