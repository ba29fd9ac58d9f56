"""Recording what passes through activations while a model runs."""

from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

from keras_rectifiers.catalogue import identify
from keras_rectifiers.sites import Site


@contextmanager
def recording(sites: Sequence[Site], tape):
    """Records what passes through activations while the block runs the model.

    Args:
        sites: where the activations are applied.
        tape: the gradient tape that records the run; it does not record the
            computation of the derivatives.

    Yields:
        A list with an entry for each site, filled during the run: the pre-activation
        z, the activation a, and the derivative f'(z), None unless the function is
        known to be piecewise linear or bounded.
    """
    import tensorflow as tf

    seen: list[Any] = [None] * len(sites)

    def recorder(index, activation, known):
        wants_derivative = known is not None and (
            known.piecewise_linear or known.bounded
        )

        def apply(z, *args, **kwargs):
            if not wants_derivative:
                a = activation(z, *args, **kwargs)
                seen[index] = (z, a, None)
                return a
            with tf.GradientTape(watch_accessed_variables=False) as inner:
                inner.watch(z)
                a = activation(z, *args, **kwargs)
            with tape.stop_recording():
                # Element-wise: the gradient of the sum is the derivative.
                seen[index] = (z, a, inner.gradient(a, z))
            return a

        return apply

    patched = []
    try:
        for index, site in enumerate(sites):
            name = "call" if site.applied_by is site.activation else "activation"
            original = getattr(site.applied_by, name)
            # Past Keras's own __setattr__, which would track and lock the attribute.
            patched.append((site.applied_by, name, site.applied_by.__dict__.get(name)))
            object.__setattr__(
                site.applied_by,
                name,
                recorder(index, original, identify(site.activation)),
            )
        yield seen
    finally:
        for layer, name, original in patched:
            if original is None:
                object.__delattr__(layer, name)
            else:
                object.__setattr__(layer, name, original)
