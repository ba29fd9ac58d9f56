"""Changes models: finds activations, copies models and replaces activations.

It may import the catalogue and the modules below it, and the tracing of calls.
"""
