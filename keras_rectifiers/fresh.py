"""The values that a model's variables would have if it were made anew."""

import keras
from keras import ops


def fresh_values(model: keras.Model, seed: int) -> tuple[list, list]:
    """Draws each variable from its own initializer, with a seed of its own.

    Nothing is taken from a random stream that training uses, and the model keeps its
    values. A variable whose initializer its layer does not show keeps its value too.

    Args:
        model: a built model.
        seed: an integer below 2^20.

    Returns:
        `(trainable, non_trainable)`, as `probe` takes them.
    """
    drawn = {}
    for layer in model._flatten_layers():
        for variable in layer._trainable_variables + layer._non_trainable_variables:
            initializer = _initializer(layer, variable)
            if initializer is not None:
                drawn[id(variable)] = _seeded(initializer, (seed << 10) + len(drawn))(
                    variable.shape, dtype=variable.dtype
                )

    def values(variables):
        return [drawn.get(id(v), ops.stop_gradient(v.value)) for v in variables]

    return values(model.trainable_variables), values(model.non_trainable_variables)


def _initializer(layer, variable):
    # Keras calls that of `depthwise_kernel` the `depthwise_initializer`.
    names = (variable.name, variable.name.removesuffix("_kernel"))
    for name in (*(f"{name}_initializer" for name in names), "initializer"):
        initializer = getattr(layer, name, None)
        if isinstance(initializer, keras.initializers.Initializer):
            return initializer
    return None


def _seeded(initializer, seed: int):
    config = initializer.get_config()
    if "seed" not in config:
        return initializer
    return type(initializer).from_config({**config, "seed": seed})
