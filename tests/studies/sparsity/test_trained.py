"""Sparsity after training, on made-up tables with known answers."""

from keras_rectifiers.comparison.verdicts.judging import judge
from studies.sparsity import trained
from tests.studies.made_up_studies import made_up_tables
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros


def test_a_net_that_has_not_learned_does_not_count_as_sparse():
    tables = made_up_tables(STUDY, zeros(SHARES, trained=0.9), accuracy=0.1)
    frame = judge(STUDY, tables)
    rows = frame[frame["claim"] == "sparse-trained"]
    assert set(rows["verdict"]) == {"not testable here"}
    assert set(rows["num_unfit"]) == {10}


def test_every_seed_is_trained_with_every_penalty_and_without():
    weights = {"MLP": (1e-4, 1e-3), "CNN": (1e-3,)}
    trials = trained.trials(seeds=range(2), epochs=1, penalties=weights)
    assert {(t.depth, t.activity_l1, t.seed) for t in trials} == {
        (depth, penalty, seed)
        for depth, own in ((4, (0.0, 1e-4, 1e-3)), (3, (0.0, 1e-3)))
        for penalty in own
        for seed in range(2)
    }
    assert len(trials) == 10


def test_the_sparsest_layer_of_each_net_after_training_is_told():
    def measures(trial, epoch, layer):
        return {"sparsity": 0.5 + 0.1 * (layer == 1) * (epoch > 0)}

    figure = next(f for f in STUDY.figures if f.name == "layers")
    assert figure.finding is not None
    said = figure.finding(made_up_tables(STUDY, measures))
    assert said.startswith(
        "The share of zeros in the sparsest layer after training: 60% in layer 1 (MLP, "
    )
    assert said.count("60% in layer 1 (CNN, ") == 4
