"""The loss of each example, and the number of examples evaluated at a time."""

import keras

# More examples would take more memory, and be no faster.
EVALUATED_AT_ONCE = 2000


def loss_per_example(y, logits):
    """Cross-entropy of each example, `(examples,)`, in nats."""
    return keras.ops.sparse_categorical_crossentropy(y, logits, from_logits=True)
