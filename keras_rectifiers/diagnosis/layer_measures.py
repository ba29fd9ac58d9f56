"""The measures of each hidden layer, of a model and of freshly initialised copies."""

import math
from collections.abc import Sequence
from contextlib import ExitStack

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.activations import identify
from keras_rectifiers.diagnosis.checks.data import Columns
from keras_rectifiers.diagnosis.checks.layers import FEWEST_EXAMPLES, Measured
from keras_rectifiers.inspection.batch import run_model
from keras_rectifiers.inspection.batch_statistics import with_batch_statistics
from keras_rectifiers.inspection.call_trace import (
    OPAQUE,
    LayerCall,
    is_composite,
    paths,
    replaced,
)
from keras_rectifiers.inspection.fresh_values import fresh_values
from keras_rectifiers.inspection.patching import computing_in_float32
from keras_rectifiers.inspection.probe import (
    find_sites,
    measure_layer,
    probe,
)

# The share of dead units of one fresh copy of a narrow layer varies by some per cent.
NUM_FRESH_COPIES = 3


class LayerMeasures:
    """Measures the hidden activations of a model, and what its first layers read.

    Args:
        model: a built model.
        x: inputs from `checked_batch`.

    Attributes:
        sites: the hidden activations.
        num_examples: how many examples x has.
        spreads: for each site the root mean square over its units of the standard
            deviation over the examples.
    """

    def __init__(self, model: keras.Model, x):
        self._model, self._x = model, x
        self.sites = find_sites(model, x, may_be_none=True)
        self.num_examples = len(keras.tree.flatten(x)[0])
        self.spreads: list[float] = []
        self._values: list[dict[str, float]] = []
        self._fresh: list[dict[str, float]] = []
        self._num_units: list[int] = []

    def measure(self, y, loss, values) -> None:
        """Runs the probe for the model and for fresh copies of it.

        Args:
            y, loss: as for `probe`.
            values: those of the model.
        """
        seen = self._probe(y, loss, values)
        self._values = [_numbers(measure_layer(arrays)) for arrays in seen]
        self._num_units = [arrays.activation.shape[-1] for arrays in seen]
        self.spreads = [_spread(arrays.activation) for arrays in seen]
        copies = []
        for seed in range(NUM_FRESH_COPIES):
            seen = self._probe(y, loss, begun(self._model, self._x, seed))
            copies.append([_numbers(measure_layer(arrays)) for arrays in seen])
        self._fresh = [
            {
                name: float(np.mean([copy[name] for copy in of_layer]))
                for name in of_layer[0]
            }
            for of_layer in zip(*copies, strict=True)
        ]

    def measured(self, inputs: dict[str, Columns]) -> Measured:
        """What the rules on layers are applied to."""
        return Measured(
            layers=[site.name for site in self.sites],
            depths=np.array([site.depth for site in self.sites]),
            num_units=self._num_units,
            num_examples=self.num_examples,
            values=_columns(self._values),
            fresh=_columns(self._fresh),
            kernel_scales=np.array([_kernel_scale(site) for site in self.sites]),
            input_scales={layer: columns.scale for layer, columns in inputs.items()},
            lost=_lost(self._model),
            unseen={site.name: site.unseen for site in self.sites if site.unseen},
            sigmoids=[
                s.name for s in self.sites if s.known and s.known.name == "sigmoid"
            ],
            unbounded=[s.name for s in self.sites if is_unbounded(s.applied_by)],
            repeats=_num_different(self._x, FEWEST_EXAMPLES) < FEWEST_EXAMPLES,
        )

    def inputs(self, values, calls: Sequence[LayerCall]) -> dict[str, Columns]:
        """What the first layers with kernels read.

        Args:
            values: as for `probe`.
            calls: the calls of the layers.

        Returns:
            Layer -> its columns. What is normalised by its batch is left out, because
            it is normalised in training only.
        """
        seen = {}

        def noting(path, layer):
            call = layer.call

            def noted(*args, **kwargs):
                inputs = keras.tree.flatten((args, kwargs))[0]
                array = ops.convert_to_numpy(inputs).astype(np.float64)
                seen.setdefault(path, Columns.of(array))
                return call(*args, **kwargs)

            return noted

        with ExitStack() as stack:
            stack.enter_context(computing_in_float32(self._model))
            for path, layer in _first_readers(calls).items():
                stack.enter_context(replaced(layer, "call", noting(path, layer)))
            run_model(self._model, values, self._x)
        return seen

    def frame(self):
        """The measures of the model: `layer`, `depth`, `measure`, `value`."""
        return self._as_frame(self._values)

    def fresh_frame(self):
        """The same, the mean of fresh copies."""
        return self._as_frame(self._fresh)

    def _as_frame(self, rows):
        import pandas as pd

        return pd.DataFrame(
            [
                (site.name, site.depth, name, value)
                for site, row in zip(self.sites, rows, strict=False)
                for name, value in row.items()
            ],
            columns=["layer", "depth", "measure", "value"],
        )

    def _probe(self, y, loss, variables):
        return probe(
            self._model, self._x, y, loss=loss, variables=variables, sites=self.sites
        )


def _num_different(x, most: int) -> int:
    """How many of the examples are different, counted up to `most`."""
    arrays = [ops.convert_to_numpy(array) for array in keras.tree.flatten(x)]
    seen = set()
    for rows in zip(*arrays, strict=True):
        seen.add(b"".join(np.asarray(row).tobytes() for row in rows))
        if len(seen) == most:
            break
    return len(seen)


def begun(model: keras.Model, x, seed: int) -> tuple[Sequence, Sequence]:
    """Fresh values of a model, as if its averages knew the batch x."""
    return with_batch_statistics(model, fresh_values(model, seed), x)


def _first_readers(calls) -> dict[str, keras.layers.Layer]:
    """The layers with weights that no other one with weights stands before."""
    recurrent = (keras.layers.RNN, keras.layers.Bidirectional)
    scaling = (keras.layers.BatchNormalization, keras.layers.Embedding)
    found, behind = {}, []
    for call in calls:
        hidden = any(behind[read] for read in call.reads)
        reads = hasattr(call.layer, "kernel") or hasattr(call.layer, "depthwise_kernel")
        if (reads or isinstance(call.layer, recurrent)) and not hidden:
            found.setdefault(call.path, call.layer)
        behind.append(hidden or reads or isinstance(call.layer, (*OPAQUE, *scaling)))
    return found


def is_unbounded(layer) -> bool:
    """Whether it is a recurrent layer whose activation is not bounded."""
    inner = getattr(layer, "forward_layer", layer)
    if not isinstance(inner, keras.layers.RNN):
        return False
    activation = getattr(getattr(inner, "cell", None), "activation", None)
    known = identify(activation) if activation is not None else None
    return known is not None and not known.bounded


def _numbers(tensors) -> dict[str, float]:
    return {name: float(ops.convert_to_numpy(t)) for name, t in tensors.items()}


def _spread(activation) -> float:
    values = ops.convert_to_numpy(activation).astype(np.float64)
    return float(np.sqrt(np.mean(values.std(0) ** 2)))


def _columns(rows) -> dict[str, np.ndarray]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: np.array([row.get(name, np.nan) for row in rows], float) for name in names
    }


def _kernel_scale(site) -> float:
    """Root mean square of the kernels over that of he_normal, sqrt(2 / fan_in)."""
    ratios = [
        np.sqrt(np.mean(values**2) * math.prod(values.shape[:-1]) / 2)
        for values in (
            ops.convert_to_numpy(kernel).astype(np.float64) for kernel in site.kernels
        )
    ]
    return math.prod(ratios) if ratios else math.nan


def _lost(model) -> list[str]:
    """The layers that hold a weight which is NaN or infinite."""

    def is_lost(layer):
        parts = [layer] if is_composite(layer) else keras_internals.layers_within(layer)
        return any(
            not np.isfinite(ops.convert_to_numpy(variable).astype(np.float64)).all()
            for part in parts
            for variable in keras_internals.own_trainable_variables(part)
        )

    return [
        path
        for layer, path in ({model: model.name} | paths(model)).items()
        if isinstance(layer, keras.layers.Layer) and is_lost(layer)
    ]
