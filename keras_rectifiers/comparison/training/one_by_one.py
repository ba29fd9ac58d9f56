"""Trains one trial at a time with `model.fit`: the reference for the populations."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.data.datasets import Dataset
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import (
    evaluation,
    layer_measures,
    layerwise,
    optimizers,
)
from keras_rectifiers.comparison.training.example_order import example_order
from keras_rectifiers.comparison.training.history import History
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import probe


def train(trials: Sequence[Trial], *, jit_compile: bool = False) -> list[Tables]:
    """Trains and measures trials one after the other.

    Args:
        trials: any trials.
        jit_compile: as for `model.compile`.

    Returns:
        The frames of each trial, the same as those of a population.
    """
    return [_train_one(trial, jit_compile) for trial in trials]


def _train_one(trial: Trial, jit_compile: bool) -> Tables:
    dataset = datasets.load_for(trial)
    model = architectures.build(trial, dataset)
    sites = architectures.activation_sites(model, dataset)
    if trial.pretraining:
        _pretrain(model, sites[0], trial, dataset, jit_compile)
    rate = optimizers.learning_rate(trial, trial.learning_rate, len(dataset.y_train))
    optimizer = optimizers.optimizer(trial, rate)
    optimizer.exclude_from_weight_decay(var_list=optimizers.not_decayed(sites))
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        # The loss of `fit` has the penalties in it.
        metrics=[
            keras.metrics.SparseCategoricalCrossentropy(
                from_logits=True, name="cross_entropy"
            )
        ],
        jit_compile=jit_compile,
    )
    history = History([trial], mode="fit")
    history.add_measurements(0, _measure(model, sites, trial, dataset))
    stopping = keras.callbacks.EarlyStopping(mode="min", patience=trial.patience)
    stopping.set_model(model)
    stopping.on_train_begin()
    for epoch in range(1, trial.epochs + 1):
        indices = example_order(trial, len(dataset.y_train), epoch).ravel()
        fitted = model.fit(
            dataset.x_train[indices],
            dataset.y_train[indices],
            batch_size=trial.batch_size,
            shuffle=False,
            verbose=0,
        )
        history.add_measurements(epoch, _measure(model, sites, trial, dataset))
        validation = _evaluate(model, dataset.x_validation, dataset.y_validation)
        history.add_epoch(epoch, fitted.history["cross_entropy"], *validation)
        if trial.patience:
            stopping.on_epoch_end(epoch, {"val_loss": validation[0][0]})
            if model.stop_training:
                history.stop(np.array([True]), epoch)
                break
    for split in SPLITS if trial.epochs else ():
        x, y = getattr(dataset, f"x_{split}"), getattr(dataset, f"y_{split}")
        history.add_outcome(split, *_evaluate(model, x, y))
    for layer, site in enumerate(sites):
        slope = getattr(site.activation, "negative_slope", None)
        if isinstance(slope, keras.Variable):
            values = keras.ops.convert_to_numpy(slope)[np.newaxis]
            history.add_output(layer, "negative_slope", values)
    return history.tables()


def _pretrain(
    model, site: Site, trial: Trial, dataset: Dataset, jit_compile: bool
) -> None:
    """Pre-trains the hidden layers of a model, as `layerwise` does those of many."""

    def activate(z):  # in inference mode, and what it learns stays as it is
        return site.activation(z, training=False)

    inputs = dataset.x_train.reshape(len(dataset.x_train), -1)
    for index, layer in enumerate(layerwise.pretrained_layers(model)):
        size = inputs.shape[-1]
        encoder = keras.Sequential(
            [keras.Input((size,)), layer, keras.layers.Lambda(activate)]
        )
        decoder = keras.layers.Dense(size, kernel_initializer="zeros")
        auto_encoder = keras.Sequential([encoder, decoder])
        decoder.kernel.assign(
            layerwise.decoder_kernel(trial, index, (trial.width, size))
        )
        auto_encoder.compile(
            keras.optimizers.Adam(layerwise.PRETRAINING_RATE),
            loss=keras.losses.MeanSquaredError(),
            jit_compile=jit_compile,
        )
        for epoch in range(1, trial.pretraining + 1):
            x = inputs[example_order(trial, len(inputs), epoch).ravel()]
            auto_encoder.fit(
                x, x, batch_size=trial.batch_size, shuffle=False, verbose=0
            )
        inputs = encoder.predict(inputs, verbose=0)


def _measure(
    model, sites: Sequence[Site], trial: Trial, dataset: Dataset
) -> dict[str, np.ndarray]:
    layers = probe(
        model,
        dataset.x_train[: trial.probe_size],
        dataset.y_train[: trial.probe_size],
        loss=evaluation.loss_per_example,
        sites=sites,
    )
    seen = [layer_measures.layer_values(layer) for layer in layers]
    return {
        name: np.array([[keras.ops.convert_to_numpy(values[name]) for values in seen]])
        for name in seen[0]
    }


def _evaluate(model, x, y):
    logits = model.predict(x, batch_size=evaluation.EVALUATED_AT_ONCE, verbose=0)
    loss = keras.ops.convert_to_numpy(evaluation.loss_per_example(y, logits))
    hits = np.argmax(logits, -1) == y
    return [loss.mean()], [hits.mean()]
