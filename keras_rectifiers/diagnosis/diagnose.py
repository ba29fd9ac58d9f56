"""Finds out why a model does not train: data, model, loss, optimizer and layers."""

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
from keras_rectifiers.diagnosis.cures import CURES
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.layer_measures import LayerMeasures
from keras_rectifiers.diagnosis.loss_bounds import loss_bounds
from keras_rectifiers.diagnosis.own_optimizer import (
    can_rehearse,
    has_own_step,
    optimizer_of,
)
from keras_rectifiers.diagnosis.progress import (
    Progress,
    first_values,
    progress_of,
    rehearsed,
)
from keras_rectifiers.diagnosis.reasoning import reason
from keras_rectifiers.diagnosis.rehearsal import BATCH_SIZE, NUM_STEPS
from keras_rectifiers.diagnosis.rehearsed_program import first_program
from keras_rectifiers.diagnosis.report import Diagnosis
from keras_rectifiers.diagnosis.subject import Subject, build, looked_at
from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.example_losses import per_example


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
            compiled model. A cure is also tried where the program cannot be run as it
            is, because its targets do not fit the loss.
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
    taken = x, y = examples.taken(x, y)
    x, y, found = examples.finite(x, y)
    x, y = examples.at_most(x, y)
    build(model, x)
    given = x
    x, y = checked_batch(model, x, y)
    found += tokens.check(model, given)
    measures = LayerMeasures(model, x)
    subject = None
    if any(f.kind == "tokens" and f.certainty == "certain" for f in found):
        # What has no row cannot be looked up, so nothing else can be measured.
        causes = reason(found, learns=None)
    else:
        subject = looked_at(model, x, y, loss, measures)
        causes = _causes(subject, found, num_steps=num_steps, batch_size=batch_size)
    if try_fixes and num_steps and can_rehearse(model):
        program = first_program(
            model,
            x,
            y,
            loss,
            values=subject and subject.values,
            outputs=subject.outputs if subject else (),
            as_given=examples.with_lost(*taken, like=(x, y)),
        )
        causes = fixes.tried(program, causes, num_steps=num_steps)
    return Diagnosis(
        model=model.name,
        num_examples=measures.num_examples,
        frame=measures.frame(),
        fresh=measures.fresh_frame(),
        findings=tuple(causes),
        note=_note(model, causes, try_fixes=try_fixes),
    )


def _causes(
    subject: Subject, found: list[Finding], *, num_steps: int, batch_size: int
) -> list[Finding]:
    """Applies all other rules, and puts what follows from something under its cause."""
    of_inputs = data.check_inputs(subject.judged_inputs, subject.arrays)
    found = [*found, *of_inputs, *_of_program(subject)]
    try:
        losses = per_example(subject.model, subject.loss)
        now = losses(subject.y, subject.prediction)
        now = float(np.mean(ops.convert_to_numpy(now)))
    except Exception:  # which one depends on the backend
        # The targets do not fit the loss, so nothing else can be measured.
        if not any(f.kind in ("targets", "output", "loss") for f in found):
            raise
        return reason(found, learns=None)
    of_loss = subject.outputs, losses, subject.y, subject.prediction
    found += _of_layers(subject, judges_inputs=not of_inputs)
    found += own_losses.check(*of_loss)
    progress = progress_of(subject, loss_bounds(*of_loss), now)
    start = first_values(subject, progress)
    found += _of_training(subject, progress, start)
    rehearsals = rehearsed(
        subject, progress, start, num_steps=num_steps, batch_size=batch_size
    )
    if rehearsals is not None:
        seen = {f.kind for f in found} & {"order", "modes disagree", "rate too low"}
        of_rehearsals = training.check(rehearsals, subject.outputs)
        found += [f for f in of_rehearsals if f.kind not in seen]
    return reason(
        found,
        learns=None if rehearsals is None else rehearsals.learns,
        has_learned=progress.has_learned_well,
        has_failed=progress.is_spoilt,
    )


def _of_program(subject: Subject) -> list[Finding]:
    """What is wrong whatever the loss is: of model, data and optimizer."""
    described, x = subject.outputs, subject.arrays
    return [
        *outputs.check(described, subject.calls),
        *structure.check(subject.model, subject.calls),
        *widths.check(subject.calls, described),
        *rates.check_optimizer(subject.model),
        *data.check_targets(
            described, x, may_be_constant=structure.ends_frozen(subject.calls)
        ),
        *relation.check(described, x),
        *precision.check(subject.model, subject.values, subject.x),
    ]


def _of_layers(subject: Subject, *, judges_inputs: bool) -> list[Finding]:
    """What one forward and one backward pass show of the hidden layers."""
    measures = subject.measures
    if not measures.sites:
        return []
    measures.measure(subject.y, subject.loss, subject.values)
    spreads = {
        name: float(np.sqrt(np.mean(columns.std**2)))
        for name, columns in subject.inputs.items()
    }
    names = [site.name for site in measures.sites]
    inputs = subject.judged_inputs if judges_inputs else {}
    return [
        *layers.check(measures.measured(inputs)),
        *numbers.lost_signal(names, measures.spreads, spreads),
    ]


def _of_training(subject: Subject, progress: Progress, start) -> list[Finding]:
    """What a training has left behind, and the gradients at the start."""
    model, x, is_trained = subject.model, subject.x, progress.is_trained
    left_behind = (
        (
            *classes.check_trained(subject.outputs),
            *normalisation.check(model, subject.values, x),
        )
        if is_trained
        else ()
    )
    norms = numbers.gradient_norms(model, x, subject.y, subject.loss, start)
    of_gradients = numbers.check(
        subject.outputs, norms, subject.calls, is_trained=is_trained
    )
    return [*left_behind, *of_gradients]


def _note(model, causes, *, try_fixes) -> str:
    """What was not looked at."""
    notes = []
    if has_own_step(model) and optimizer_of(model) is not None:
        notes.append(
            "Its own step of training was not rehearsed, so nothing is known of its "
            "learning rate. A functional model can be looked at without it: compile "
            "keras.Model(model.inputs, model.outputs) in the same way."
        )
    have_cures = any(finding.kind in CURES for finding in causes)
    if try_fixes and have_cures and not any(finding.tried for finding in causes):
        notes.append(
            "No cure was tried: this needs a compiled model, a loss whose size is known, "
            "and num_steps above 0."
        )
    return " ".join(notes)
