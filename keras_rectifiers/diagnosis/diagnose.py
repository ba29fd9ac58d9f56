"""Finds out why a model does not train, from one probe batch, layer by layer."""

import html
import math
import textwrap
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis import findings
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.inspection.batch import checked_batch, run_model
from keras_rectifiers.inspection.call_trace import is_composite, paths, replaced
from keras_rectifiers.inspection.fresh_values import fresh_values
from keras_rectifiers.inspection.patching import computing_in_float32
from keras_rectifiers.inspection.probe import (
    find_sites,
    measure_layer,
    probe,
    values_of,
)
from keras_rectifiers.printable import printable

# The share of dead units of one fresh copy of a narrow layer varies by some per cent.
NUM_FRESH_COPIES = 3

# What stands in the text and in the table of a notebook.
_SHOWN = (
    "signal_gradient",
    "weight_gradient",
    "activation_mean",
    "activation_std",
    "silent_units",
    "dead_units",
    "saturation",
)


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The result of `diagnose`. It prints as text, and as HTML in a notebook.

    Args:
        model: name of the model.
        num_examples: size of the probe batch.
        frame: pandas frame with one row for each hidden activation and measure:
            `layer`, `depth` (0 is nearest to the input), `measure` and `value`. A
            measure that is not defined for an activation has no row.
        fresh: the same frame for freshly initialised copies of the model, the mean over
            `NUM_FRESH_COPIES` of them.
        findings: what is wrong, causes before their consequences; empty for a healthy
            model.
    """

    model: str
    num_examples: int
    frame: Any
    fresh: Any
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        lines = [self._summary()]
        for number, finding in enumerate(self.findings, 1):
            lines.append(
                textwrap.fill(f"{number}. {finding}", width=88, subsequent_indent="   ")
            )
        table = self._table().to_string(float_format=lambda value: f"{value:.3g}")
        return "\n".join([*lines, "", table])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{html.escape(name)}</b>: "
            f"{html.escape(str(finding).removeprefix(f'{name}: '))}</li>"
            for finding in self.findings
            for name in [printable(finding.layer)]
        )
        table = self._table().to_html(
            float_format=lambda value: f"{value:.3g}", border=0, na_rep=""
        )
        return f"<p>{html.escape(self._summary())}</p><ol>{items}</ol>{table}"

    def plot(self):
        """Plots the measures of each layer, and marks the layers with findings.

        Returns:
            A matplotlib figure.
        """
        from keras_rectifiers.diagnosis.figures import diagnosis_figure

        return diagnosis_figure(self)

    def _summary(self) -> str:
        number = len(self.findings)
        found = f"{number} finding{'s' * (number != 1)}" if number else "no findings"
        num_layers = self.frame.layer.nunique()
        few = self.num_examples < findings.FEWEST_EXAMPLES
        return (
            f"{printable(self.model)}: {found} in {num_layers} hidden "
            f"activation{'s' * (num_layers != 1)}, on {self.num_examples} "
            f"example{'s' * (self.num_examples != 1)}"
            + ", which is too few to tell which units are dead; pass 100 or more"
            * few
        )

    def _table(self):
        table = self.frame.pivot_table(
            index=["depth", "layer"],
            columns="measure",
            values="value",
            sort=False,
            dropna=False,
        )
        table = table.rename(index=printable, level="layer")
        table.columns.name = None
        return table[[name for name in _SHOWN if name in table]].dropna(how="all")


def diagnose(model: keras.Model, x, y, *, loss: Any = None) -> Diagnosis:
    """Finds out why a model does not train, layer by layer.

    Runs one forward and one backward pass on a batch, for the model and for freshly
    initialised copies of it, because a healthy deep rectifier net also has dead units
    at initialisation. The model is left unchanged, and no random state advances. The
    model may be untrained, and need not be compiled if the loss is given.

    Args:
        model: a built model, of any kind. Sequential, functional and nested models are
            supported, and subclassed models whose layers are attributes. For recurrent
            and attention layers, the outputs are measured.
        x: a batch of inputs, `(examples, ...)`; 100 examples or more, because a unit
            counts as dead if it is inactive for all of them. For several inputs, a list
            or a dictionary.
        y: the targets of the batch, in the form that `model.fit` expects.
        loss: a Keras loss or its name, or a function `(y, prediction) -> (examples,)`;
            for several outputs, a list or a dictionary of them. Default: the loss of
            the compiled model.

    Returns:
        A `Diagnosis`, with `frame`, `findings` and `plot()`.

    Raises:
        ValueError: if the model is not built or has no hidden activation or no loss, or
            if the batch is empty, does not fit the model or is not finite.

    Example:

    >>> import keras, numpy as np
    >>> dense = keras.layers.Dense
    >>> model = keras.Sequential(
    ...     [
    ...         keras.Input((2,)),
    ...         dense(8, "relu", bias_initializer=keras.initializers.Constant(-9)),
    ...         dense(1),
    ...     ]
    ... )
    >>> x = np.random.default_rng(0).normal(size=(100, 2))
    >>> [finding.kind for finding in diagnose(model, x, x[:, 0], loss="mse").findings]
    ['dead']
    """
    import pandas as pd

    x, y = checked_batch(model, x, y)
    sites = find_sites(model, x)

    def measure(variables):
        seen = probe(model, x, y, loss=loss, variables=variables, sites=sites)
        num_units = [arrays.activation.shape[-1] for arrays in seen]
        return [_numbers(measure_layer(arrays)) for arrays in seen], num_units

    measured, num_units = measure(values_of(model))
    copies = [measure(fresh_values(model, seed))[0] for seed in range(NUM_FRESH_COPIES)]
    fresh = [
        {
            name: float(np.mean([copy[name] for copy in of_layer]))
            for name in of_layer[0]
        }
        for of_layer in zip(*copies, strict=True)
    ]
    found = findings.find(
        findings.Measured(
            layers=[site.name for site in sites],
            depths=np.array([site.depth for site in sites]),
            num_units=num_units,
            num_examples=len(keras.tree.flatten(x)[0]),
            values=_columns(measured),
            fresh=_columns(fresh),
            kernel_scales=np.array([_kernel_scale(site) for site in sites]),
            input_scales=_input_scales(model, x, sites),
            lost=_lost(model),
            unseen={site.name: site.unseen for site in sites if site.unseen},
        )
    )

    def frame(rows):
        return pd.DataFrame(
            [
                (site.name, site.depth, name, value)
                for site, row in zip(sites, rows, strict=True)
                for name, value in row.items()
            ],
            columns=["layer", "depth", "measure", "value"],
        )

    return Diagnosis(
        model=model.name,
        num_examples=len(keras.tree.flatten(x)[0]),
        frame=frame(measured),
        fresh=frame(fresh),
        findings=tuple(found),
    )


def _numbers(tensors) -> dict[str, float]:
    return {name: float(ops.convert_to_numpy(t)) for name, t in tensors.items()}


def _columns(rows) -> dict[str, np.ndarray]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: np.array([row.get(name, np.nan) for row in rows], float) for name in names
    }


def _input_scales(model, x, sites) -> dict[str, float]:
    """The root mean square of what the first layers with kernels read."""
    scales, names = {}, paths(model)

    def noting(layer):
        call = layer.call

        def noted(*args, **kwargs):
            inputs = keras.tree.flatten((args, kwargs))[0]
            inputs_array = ops.convert_to_numpy(inputs).astype(np.float64)
            scale = float(np.sqrt(np.mean(inputs_array**2)))
            scales.setdefault(names[layer], scale)
            return call(*args, **kwargs)

        return noted

    first = {id(s.weighted): s.weighted for s in sites if s.depth == 0 and s.kernels}
    with ExitStack() as stack:
        stack.enter_context(computing_in_float32(model))
        for layer in first.values():
            stack.enter_context(replaced(layer, "call", noting(layer)))
        run_model(model, values_of(model), x)
    return scales


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
