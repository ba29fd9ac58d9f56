"""A callback that measures the hidden layers of a model during training."""

import difflib
import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis import along_training, monitor_logs
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.own_optimizer import num_steps_taken
from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.compiled_probe import compile_probe
from keras_rectifiers.inspection.probe import MEASURES, find_sites


class LayerMonitor(keras.callbacks.Callback):
    """Measures the hidden activations of a model on a fixed batch during training.

    It takes the same measures as `diagnose`, at the start and then every epoch or every
    n steps: gradients, dead, silent and saturated units, means and standard deviations
    of the activations, learned slopes and sharpnesses. It does not affect the training:
    weights, optimizer, statistics and random numbers are the same bit for bit as
    without it.

    On TensorFlow and JAX the probe is compiled once, when the training begins.

    Args:
        x_probe: the probe batch, `(examples, ...)`; for several inputs, a list or a
            dictionary. 100 to 500 examples similar to the training data.
        y_probe: the targets of the probe batch, in the form that `model.fit` expects.
            Sample weights and regularisation are not included.
        every: `"epoch"`, or a number of steps. With `steps_per_execution`, the measures
            are taken at the next end of an execution.
        measures: names of the measures to take. Default: all.
        layers: names of the layers to measure, as in the column `layer` of the frame.
            Default: all hidden activations.
        loss: as for `diagnose`. Default: the loss of the compiled model.
        log_dir: folder for TensorBoard: a scalar for each measure, and histograms of
            pre-activations, activations, their gradients and kernels. TensorFlow
            writes it, so it has to be installed on other backends too.
        path: a file to which each measurement is appended and flushed, so that it
            survives if the process dies. `LayerMonitor.read(path)` reads it. The
            content of an existing log is kept, and trainings in one log cannot be
            distinguished, so use one log per training. Other files are refused.
        verbose: whether to print a line where something is found for the first time.
        stop_on: kinds of findings at which the training ends, such as
            `["not finite"]`.

    Raises:
        TypeError: if `path` or `log_dir` is not a path.
        ValueError: if another argument is not as described above. When the training
            begins, before its first step: if the batch does not fit the model, is empty
            or not finite, if a layer is unknown, if none of the measures is defined for
            any layer, or if the model is not built or has no trainable weights.
        ModuleNotFoundError: if `log_dir` is given and TensorFlow is not installed.

    Example:

    >>> import keras, numpy as np
    >>> model = keras.Sequential(
    ...     [
    ...         keras.Input((2,)),
    ...         keras.layers.Dense(8, activation="relu", name="hidden"),
    ...         keras.layers.Dense(1),
    ...     ]
    ... )
    >>> model.compile(loss="mse")
    >>> x = np.random.default_rng(0).normal(size=(64, 2))
    >>> monitor = LayerMonitor(x, x[:, 0], measures=["dead_units"])
    >>> _ = model.fit(x, x[:, 0], epochs=2, verbose=0, callbacks=[monitor])
    >>> monitor.frame[["epoch", "step", "layer"]].values.tolist()
    [[0, 0, 'hidden'], [1, 2, 'hidden'], [2, 4, 'hidden']]
    """

    def __init__(
        self,
        x_probe,
        y_probe,
        every: str | int = "epoch",
        *,
        measures: Sequence[str] | None = None,
        layers: Sequence[str] | None = None,
        loss: Any = None,
        log_dir=None,
        path=None,
        verbose: bool = False,
        stop_on: Sequence[str] = (),
    ):
        super().__init__()
        is_number = isinstance(every, numbers.Integral) and not isinstance(every, bool)
        self._interval = int(every) if is_number else 0
        by_epoch = isinstance(every, str) and every == "epoch"
        if not by_epoch and self._interval < 1:
            raise ValueError(
                "LayerMonitor expects `every` to be 'epoch' or a number of steps of at "
                f"least 1. Received: every={every!r}"
            )
        self.every = every
        self.measures = MEASURES if measures is None else _names("measures", measures)
        _check_known("measures", self.measures, MEASURES)
        self.layers = None if layers is None else _names("layers", layers)
        self._batch = x_probe, y_probe
        self._loss = loss
        self._logs: list[Any] = []
        if path is not None:
            self._logs.append(monitor_logs.Log(path))
        if log_dir is not None:
            self._logs.append(monitor_logs.EventFile(log_dir))
        self.verbose = verbose
        self.stop_on = tuple(_names("stop_on", stop_on)) if stop_on else ()
        _check_known("stop_on", self.stop_on, along_training.KINDS)
        self._along: Any = None
        self._takes_arrays = log_dir is not None
        self._rows: list[tuple] = []
        self._measure: Any = None
        self._measured_model = self._compiled_loss = None
        self._sites = []
        self._epoch = self._step = self._step_of_epoch = self._last = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, in the order in which it appeared.

        The rules of `diagnose` on layers, applied to each measurement and compared with
        the start of the training; and rules on the loss of each epoch, which is NaN,
        leaps, or does not fall. The former need all measures, which is the default.
        """
        return tuple(self._along.found) if self._along is not None else ()

    @property
    def frame(self):
        """All measurements so far, as a pandas frame.

        Columns: `epoch`, the number of completed epochs as counted by `fit` (a further
            call begins at its `initial_epoch`); `step`, the number of steps over all
            calls of `fit`, 0 before the first; `layer`; `depth`, 0 for the activation
            nearest to the input; `measure`; `value`.
        """
        return _frame(self._rows)

    @staticmethod
    def read(path):
        """Reads a log written to `path`, also by a process that died.

        Args:
            path: the path of the log.

        Returns:
            A pandas frame like `frame`.

        Raises:
            TypeError: if `path` is not a path.
            ValueError: if the path is empty, or the file has content but no
                measurement.
        """
        return _frame(monitor_logs.read(path))

    def plot(self):
        """Plots a heatmap over layers and time for each measure.

        Returns:
            A matplotlib figure.

        Raises:
            ValueError: if nothing has been measured yet.
        """
        from keras_rectifiers.diagnosis.figures import monitor_figure

        if not self._rows:
            raise ValueError(
                "The LayerMonitor has not measured anything yet. Pass it to model.fit "
                "in callbacks=[...] first."
            )
        return monitor_figure(self.frame)

    def on_train_begin(self, logs=None):
        model = self.model
        if self._measured_model not in (None, model):
            raise ValueError(
                "A LayerMonitor expects to measure a single model. Create another "
                f"LayerMonitor for the second model. Received: {model.name!r} after "
                f"{self._measured_model.name!r}."
            )
        # Each `compile` makes another, of which the probe holds the loss.
        compiled_loss = keras_internals.compiled_loss(model)
        if self._measure is None or self._compiled_loss is not compiled_loss:
            self._prepare(model)
            self._compiled_loss = compiled_loss
        if self._step == 0:
            self._take()

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch, self._step_of_epoch = epoch, self._step

    def on_train_batch_end(self, batch, logs=None):
        self._step = self._step_of_epoch + batch + 1
        n = self._interval
        if n and self._step // n > self._last // n:
            self._take()

    def on_epoch_end(self, epoch, logs=None):
        self._epoch = epoch + 1
        if not self._interval:
            self._take()
        loss = (logs or {}).get("loss")
        if loss is not None:
            self._tell(self._along.add_loss(self._epoch, float(loss)))

    def on_train_end(self, logs=None):
        monitor_logs.with_each(self._logs, lambda log: log.close())

    def _prepare(self, model) -> None:
        x, y = checked_batch(model, *self._batch)
        if not model.trainable_variables:
            raise ValueError(
                "LayerMonitor expects a model with trainable weights. Set "
                "model.trainable = True, or use diagnose(). Received: the model "
                f"{model.name!r} without trainable weights."
            )
        sites = find_sites(model, x)
        if self.layers is not None:
            _check_known("layers", self.layers, [site.name for site in sites])
            sites = [site for site in sites if site.name in self.layers]
        self._sites = sites
        self._measure = compile_probe(
            model,
            x,
            y,
            loss=self._loss,
            sites=sites,
            measures=self.measures,
            with_arrays=self._takes_arrays,
        )
        self._measured_model = model
        if self._along is None:
            num_examples = len(keras.tree.flatten(x)[0])
            self._along = along_training.FindingsAlong(
                sites, num_examples, goes_on=num_steps_taken(model) > 0
            )

    def _take(self) -> None:
        # On JAX it fetches the weights from the training.
        _ = self.model
        self._last = self._step
        values, arrays = self._measure()
        rows = [
            (self._epoch, self._step, site.name, site.depth, name, value)
            for site, of_layer in zip(self._sites, values, strict=True)
            for name, value in of_layer.items()
        ]
        self._rows += rows
        by_layer = dict(zip([site.name for site in self._sites], arrays, strict=False))
        monitor_logs.with_each(self._logs, lambda log: log.write(rows, by_layer))
        self._tell(self._along.add_measures(self._epoch, self._step, values))

    def _tell(self, new) -> None:
        for finding in new:
            if self.verbose:
                print(f"LayerMonitor: {finding}")
            if finding.kind in self.stop_on:
                self.model.stop_training = True


def _names(argument, names) -> tuple[str, ...]:
    is_list = isinstance(names, Iterable) and not isinstance(names, str)
    listed = tuple(names) if is_list else ()
    if not listed:
        raise ValueError(
            f"LayerMonitor expects `{argument}` to be a list of names, or None for all. "
            f"Received: {argument}={names!r}"
        )
    return listed


def _check_known(argument, names, known) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"LayerMonitor expects the names in `{argument}` to be among: "
                f"{', '.join(known)}.{hint} Received: {name!r}."
            )


def _frame(rows):
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(monitor_logs.COLUMNS))
    return frame.astype({"value": np.float64})
