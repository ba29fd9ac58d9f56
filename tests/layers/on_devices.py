"""Trains the model of `branches` on several devices of one processor.

A script, because a process has its devices before the first of them is used:
`python -m tests.layers.on_devices MODE FILE` writes what it computed to an .npz file.
"""

import sys

import keras
import numpy as np

from keras_rectifiers import layers
from tests.layers import branches

NUM_DEVICES = 2


def on_two_replicas():
    """TensorFlow's `MirroredStrategy`, and the draws of each replica."""
    import tensorflow as tf

    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(
        processor, [tf.config.LogicalDeviceConfiguration()] * NUM_DEVICES
    )
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        model = branches.make_model(with_noise=False)
        noisy = {"rrelu": layers.RReLU(seed=3), "dropout": keras.layers.Dropout(0.5)}
        for layer in noisy.values():
            layer.build((None, 8))
    result = trained(model)
    for name, layer in noisy.items():

        @tf.function(jit_compile=False)
        def draw(layer=layer):
            return strategy.run(lambda: layer(-tf.ones((4, 8)), training=True))

        drawn = strategy.experimental_local_results(draw())
        result[f"draws of {name}"] = np.stack([values.numpy() for values in drawn])
    return result


def data_parallel():
    """Keras's `DataParallel` on JAX."""
    devices = keras.distribution.list_devices()[:NUM_DEVICES]
    keras.distribution.set_distribution(
        keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    )
    return trained(branches.make_model())


def model_parallel():
    """Keras's `ModelParallel` on JAX: two shards of the batch, two of the weights."""
    mesh = keras.distribution.DeviceMesh(
        (NUM_DEVICES, NUM_DEVICES),
        ("batch", "model"),
        keras.distribution.list_devices(),
    )
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*_in/kernel"] = (None, None, "model")
    layout[".*_hidden/kernel"] = (None, "model")
    # A single shared slope has nothing to be divided.
    layout["prelu[/_](?!shared).*negative_slope"] = ("model",)
    layout["smooth_relu_per_channel.*log_sharpness"] = ("model",)
    keras.distribution.set_distribution(
        keras.distribution.ModelParallel(
            layout_map=layout, batch_dim_name="batch", auto_shard_dataset=False
        )
    )
    model = branches.make_model()
    result = trained(model)
    sharded = [
        variable.path
        for variable in model.trainable_variables
        if not variable.value.sharding.is_fully_replicated
    ]
    return result | {"sharded": np.array(sharded)}


def trained(model):
    """The losses and weights after training."""
    history = branches.train(model)
    result = {f"loss {name}": value for name, value in history.items()}
    weights = branches.values(model.trainable_variables)
    return result | {f"weight {path}": value for path, value in weights.items()}


MODES = {
    "mirrored": on_two_replicas,
    "data_parallel": data_parallel,
    "model_parallel": model_parallel,
}

if __name__ == "__main__":
    np.savez(sys.argv[2], **MODES[sys.argv[1]]())
