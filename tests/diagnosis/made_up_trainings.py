"""Short trainings of a small net, with and without monitors."""

import warnings

import keras
from keras import layers

from keras_rectifiers import RReLU


def warnings_of(model, data, monitor) -> list[str]:
    """What the monitor warns of; on PyTorch Keras warns of things of its own."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        fit_eagerly(model, data, [monitor])
    return [str(w.message) for w in warned if "LayerMonitor" in str(w.message)]


def net(**settings):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(8, activation="relu", name="one"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(8),
            RReLU(name="two"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", **settings)
    return model


def fit(model, data, callbacks=(), **settings):
    keras.utils.set_random_seed(4)
    settings = {"batch_size": 8, "epochs": 2, "verbose": 0} | settings
    return model.fit(*data, callbacks=list(callbacks), **settings)


def fit_eagerly(model, data, callbacks, **settings):
    """A short training without compilation, where it does not matter how it trains."""
    model.run_eagerly = True
    return fit(model, data, callbacks, **{"batch_size": 32, "epochs": 1} | settings)


def begin(monitor, model):
    """The first measurement, without a training."""
    monitor.set_model(model)
    monitor.on_train_begin()


class Reader(keras.callbacks.Callback):
    """Reads the log of a monitor after each epoch."""

    def __init__(self, path):
        super().__init__()
        self.path, self.seen = path, []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(self.path.read_text().splitlines())
