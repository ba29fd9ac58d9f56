"""Excludes the weights of activations from weight decay."""

import keras

from keras_rectifiers import keras_internals, layers

# Kinds of layers whose weights set the shape of an activation -> the weights' names.
_WEIGHT_NAMES = {
    layers.PReLU: ("negative_slope",),
    layers.SmoothReLU: ("log_sharpness",),
    layers.SShapedReLU: (
        "lower_threshold",
        "lower_slope",
        "upper_threshold",
        "upper_slope",
    ),
    layers.Swish: ("swish_beta",),
    keras.layers.PReLU: ("alpha",),
}


def exclude_slopes_from_weight_decay(optimizer, model) -> int:
    """Excludes the slopes and sharpnesses of a model from an optimizer's weight decay.

    Weight decay pulls a learned slope towards 0, which is the plain rectifier, a
    learned sharpness towards 1, and the `beta` of a `Swish` towards 0, which is `x / 2`.
    Call this function before training starts, and again
    for the optimizer of a loaded model, because Keras does not save what is excluded.
    Call it after `optimizer.exclude_from_weight_decay`, which forgets earlier
    exclusions; this function keeps them.

    Args:
        optimizer: A Keras optimizer.
        model: A built model or layer. The weights of `PReLU`, `SmoothReLU`,
            `SShapedReLU`, `Swish` and `keras.layers.PReLU` are excluded, also in nested
            layers.

    Returns:
        The number of layers whose weights were excluded.

    Raises:
        TypeError: If `optimizer` is not a Keras optimizer, or `model` is not a model or
            layer.
        ValueError: If the model is not built, or has already been trained.

    Example:

    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(8), layers.PReLU()]
    ... )
    >>> optimizer = keras.optimizers.AdamW(weight_decay=0.004)
    >>> exclude_slopes_from_weight_decay(optimizer, model)
    1
    >>> model.compile(optimizer, loss="mse")

    References:

    - [He et al., 2015, Delving Deep into Rectifiers](
      https://arxiv.org/abs/1502.01852), section 2.1
    """
    if not isinstance(optimizer, keras.Optimizer):
        raise TypeError(
            "exclude_slopes_from_weight_decay expects a Keras optimizer first. "
            f"Received: {optimizer!r} of type {type(optimizer).__name__}"
        )
    if not isinstance(model, keras.layers.Layer):
        raise TypeError(
            "exclude_slopes_from_weight_decay expects a Keras model or layer second. "
            f"Received: {model!r} of type {type(model).__name__}"
        )
    if not model.built:
        raise ValueError(
            "exclude_slopes_from_weight_decay expects a built model. Received: "
            f"{model.name!r}, which has no weights yet; start it with keras.Input or "
            "call model.build(input_shape)"
        )
    if getattr(model, "train_function", None) is not None:
        raise ValueError(
            "exclude_slopes_from_weight_decay expects a model that has not been "
            "trained in this process, because the decayed variables are fixed when "
            "training starts. Call it before `fit`, or call `compile` again first. "
            f"Received: {model.name!r}"
        )
    # Mixed precision wraps an optimizer in one that scales the loss.
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    found = [
        (layer, names)
        for layer in keras_internals.layers_within(model)
        for kind, names in _WEIGHT_NAMES.items()
        if isinstance(layer, kind)
    ]
    # An activation that was given to another layer is built when that is first called
    # with data: its weight can only be named yet. TensorFlow's optimizers see the
    # weight's path, and a number behind it.
    patterns = {
        rf"(^|/){name}(:\d+)?$"
        for layer, names in found
        if not layer.built
        for name in names
    }
    keras_internals.exclude_from_weight_decay(
        optimizer, (weight for layer, _ in found for weight in layer.weights), patterns
    )
    return len(found)
