"""Whether the weights of trained nets are zero too."""

import pandas as pd

from keras_rectifiers.comparison.statistics import by_seed, measured, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from studies import sources
from studies.points import in_percent
from studies.sparsity.trained import L1, NETS, after_training, trained_nets
from studies.sparsity.zeros import mean_of_nets

SOME = 0.01


# The claims ---------------------------------------------------------------------------


def _zero_weights(tables: Tables) -> dict[str, pd.Series]:
    rows = mean_of_nets(after_training(measured(tables, "zero_weights")))
    cases = {}
    for label in NETS:
        nets = trained_nets(rows, label)
        for kind, penalty in (("without L1", 0.0), ("with L1", L1)):
            cases[f"{label}, {kind}"] = by_seed(where(nets, penalty=penalty))
    return cases


CLAIMS = (
    Claim(
        id="zero-weights",
        statement="Some of the weights of a ReLU net are zero.",
        sources=(sources.TUTORIAL,),
        nets={"MLP": "MLPs of 4 layers", "CNN": "CNNs of 3 layers"},
        kind=Kind.IDENTITY,
        kind_reason="Weights are drawn from a continuous distribution and changed by "
        "real numbers; nothing in the training sets one to exactly 0.",
        criterion="The same nets after training, without and with an L1 penalty of "
        f"{L1:g} on the activations: the whole interval of the share of hidden "
        f"weights that are exactly 0, averaged over layers, is at or above {SOME:g}.",
        rule=AtLeast(threshold=SOME),
        effects=_zero_weights,
        quantity="share of weights that are exactly 0",
        digits=4,
        in_words=lambda share: (
            f"{in_percent(share)} of all weights are exactly 0"
            if share
            else "no weight is exactly 0"
        ),
    ),
)
