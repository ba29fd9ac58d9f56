"""Compares activations in a model of one's own, on one's own data."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from keras_rectifiers.arguments import check_flag, check_integer, shown
from keras_rectifiers.comparison.comparing import budget as budgets
from keras_rectifiers.comparison.comparing.comparison import Comparison
from keras_rectifiers.comparison.comparing.contenders import read_contenders
from keras_rectifiers.comparison.comparing.examples import read_examples
from keras_rectifiers.comparison.comparing.experiment import Experiment
from keras_rectifiers.comparison.comparing.losers import findings_of_losers
from keras_rectifiers.comparison.comparing.metrics import choose_metric
from keras_rectifiers.comparison.comparing.notes import describe, notes_on
from keras_rectifiers.comparison.comparing.preflight import check_models
from keras_rectifiers.comparison.comparing.progress import Progress
from keras_rectifiers.comparison.comparing.results import read_results
from keras_rectifiers.comparison.comparing.settings import (
    check_batch_size,
    check_workers,
    read_rates,
    read_seeds,
)
from keras_rectifiers.comparison.comparing.splitting import split_for
from keras_rectifiers.comparison.comparing.work import carry_out
from keras_rectifiers.comparison.training.task import Task
from keras_rectifiers.comparison.trials.store import Store

__all__ = ["Comparison", "compare"]


def compare(
    build_model: Callable,
    data: Any,
    *,
    activations: Any,
    seeds: int | Sequence[int] = 10,
    learning_rates: Any = "auto",
    epochs: int = 20,
    batch_size: int | None = None,
    metric: str | None = None,
    higher_is_better: bool | None = None,
    smallest_effect: float | None = None,
    budget: str | float | None = None,
    workers: int | str = 1,
    out: str | os.PathLike | None = None,
    reference: Any = "relu",
    patience: int = 0,
    measures: bool = True,
    verbose: bool | None = None,
    version: str = "",
) -> Comparison:
    """Finds out which activations are better in your model, on your data.

    Every activation is trained with every seed at every learning rate. A seed is a whole
    experiment: it sets the initial weights, the order of the examples and the split of
    the data, the same for all activations; and it chooses the learning rate of each
    activation by its own validation part. The test part is used once, for the score.

    Args:
        build_model: a function that takes an activation, calls `activation()` wherever
            a layer of it goes, and returns a Keras model, compiled or not. If not, it
            is compiled with Adam, and a loss and a metric that suit its outputs and the
            targets. The initializers are those of the model, for all activations, and
            are drawn anew for each seed. For kernels that read outputs of the activation,
            `kernel_initializer=activation.initializer()` is the one that suits it (for
            ReLU He's); which kernels these are cannot be told safely of any model.
            `activation.name` is the name.
        data: `(x, y)` or `(x, y, sample_weight)`, from which each seed draws a fifth
            for validation and a fifth for the test; three such tuples, for training,
            validation and test; two, for training and test; or tf.data datasets or
            PyTorch loaders of known size in their place, read into memory. Several inputs
            are a list or a dictionary. Inputs are not scaled.
        activations: a list of names (of `keras_rectifiers.get`), layers, classes,
            functions of x and functions that return a new layer, or a dictionary of
            them by name. A layer stands for new ones like it.
        seeds: how many, at least 2, or the seeds. With a `budget`, the most.
        learning_rates: `"auto"` for the optimizer's own rate and two steps of half a
            decade on both sides; a list of rates; or None for the optimizer's own alone.
        epochs: the number of epochs.
        batch_size: examples in a step. Default: 32, or all if they are fewer.
        metric: a metric of the model, or `"loss"`. Default: its first metric, or its
            loss.
        higher_is_better: whether more of the metric is better. Default: by its name.
        smallest_effect: the smallest effect of interest: the smallest difference in
            the metric that matters to you.
            Default: 0.01, one percentage point, of accuracy and other shares; for
            errors and losses 2% of what the best constant guess gets.
        budget: a time, such as `"20 min"`. A few steps are measured first, to choose how
            many seeds and learning rates fit.
        workers: 1 trains in this process. More train in that many others on this
            machine, which share its processor cores; a part of the work is an
            activation with some of the seeds. Each process loads Keras and holds the
            data, so they pay where the whole takes many minutes and one process leaves
            cores idle. The address of a Dask scheduler, such as
            `"tcp://10.0.0.7:8786"`, stands for its workers, with the same versions of
            this package and of the backend. The results are the same.
        out: a folder in which finished trainings are kept. The same call goes on with
            what is missing.
        reference: the activation with which the others are compared. It is added if it
            is not among them.
        patience: after so many epochs without a lower validation loss a training stops;
            0: none does.
        measures: whether the layers are measured too, for the report.
        verbose: whether progress is written. Default: on a terminal or in a notebook.
        version: changes what `out` takes for the same work. Change it when code of other
            modules has changed that `build_model` or an activation uses, or what an
            object holds that they use.

    Returns:
        The `Comparison`: `print` it, or see `.summary()`, `.table`, `.best`, `.plot()`,
        `.report(path)`. After Ctrl-C it has what is finished.

    Raises:
        TypeError, ValueError: if an argument is not valid, the data or the model cannot
            be used, or the budget is too small. All is checked before any training.
        RuntimeError: if every training failed.
        ConnectionError: if there is no Dask scheduler, no worker, or it is lost.
        KeyboardInterrupt: if nothing is finished.

    Example:

    >>> import keras, numpy as np
    >>> import keras_rectifiers
    >>> def build_model(activation):
    ...     layers = keras.layers
    ...     return keras.Sequential(
    ...         [keras.Input((2,)), layers.Dense(4), activation(), layers.Dense(1)]
    ...     )
    >>> x = np.random.default_rng(0).normal(size=(40, 2))
    >>> found = keras_rectifiers.compare(
    ...     build_model, (x, x[:, 0]), activations=["tanh"], seeds=2, epochs=1
    ... )
    >>> found.best
    ('relu', 'tanh')
    """
    workers = check_workers(workers, has_budget=budget is not None)
    epochs = check_integer("epochs", epochs, layer="compare", least=1)
    patience = check_integer("patience", patience, layer="compare", least=0)
    measures = check_flag("measures", measures, layer="compare")
    if higher_is_better is not None:
        higher_is_better = check_flag(
            "higher_is_better", higher_is_better, layer="compare"
        )
    if not isinstance(version, str):  # of anything else the text may never be the same
        raise TypeError(
            "Expected `version` to be a string, such as '2'. Received: "
            f"{shown(version)}"
        )
    seconds = budgets.seconds_of(budget) if budget is not None else None
    seeds = read_seeds(seeds)
    contenders, reference = read_contenders(activations, reference)
    examples = read_examples(data)
    store = None
    if out is not None:
        store = Store(out)
        store.prepare()
    split = split_for(examples, seeds[0])
    batch_size = check_batch_size(batch_size, len(split.train))
    checked = check_models(build_model, contenders, examples.data, metric=metric)
    chosen = choose_metric(
        checked.metrics,
        examples.data.y,
        loss=checked.loss,
        metric=None if checked.recipe and metric not in checked.metrics else metric,
        higher_is_better=higher_is_better,
        smallest_effect=smallest_effect,
    )
    experiment = Experiment(
        builders=checked.builders,
        configs=checked.configs,
        examples=examples,
        seeds=seeds,
        rates=read_rates(learning_rates, checked.learning_rate),
        own_rate=checked.learning_rate,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        measures={n: measures and bool(found) for n, found in checked.layers.items()},
        version=version,
    )
    plan = None
    if seconds is not None and isinstance(workers, int):
        plan = budgets.plan(
            budgets.measure_costs(experiment),
            seconds,
            num_activations=len(contenders),
            most_seeds=len(seeds),
            rates=experiment.rates,
            epochs=epochs,
            metric=chosen,
            num_test=len(split.test),
            workers=workers,
        )
        experiment = replace(
            experiment, seeds=seeds[: plan.num_seeds], rates=plan.rates
        )
    total = sum(
        len(part.seeds) for part in experiment.parts(store.done() if store else ())
    )
    progress = Progress(total, verbose=verbose)
    for told in [*checked.remarks, *([plan.told] if plan is not None else [])]:
        progress.say(told)
    work = carry_out(experiment, store=store, workers=workers, progress=progress)
    if work.tables.trials.empty:
        if work.is_interrupted:
            raise KeyboardInterrupt
        raise RuntimeError(
            "Every training failed. The first error was:\n"
            + next(iter(work.failures.values()), "none")
        )
    names = [contender.name for contender in contenders]
    results = read_results(
        work.tables, activations=names, reference=reference, metric=chosen
    )
    notes = notes_on(results, work, experiment, checked, plan=plan)
    return Comparison(
        results=results,
        notes=notes,
        method=describe(experiment, checked, chosen),
        is_interrupted=work.is_interrupted,
        failures=work.failures,
        diagnose_losers=lambda: findings_of_losers(
            results,
            checked.layers,
            examples.data,
            num_examples=min(Task.probe_size, len(split.train)),
        ),
    )
