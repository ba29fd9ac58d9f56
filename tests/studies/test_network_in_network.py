"""The claims of the study of networks in networks, on made-up tables, and its data."""

from studies import profiles
from studies.network_in_network import STUDY
from tests.studies.made_up_studies import verdicts
from tests.studies.network_in_network.made_up_rectifiers import LEVELS, TRAIN, tables


def test_where_the_paper_is_right_the_study_says_so():
    found = verdicts(STUDY, tables())
    assert set(found) == {claim.id for claim in STUDY.claims}
    assert {verdict for cases in found.values() for verdict in cases.values()} == {
        "supported"
    }
    assert list(found["rrelu-best"]) == [
        f"rrelu and {other}"
        for other in ("relu", "leaky_relu", "very_leaky_relu", "prelu")
    ]


def test_where_the_paper_is_wrong_the_study_says_so():
    wrong = {name: 1.03 - level for name, level in LEVELS.items()}
    train = {name: 1.4 - level for name, level in TRAIN.items()}
    found = verdicts(STUDY, tables(wrong, train, slopes=(0.1, 0.5)))
    assert {verdict for cases in found.values() for verdict in cases.values()} == {
        "contradicted"
    }


def test_the_standard_profile_takes_5000_images_of_cifar10():
    data = profiles.data_of(STUDY, "standard")
    assert (data.datasets, data.train_size) == (("cifar10",), 5000)
    assert profiles.data_of(STUDY, "full") == profiles.PROFILES["full"]
    assert STUDY.planned("quick") == []
