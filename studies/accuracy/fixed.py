"""Activations of a fixed shape: sigmoids, ReLU, leaky ReLU and ELU."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import (
    bounded_hodges_lehmann,
    paired_outcomes,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Equivalence
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.accuracy.nets import (
    SLOPES,
    XU,
    best_trials,
    better_net_learned,
    both_nets_learned,
    claim_on_pairs,
    lead,
)

# The largest difference that does not matter: a tenth of ReLU's error rate.
NEGLIGIBLE = 0.10


# The claims ---------------------------------------------------------------------------


def _leaky_error(tables: Tables) -> dict[str, pd.Series]:
    return _relative_errors(tables, "leaky_relu")


def _relative_errors(tables: Tables, *others: str) -> dict[str, pd.Series]:
    trials = best_trials(tables, "MLP")
    relu = where(trials, activation="relu", diverged=False)
    error = 1 - relu["test_accuracy"].median()
    return {
        f"relu and {other}, MLP": paired_outcomes(
            trials, "test_accuracy", "relu", other
        )
        / error
        for other in others
    }


def _sigmoid_differs(tables: Tables) -> dict[str, pd.Series]:
    errors = _relative_errors(tables, "leaky_relu", "sigmoid")
    seeds = errors["relu and leaky_relu, MLP"].index
    differs = _differs(errors["relu and sigmoid, MLP"])
    return {"relu and leaky_relu, MLP": pd.Series(differs, index=seeds)}


def _differs(relative: pd.Series) -> bool:
    known = relative.where(np.isfinite(relative))
    if known.empty:
        return False
    interval = bounded_hodges_lehmann(known.fillna(-np.inf), known.fillna(np.inf))
    return interval.low > NEGLIGIBLE or interval.high < -NEGLIGIBLE


_CAFFENET = (
    "A benchmark of CaffeNet on ImageNet, top-1 accuracy: ReLU 0.471, tanh 0.401, "
    "leaky (1/3) 0.469, RReLU 0.478, PReLU 0.485, ELU 0.488. Different net and "
    "training budget."
)


CLAIMS = (
    claim_on_pairs(
        "relu-better",
        "ReLU does better than sigmoid and tanh.",
        (sources.INTRODUCTION.at(sources.ADVANTAGES), sources.TUTORIAL),
        "test accuracy of ReLU above that of the other activation",
        lead("relu", ("sigmoid", "tanh"), labels=("MLP", "CNN")),
        precondition=better_net_learned(
            "relu", ("sigmoid", "tanh"), labels=("MLP", "CNN")
        ),
        comparable_if=both_nets_learned(
            "relu", ("sigmoid", "tanh"), labels=("MLP", "CNN")
        ),
        published=_CAFFENET,
    ),
    claim_on_pairs(
        "tanh-over-sigmoid",
        "Tanh typically does better than the logistic sigmoid.",
        (sources.INTRODUCTION.at(sources.LIMITATIONS),),
        "test accuracy of tanh above that of the sigmoid",
        lead("tanh", ("sigmoid",), labels=("MLP", "CNN")),
        precondition=better_net_learned("tanh", ("sigmoid",), labels=("MLP", "CNN")),
        comparable_if=both_nets_learned("tanh", ("sigmoid",), labels=("MLP", "CNN")),
    ),
    Claim(
        id="leaky-negligible",
        statement="A slope of 0.01 makes little difference to ReLU.",
        sources=(sources.OVERVIEW, sources.HE),
        nets="MLPs of 6 layers",
        precondition=Precondition(
            text="the nets can tell activations apart: the 95% interval of the "
            "difference between ReLU and sigmoid lies entirely beyond ±10% of ReLU's "
            "error",
            holds=_sigmoid_differs,
        ),
        comparable_if=both_nets_learned("relu", ("leaky_relu",)),
        criterion="Nets at their own best learning rates (by validation error): the "
        "90% interval of the difference in test error to ReLU is within ±10% of "
        "ReLU's median error.",
        rule=Equivalence(margin=NEGLIGIBLE),
        effects=_leaky_error,
        outcomes=("test_accuracy",),
        quantity="relative difference in test error (leaky_relu minus relu)",
        in_words=lambda d: (
            f"the test error of leaky_relu is {abs(d):.1%} "
            f"{'larger' if d >= 0 else 'smaller'} than that of relu"
        ),
    ),
    claim_on_pairs(
        "leaky-better",
        "Leaky ReLU is better than ReLU.",
        (sources.TUTORIAL,),
        "test accuracy of leaky ReLU with each slope above that of ReLU",
        lead("relu", tuple(SLOPES), sign=-1),
        precondition=better_net_learned("relu", tuple(SLOPES)),
        comparable_if=both_nets_learned("relu", tuple(SLOPES)),
        published=XU,
    ),
    claim_on_pairs(
        "leaky-worse",
        "Leaky ReLU is worse than ReLU.",
        (sources.ARTICLE.at(sources.VARIANTS), sources.OVERVIEW),
        "test accuracy of ReLU above that of leaky ReLU with each slope",
        lead("relu", tuple(SLOPES)),
        precondition=better_net_learned("relu", tuple(SLOPES)),
        comparable_if=both_nets_learned("relu", tuple(SLOPES)),
        opposite_of="leaky-better",
        published=XU,
    ),
    claim_on_pairs(
        "very-leaky-better",
        "A slope of 1/5.5 does better than one of 0.01.",
        (sources.OVERVIEW, sources.XU),
        "test accuracy with the larger slope above that with the smaller",
        lead("very_leaky_relu", ("leaky_relu",)),
        precondition=better_net_learned("very_leaky_relu", ("leaky_relu",)),
        comparable_if=both_nets_learned("very_leaky_relu", ("leaky_relu",)),
        published=XU,
    ),
    claim_on_pairs(
        "elu-better",
        "ELU is more accurate than ReLU.",
        (sources.ARTICLE.at(sources.VARIANTS), sources.CLEVERT.at("abstract")),
        "test accuracy of ELU above that of ReLU",
        lead("elu", ("relu",), labels=("MLP", "CNN")),
        precondition=better_net_learned("elu", ("relu",), labels=("MLP", "CNN")),
        comparable_if=both_nets_learned("elu", ("relu",), labels=("MLP", "CNN")),
        published=_CAFFENET,
    ),
)
