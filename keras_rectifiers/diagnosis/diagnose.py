"""Finds out why a model does not train: data, model, loss, optimizer and layers."""

import contextlib
import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.arguments import check_integer
from keras_rectifiers.diagnosis import examples, fixes
from keras_rectifiers.diagnosis.checks import (
    classes,
    data,
    layers,
    normalisation,
    numbers,
    outputs,
    own_losses,
    precision,
    rates,
    relation,
    structure,
    tokens,
    training,
    widths,
)
from keras_rectifiers.diagnosis.checks.trial import LEARNED_WELL, LEARNS, Trial
from keras_rectifiers.diagnosis.layer_measures import LayerMeasures, begun
from keras_rectifiers.diagnosis.loss_bounds import loss_bounds
from keras_rectifiers.diagnosis.own_optimizer import (
    can_rehearse,
    clipping_of,
    has_own_step,
    num_steps_taken,
    optimizer_of,
)
from keras_rectifiers.diagnosis.program import outputs_of
from keras_rectifiers.diagnosis.reasoning import reason
from keras_rectifiers.diagnosis.rehearsal import BATCH_SIZE, NUM_STEPS, Rehearser
from keras_rectifiers.diagnosis.rehearsed_program import Program
from keras_rectifiers.diagnosis.report import Diagnosis
from keras_rectifiers.inspection import call_trace
from keras_rectifiers.inspection.batch import checked_batch, mode_of, run_model
from keras_rectifiers.inspection.batch_statistics import (
    are_initial,
    with_batch_statistics,
)
from keras_rectifiers.inspection.example_losses import per_example
from keras_rectifiers.inspection.patching import computing_in_float32
from keras_rectifiers.inspection.probe import values_of


def diagnose(
    model: keras.Model,
    x,
    y=None,
    *,
    loss: Any = None,
    try_fixes: bool = False,
    num_steps: int = NUM_STEPS,
    batch_size: int = BATCH_SIZE,
) -> Diagnosis:
    """Finds out why a model does not train.

    It looks at the whole program: whether output, loss and targets belong together, at
    the data, at each hidden layer and its gradient, and, if the model is compiled, at
    some rehearsed steps of its own optimizer. What follows from something else is told
    under its cause.

    The layers are measured by one forward and one backward pass on a batch, for the
    model and for freshly initialised copies of it, because a healthy deep rectifier net
    also has dead units at initialisation. Frozen layers keep their weights in them. The
    steps are taken on a copy of the values. A model that overrides `train_step` or
    `compute_loss` is not rehearsed, because such a step may change more than variables
    of Keras, which could not be put back: `tf.Variable`s, generators, lists.
    The model, its optimizer and all random states stay as they are. The model may be
    untrained, and need not be compiled if the loss is given.

    Args:
        model: a model of any kind. Sequential, functional and nested models are
            supported, and subclassed models whose layers are attributes. For recurrent
            and attention layers, the outputs are measured. One that is not built yet is
            built, as `fit` would do it.
        x: a batch of inputs, `(examples, ...)`; 100 examples or more, because a unit
            counts as dead if it is inactive for all of them; of more than 2,048, so many
            from all parts are measured. For several inputs, a list or a dictionary. Or a data set with the targets: `tf.data.Dataset`, a loader
            of PyTorch, a `keras.utils.PyDataset`.
        y: the targets of the batch, in the form that `model.fit` expects.
        loss: a Keras loss or its name, or a function `(y, prediction) -> (examples,)`;
            for several outputs, a list or a dictionary of them. Default: the loss of
            the compiled model.
        try_fixes: whether to try the cures as well, each with as many steps from fresh
            weights, or four times as many if it helps slowly, and to say what each did.
            It takes the time of a rehearsal or a few for each cure, and needs a
            compiled model.
        num_steps: how many steps are rehearsed; 0 leaves the rehearsal out.
        batch_size: of these steps, as in `fit`; 1 or more.

    Returns:
        A `Diagnosis`, with `findings`, `frame`, `plot()` and `to_frame()`.

    Raises:
        ValueError: if the model has no loss, or if the batch is empty, has no targets or
            does not fit the model.

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
    check_integer("num_steps", num_steps, layer="diagnose", least=0)
    check_integer("batch_size", batch_size, layer="diagnose", least=1)
    x, y = examples.taken(x, y)
    x, y, found = _finite(x, y)
    x, y = examples.at_most(x, y)
    _build(model, x)
    tokens_given = x
    x, y = checked_batch(model, x, y)
    values = values_of(model)
    if are_initial(model):
        values = with_batch_statistics(model, values, x)
    found += tokens.check(model, tokens_given)
    measures = LayerMeasures(model, x)
    if any(f.kind == "tokens" and f.certainty == "certain" for f in found):
        # What has no row cannot be looked up, so nothing else can be measured.
        return _diagnosis(model, measures, reason(found, learns=None))
    prediction, calls = _traced(model, values, x)
    described = outputs_of(model, calls, prediction, _arrays(y), loss)
    inputs = measures.inputs(values, calls)
    # What frozen layers read is what their weights were trained on.
    frozen = {c.path for c in calls if not getattr(c.layer, "trainable", True)}
    judged = {layer: seen for layer, seen in inputs.items() if layer not in frozen}
    of_inputs = data.check_inputs(judged, _arrays(x))
    found += outputs.check(described)
    found += structure.check(model, calls)
    found += widths.check(calls, described)
    found += rates.check_optimizer(model)
    found += of_inputs
    found += data.check_targets(
        described, _arrays(x), may_be_constant=structure.ends_frozen(calls)
    )
    found += relation.check(described, _arrays(x))
    found += precision.check(model, values, x)
    try:
        losses = per_example(model, loss)
        now = _mean(losses(y, prediction))
    except Exception:  # which one depends on the backend
        # The targets do not fit the loss, so nothing else can be measured.
        if not any(f.kind in ("targets", "output", "loss") for f in found):
            raise
        return _diagnosis(model, measures, reason(found, learns=None))
    if measures.sites:
        measures.measure(y, loss, values)
        found += layers.check(measures.measured({} if of_inputs else judged))
        found += numbers.lost_signal(
            [site.name for site in measures.sites],
            measures.spreads,
            {name: float(np.sqrt(np.mean(c.std**2))) for name, c in inputs.items()},
        )
    found += own_losses.check(described, losses, y, prediction)
    bounds = loss_bounds(described, losses, y, prediction)
    num_taken = num_steps_taken(model)
    is_trained = num_taken > 0
    if is_trained:
        found += classes.check_trained(described)
        found += normalisation.check(model, values, x)
    has_learned = is_trained and bounds.is_under(LEARNS, now)
    spoilt = is_trained and bounds.are_known and not has_learned
    # A model that training has spoilt is looked at as it began.
    start = begun(model, x, 0) if spoilt else values
    found += numbers.check(
        described,
        numbers.gradient_norms(model, x, y, loss, start),
        calls,
        is_trained=is_trained,
    )
    trial = None
    if num_steps and bounds.are_known and can_rehearse(model):
        # What was trained in order is to be seen going on in random order.
        restarted = spoilt and not classes.is_order_of_classes(described)
        rehearser = Rehearser(
            model,
            x,
            y,
            loss=loss,
            values=start if restarted else values,
            continues=not restarted,
            batch_size=batch_size,
        )
        trial = Trial(
            bounds=bounds,
            is_trained=is_trained,
            now=now,
            own=rehearser.run(num_steps=num_steps),
            again=(lambda factor: rehearser.run(factor=factor, num_steps=num_steps))
            if rehearser.has_rate
            else None,
            restarted=restarted,
            num_taken=num_taken,
            clipping=clipping_of(model),
            in_training_mode=rehearser.first_loss(values)
            if is_trained and normalisation.is_used(calls)
            else math.nan,
        )
        seen = {f.kind for f in found} & {"order", "modes disagree", "rate too low"}
        found += [f for f in training.check(trial, described) if f.kind not in seen]
    causes = reason(
        found,
        learns=None if trial is None else trial.learns,
        has_learned=is_trained and bounds.is_under(LEARNED_WELL, now),
        has_failed=spoilt,
    )
    if try_fixes and trial is not None:
        program = Program(
            model=model,
            x=x,
            y=y,
            loss=loss,
            outputs=described,
            values=begun(model, x, 0) if is_trained else values,
        )
        causes = fixes.tried(program, causes, num_steps=num_steps)
    untried = try_fixes and trial is None and bool(causes)
    return _diagnosis(model, measures, causes, are_untried=untried)


def _diagnosis(model, measures, findings, *, are_untried=False) -> Diagnosis:
    notes = []
    if has_own_step(model) and optimizer_of(model) is not None:
        notes.append(
            "Its own step of training was not rehearsed, so nothing is known of its "
            "learning rate. A functional model can be looked at without it: compile "
            "keras.Model(model.inputs, model.outputs) in the same way."
        )
    if are_untried:
        notes.append(
            "No cure was tried: this needs a compiled model, a loss whose size is known, "
            "and num_steps above 0."
        )
    return Diagnosis(
        model=model.name,
        num_examples=measures.num_examples,
        frame=measures.frame(),
        fresh=measures.fresh_frame(),
        findings=tuple(findings),
        note=" ".join(notes),
    )


def _finite(x, y):
    """The examples without those that are NaN or infinite, and what was found."""
    try:
        as_arrays = [keras.tree.map_structure(np.asarray, nest) for nest in (x, y)]
        found, finite = data.not_finite(*as_arrays)
    except Exception:  # `checked_batch` says what is wrong with it
        return x, y, []
    if not found or not finite.any():
        return x, y, found
    x, y = (keras.tree.map_structure(lambda a: a[finite], nest) for nest in as_arrays)
    return x, y, found


def _build(model, x) -> None:
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


def _arrays(nest):
    return keras.tree.map_structure(ops.convert_to_numpy, nest)


def _mean(losses) -> float:
    return float(np.mean(ops.convert_to_numpy(losses)))
