"""Which activation to take, by rule."""

from keras_rectifiers.comparison.reporting.advice import advice
from keras_rectifiers.comparison.reporting.property_table import property_table
from tests.comparison.reporting.test_property_table import column

ACCURACY = {"relu": 0.9, "leaky_relu_0.1": 0.9, "elu": 0.9, "sigmoid": 0.5}
MARKS = {"relu": "good", "leaky_relu_0.1": "good", "elu": "unclear", "sigmoid": "bad"}


def ranked(mark=None, **fields):
    return column(
        "accuracy",
        ACCURACY,
        mark=mark or MARKS,
        best="highest",
        bad_in_words="is less accurate",
        **fields,
    )


def dying(mark):
    values = dict.fromkeys(mark, 0.3)
    return column("dying", values, mark=mark, bad_in_words="can die")


def test_what_is_as_good_as_the_best_and_has_nothing_against_it_is_advised():
    table = property_table([ranked(), dying({"relu": "bad", "sigmoid": "good"})], {})
    assert advice(table) == [
        "In MLPs of 6 layers, take leaky ReLU (0.1): by “Accuracy”, it is as good as "
        "the best of the 4 compared, and nothing in the table counts against it (ELU "
        "may be as good: unclear).",
        "What counts against each: ReLU can die; sigmoid is less accurate in MLPs of 6 "
        "layers.",
    ]


def test_if_something_counts_against_all_of_the_best_that_is_said():
    table = property_table(
        [ranked(), dying({"relu": "bad", "leaky_relu_0.1": "bad"})], {}
    )
    assert "ReLU and leaky ReLU (0.1) are the best" in advice(table)[0]
    assert "though each of them can die" in advice(table)[0]
    unclear = dict.fromkeys(ACCURACY, "unclear")
    (sentence,) = advice(property_table([ranked(mark=unclear)], {}))
    assert "no activation is clearly as good as the best by “Accuracy”" in sentence


def test_there_is_a_sentence_for_each_kind_of_net():
    in_cnns = {**MARKS, "leaky_relu_0.1": "bad"}
    found = [ranked(), ranked(nets="CNNs of 2 layers", mark=in_cnns)]
    first, second, third = advice(property_table(found, {}))
    # What counts in CNNs does not in MLPs.
    assert first.startswith("In MLPs of 6 layers, take ReLU or leaky ReLU (0.1):")
    assert second.startswith(
        "In CNNs of 2 layers, take ReLU: by “Accuracy”, it is the best of the 4 compared,"
    )
    assert third == (
        "What counts against each: leaky ReLU (0.1) is less accurate in CNNs of 2 "
        "layers; sigmoid is less accurate in MLPs of 6 layers and CNNs of 2 layers."
    )


def test_of_nets_without_a_best_it_is_said_what_is_good_there():
    values = {"relu": 0.0, "sigmoid": -0.4}
    deep = column(
        "gradient",
        values,
        mark={"relu": "good", "sigmoid": "bad"},
        nets="MLPs of 30 layers",
        bad_in_words="loses the gradient",
    )
    assert advice(property_table([ranked(), deep], {}))[1] == (
        "In MLPs of 30 layers, ReLU is good by “Gradient”. The table does not say how "
        "well such nets learn."
    )


def test_without_a_property_that_has_a_best_nothing_is_advised():
    assert advice(property_table([dying({"relu": "bad"})], {})) == []
