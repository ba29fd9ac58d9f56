"""What `diagnose` looks at: a model and its examples, run once."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.checks.data import Columns
from keras_rectifiers.diagnosis.layer_measures import LayerMeasures
from keras_rectifiers.diagnosis.program import Output, outputs_of
from keras_rectifiers.inspection import call_trace
from keras_rectifiers.inspection.batch import mode_of, run_model
from keras_rectifiers.inspection.batch_statistics import (
    are_initial,
    with_batch_statistics,
)
from keras_rectifiers.inspection.call_trace import LayerCall
from keras_rectifiers.inspection.patching import computing_in_float32
from keras_rectifiers.inspection.probe import values_of


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model and its examples, and what running it once has shown.

    Args:
        model: a built model.
        x, y: tensors, as `checked_batch` returns them.
        loss: as for `diagnose`.
        values: `(trainable, non_trainable)`, where averages that no training has moved
            are those of the examples.
        prediction: of the model in inference mode.
        calls: the calls of its layers.
        outputs: the outputs that have targets and a loss.
        measures: of its layers.
        inputs: first layer with a kernel -> what it reads.
    """

    model: keras.Model
    x: Any
    y: Any
    loss: Any
    values: tuple[Sequence, Sequence]
    prediction: Any
    calls: Sequence[LayerCall]
    outputs: Sequence[Output]
    measures: LayerMeasures
    inputs: dict[str, Columns]

    @property
    def arrays(self) -> Any:
        """x as NumPy arrays."""
        return keras.tree.map_structure(ops.convert_to_numpy, self.x)

    @property
    def judged_inputs(self) -> dict[str, Columns]:
        """Without what frozen layers read, which is what their weights were trained on."""
        frozen = {
            call.path
            for call in self.calls
            if not getattr(call.layer, "trainable", True)
        }
        return {layer: c for layer, c in self.inputs.items() if layer not in frozen}

    @property
    def is_normalised(self) -> bool:
        """Whether it has batch normalisation."""
        return any(
            isinstance(call.layer, keras.layers.BatchNormalization)
            for call in self.calls
        )


def looked_at(model: keras.Model, x, y, loss, measures: LayerMeasures) -> Subject:
    """Runs a model once.

    Args:
        model, x, y, loss, measures: as of a `Subject`.
    """
    values = values_of(model)
    if are_initial(model):
        values = with_batch_statistics(model, values, x)
    prediction, calls, outputs = described(model, values, x, y, loss)
    return Subject(
        model=model,
        x=x,
        y=y,
        loss=loss,
        values=values,
        prediction=prediction,
        calls=calls,
        outputs=outputs,
        measures=measures,
        inputs=measures.inputs(values, calls),
    )


def described(model: keras.Model, values, x, y, loss):
    """The prediction of a model, the calls of its layers, and its outputs.

    Args:
        model, values, x, y, loss: as of a `Subject`.
    """
    prediction, calls = _traced(model, values, x)
    targets = keras.tree.map_structure(ops.convert_to_numpy, y)
    return prediction, calls, outputs_of(model, calls, prediction, targets, loss)


def build(model: keras.Model, x) -> None:
    """Builds a model that is not built yet, as `fit` would do it."""
    if isinstance(model, keras.Model) and not model.built:
        with contextlib.suppress(Exception):  # `checked_batch` says what is missing
            few = keras.tree.map_structure(lambda a: np.asarray(a)[:2], x)
            model(few, **mode_of(model.call, False))


def _traced(model, values, x):
    """The prediction of a model, and the calls of its layers."""
    seen = []
    with computing_in_float32(model):
        if call_trace.is_plain(model):
            calls = call_trace.of_a_chain(model)
            seen.append(run_model(model, values, x))
        else:
            calls = call_trace.of_a_run(
                model, lambda: seen.append(run_model(model, values, x)), x
            )
    return seen[0], calls
