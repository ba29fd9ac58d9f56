"""Layers in a `keras.RematScope`, which computes them again in the backward pass."""


def without_training(make, layer_call):
    """Keeps `training` out of what is computed again.

    TensorFlow computes nothing again that has keyword arguments, and to JAX a flag
    among the arguments is a tensor, on which the call cannot branch.

    Args:
        make: Keras's `rematerialized_call` of the layer.
        layer_call: The `call` of the layer.

    Returns:
        The function of the input and `training` that replaces `call`.
    """

    def call(inputs, training=False):
        def function(x):
            return layer_call(x, training=training)

        return make(function, inputs)(inputs)

    return call
