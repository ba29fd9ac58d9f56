"""Claims on nets before training, on made-up tables with known answers."""

from collections.abc import Mapping

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.verdicts.judging import judge
from studies.vanishing_gradients import STUDY, at_random
from tests.studies.made_up_studies import Measures, made_up_tables, only, verdicts

# What is judged of nets before training.
AT_RANDOM = tuple(claim.id for claim in at_random.CLAIMS)


def gradients(slopes: Mapping[str, float], default: float = 0.0) -> Measures:
    """Gradients that decay by the activation's slope, a little else for each seed."""

    def measures(trial, epoch, layer):
        slope = slopes.get(trial.activation, default) + 1e-4 * (trial.seed % 10 - 4)
        values = {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}
        if CATALOGUE[trial.activation].bounded:
            values["saturation"] = 0.1
        return values

    return measures


def test_where_the_textbooks_are_right_the_study_says_so():
    tables = made_up_tables(STUDY, gradients({"sigmoid": -0.5, "tanh": -0.2}))
    found = verdicts(STUDY, tables, *AT_RANDOM)
    assert found["sigmoid-vanishes"] == {
        "sigmoid, He initialisation": "supported",
        "sigmoid, Glorot initialisation": "supported",
    }
    assert set(found["tanh-vanishes"].values()) == {"supported"}
    assert set(found["rectifier-flows"].values()) == {"supported"}
    assert len(found["rectifier-flows"]) == 2 * len(at_random.RECTIFIERS)


def test_where_the_textbooks_are_wrong_the_study_says_so():
    tables = made_up_tables(
        STUDY,
        gradients({"sigmoid": 0.0, "tanh": 0.02, "relu": -0.15, "gelu": 0.05}),
    )
    found = verdicts(STUDY, tables, *AT_RANDOM)
    assert set(found["sigmoid-vanishes"].values()) == {"contradicted"}
    assert set(found["tanh-vanishes"].values()) == {"contradicted"}
    flows = found["rectifier-flows"]
    assert flows["relu, MLP"] == flows["relu, CNN"] == "contradicted"
    assert flows["gelu, MLP"] == "contradicted"
    assert flows["elu, MLP"] == "supported"


def test_a_gradient_at_the_edge_is_left_open():
    tables = made_up_tables(STUDY, gradients({"sigmoid": -0.1}, default=0.02))
    found = verdicts(STUDY, tables, *AT_RANDOM)
    assert set(found["sigmoid-vanishes"].values()) == {"inconclusive"}
    assert set(found["rectifier-flows"].values()) == {"inconclusive"}


def test_only_the_untrained_net_of_the_stated_depth_and_start_is_judged():
    def measures(trial, epoch, layer):
        judged = (
            epoch == 0
            and trial.initializer == "gain"
            and (trial.architecture == "cnn" or trial.depth == 30)
        )
        slope = 0.0 if judged else -1.0
        return {"signal_gradient": 10 ** (slope * (trial.depth - 1 - layer))}

    tables = made_up_tables(STUDY, measures)
    found = verdicts(STUDY, tables, "rectifier-flows")
    assert set(found["rectifier-flows"].values()) == {"supported"}


def test_gradients_that_are_lost_are_counted_and_leave_the_claim_open():
    def measures(trial, epoch, layer):
        lost = trial.activation == "relu" and trial.seed < 3
        return {"signal_gradient": 0.0 if lost else 1.0}

    tables = made_up_tables(STUDY, measures)
    frame = judge(only(STUDY, "rectifier-flows"), tables)
    frame = frame.set_index("case")
    assert frame.loc["relu, MLP", "verdict"] == "inconclusive"
    assert frame.loc["relu, MLP", "num_excluded"] == 3
    assert frame.loc["elu, MLP", "num_excluded"] == 0
