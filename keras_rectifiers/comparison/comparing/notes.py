"""What a reader of a comparison should know, and what was done."""

from collections.abc import Mapping

import keras

from keras_rectifiers.comparison.comparing.budget import Plan
from keras_rectifiers.comparison.comparing.errors import brief_traceback
from keras_rectifiers.comparison.comparing.experiment import Experiment
from keras_rectifiers.comparison.comparing.preflight import Checked
from keras_rectifiers.comparison.comparing.results import Results
from keras_rectifiers.comparison.comparing.work import Work
from keras_rectifiers.comparison.verdicts.contest import Metric
from keras_rectifiers.comparison.verdicts.contest_sentences import amount
from keras_rectifiers.comparison.verdicts.summary import listed


def notes_on(
    results: Results,
    work: Work,
    experiment: Experiment,
    checked: Checked,
    *,
    plan: Plan | None,
) -> list[str]:
    """Says what limits the results, in sentences."""
    notes = []
    if work.is_interrupted:
        notes.append(
            "Interrupted: this is what was finished. With out=, the same call goes on."
        )
    for name, error in work.failures.items():
        notes.append(f"{name} could not be trained: {brief_traceback(error)}")
    if plan is not None:
        notes.append(f"Planned before training: {plan.told}")
    notes += checked.remarks
    if checked.recipe is not None:
        notes.append(f"The model was not compiled; chosen were {checked.recipe}.")
    if checked.learning_rate is None:
        notes.append("The learning rate was not tuned, because it has a schedule.")
    elif len(experiment.rates) == 1:
        notes.append(
            "The learning rate was not tuned, so an activation may be worse only "
            "because another rate suits it."
        )
    notes += _at_edge(results)
    notes += _modes(results)
    return notes


def _at_edge(results: Results) -> list[str]:
    edge = results.at_edge
    if not edge:
        return []
    told = listed([f"{name} ({rate:.2g})" for name, rate in edge.items()])
    return [
        "The best learning rate is at the edge of the grid for "
        f"{told}: one beyond it may do better. Give learning_rates=[...]."
    ]


def _modes(results: Results) -> list[str]:
    trained = results.trained
    notes = []
    alone = trained[trained["reason"] != ""]
    for reason, rows in alone.groupby("reason"):
        names = listed(list(dict.fromkeys(rows["activation"])))
        notes.append(f"Trained one by one ({reason}): {names}.")
    modes = trained.groupby("activation")["mode"].agg(
        lambda m: " and ".join(sorted(set(m)))
    )
    if modes.nunique() > 1:
        told = listed([f"{name} by {mode}" for name, mode in modes.items()])
        notes.append(
            f"Not all were trained in the same way ({told}), and small differences "
            "between these ways are part of the results."
        )
    return notes


def describe(
    experiment: Experiment, checked: Checked, metric: Metric
) -> Mapping[str, str]:
    """Describes what was done: term -> text."""
    examples = experiment.examples
    parts = (
        f"{examples.num_train} for training, {examples.num_validation} for validation "
        f"and {examples.num_test} for the test, as given"
        if examples.num_validation
        else f"{examples.data.num_examples} examples; each seed draws its parts"
        + (
            f", but for the {examples.num_test} given for the test"
            * bool(examples.num_test)
        )
    )
    rates = [r for r in experiment.rates if r is not None]
    tuned = ", ".join(f"{rate:.2g}" for rate in rates) or "the optimizer's own"
    direction = "more" if metric.higher_is_better else "less"
    told = {
        "Data": parts + ".",
        "Metric": f"{metric.name}; {direction} is better. The smallest effect of "
        f"interest is {amount(metric.smallest_effect, metric)}.",
        "Seeds": f"{len(experiment.seeds)}.",
        "Learning rates": f"{tuned}.",
        "Training": f"{experiment.epochs} epochs in batches of {experiment.batch_size}"
        + (f", patience {experiment.patience}" if experiment.patience else "")
        + f", on the backend {keras.backend.backend()}.",
    }
    if checked.recipe is not None:
        told["Compiled with"] = f"{checked.recipe}."
    return told
