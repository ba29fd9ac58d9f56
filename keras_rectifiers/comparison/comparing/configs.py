"""What models are made of, as text: the same for the same models."""

from typing import Any

import keras

from keras_rectifiers import keras_internals


def config_of(model: keras.Model) -> str:
    """What a model is made of, without the names that Keras gives."""
    layers = keras_internals.layers_within(model)
    parts = [
        (
            type(layer).__name__,
            _unnamed(_layer_config(layer)) if layer is not model else "",
            [(tuple(w.shape), w.dtype, w.trainable) for w in layer.weights],
        )
        for layer in layers
    ]
    graph = repr(_unnamed(_layer_config(model), keep_names=True))
    for number, layer in enumerate(layers):
        graph = graph.replace(repr(layer.name), f"<{number}>")
    return f"{parts} {graph}"


def compile_config_of(model: keras.Model) -> str:
    """How a model is compiled: its optimizer, loss and metrics, with their settings."""
    optimizer = model.optimizer.get_config()
    try:
        settings = model.get_compile_config()
    except Exception:  # a loss of the user's without a config
        settings = {}
    return repr(
        (type(model.optimizer).__name__, _unnamed(optimizer), _unnamed(settings))
    )


def _layer_config(layer: keras.layers.Layer) -> dict:
    try:
        return layer.get_config()
    except Exception:  # a layer of the user's without a config
        return {}


def _unnamed(config: Any, *, keep_names: bool = False) -> Any:
    """A config as text can hold it: without addresses, and without names unless kept."""
    if isinstance(config, dict):
        left_out = () if keep_names else ("name", "registered_name", "layers")
        return {
            key: _unnamed(value, keep_names=keep_names)
            for key, value in config.items()
            if key not in left_out
        }
    if isinstance(config, list | tuple):
        return [_unnamed(value, keep_names=keep_names) for value in config]
    if config is None or isinstance(config, str | int | float | bool):
        return config
    return getattr(config, "__qualname__", type(config).__name__)
