"""The peer of the benchmarks: one training as a Keras user would write it.

Build, compile, fit with a callback that looks at every layer at each epoch's end,
evaluate. And what the benchmarks share besides: clocks, and how they say things.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable

import keras
import tensorflow as tf

from keras_rectifiers.activations import get
from keras_rectifiers.comparison.data.datasets import Dataset
from keras_rectifiers.comparison.trials.trial import Trial


class LayerWatch(keras.callbacks.Callback):
    """Looks at every hidden activation before training and after each epoch."""

    def __init__(self, hidden, loss, x, y):
        super().__init__()
        self.hidden = {id(layer) for layer in hidden}
        self.loss = loss
        self.x = tf.constant(x)
        self.y = tf.constant(y)
        self.history = []

    def on_train_begin(self, logs=None):
        self.history.append(self.look())

    def on_epoch_end(self, epoch, logs=None):
        self.history.append(self.look())

    def look(self):
        # Not compiled: it runs a few times only, and tracing takes longer than that.
        activations, values = [], self.x
        with tf.GradientTape() as tape:
            for layer in self.model.layers:
                values = layer(values, training=False)
                if id(layer) in self.hidden:
                    activations.append(values)
            loss = self.loss(self.y, values)
        gradients = tape.gradient(loss, activations)
        return {
            "gradient_norm": tf.stack([tf.norm(g) for g in gradients]).numpy(),
            "zeros": tf.stack(
                [tf.reduce_mean(tf.cast(a == 0, tf.float32)) for a in activations]
            ).numpy(),
        }


def fit_one(
    trial: Trial,
    dataset: Dataset,
    gains: dict[str, float],
    *,
    steps_per_execution: int = 1,
):
    """Trains and watches one trial. Returns the watch's history and the accuracy."""
    keras.utils.clear_session()  # or a long loop slows down and fills the memory
    keras.utils.set_random_seed(trial.seed)
    model, hidden = build_plain(trial, dataset, gains)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizers = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}
    model.compile(
        optimizer=optimizers[trial.optimizer](learning_rate=trial.learning_rate),
        loss=loss,
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution,
    )
    watch = LayerWatch(
        hidden,
        loss,
        dataset.x_train[: trial.probe_size],
        dataset.y_train[: trial.probe_size],
    )
    if trial.epochs == 0:
        watch.set_model(model)
        watch.on_train_begin()
        return watch.history, None
    # As many steps as ours: the examples that fill whole batches.
    size = len(dataset.y_train) // trial.batch_size * trial.batch_size
    model.fit(
        dataset.x_train[:size],
        dataset.y_train[:size],
        batch_size=trial.batch_size,
        epochs=trial.epochs,
        validation_data=(dataset.x_validation, dataset.y_validation),
        validation_batch_size=len(dataset.y_validation),
        callbacks=[watch],
        verbose=0,
    )
    _, accuracy = model.evaluate(
        dataset.x_test, dataset.y_test, batch_size=len(dataset.y_test), verbose=0
    )
    return watch.history, accuracy


def build_plain(trial: Trial, dataset: Dataset, gains: dict[str, float]):
    """The net of a trial, and its hidden activation layers."""
    is_cnn = trial.architecture == "cnn"
    layers = [keras.Input(dataset.x_train.shape[1:])]
    if not is_cnn:
        layers.append(keras.layers.Flatten())
    hidden, fed_by = [], "linear"
    for _ in range(trial.depth):
        settings = {
            "kernel_initializer": kernel_initializer(trial, gains[fed_by]),
            "bias_initializer": keras.initializers.Constant(trial.bias),
        }
        if is_cnn:
            weighted = keras.layers.Conv2D(trial.width, 3, padding="same", **settings)
        else:
            weighted = keras.layers.Dense(trial.width, **settings)
        activation, fed_by = get(trial.activation), trial.activation
        if trial.activity_l1:
            positions = math.prod(dataset.x_train.shape[1:3]) if is_cnn else 1
            activation.activity_regularizer = keras.regularizers.L1(
                trial.activity_l1 / positions
            )
        layers += [weighted, activation]
        hidden.append(activation)
    if is_cnn:
        layers.append(keras.layers.Flatten())
    outputs = keras.layers.Dense(
        dataset.num_classes, kernel_initializer=kernel_initializer(trial, gains[fed_by])
    )
    return keras.Sequential([*layers, outputs]), hidden


def kernel_initializer(trial: Trial, fed_by_gain: float):
    if trial.initializer == "gain":
        return keras.initializers.VarianceScaling(scale=fed_by_gain**2)
    return {"he": "he_normal", "glorot": "glorot_uniform"}[trial.initializer]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `work` takes: by the clock, and of the processor (all threads)."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def positive(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, got {text!r}")


def case_parser(
    description: str | None, cases: Iterable[str]
) -> argparse.ArgumentParser:
    """The arguments of a benchmark that times cases beside the plain loop."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case",
        choices=list(cases),
        action="append",
        help="run this case; may be given several times (default: all)",
    )
    parser.add_argument(
        "--repeats",
        type=positive,
        default=3,
        metavar="N",
        help="turns, and trainings in the plain loop's sample (default: %(default)s)",
    )
    return parser
