"""Publications, their places, and the list of them."""

import re

import pytest

from keras_rectifiers.comparison.verdicts.sources import Source, references

XU = Source(author="Xu", year=2015, title="Empirical evaluation", url="https://x.org")
WIKI = Source(author="Wikipedia", title="Rectifier (neural networks)")
TEXT = Source(title="A tutorial on ReLU")


@pytest.mark.parametrize(
    ("source", "label", "anchor"),
    [
        (XU, "Xu 2015", "source-xu-2015"),
        (XU.at("table 2"), "Xu 2015", "source-xu-2015"),
        (WIKI, "Wikipedia", "source-wikipedia"),
        (TEXT, "A tutorial on ReLU", "source-a-tutorial-on-relu"),
    ],
)
def test_a_source_is_called_by_author_and_year_or_by_its_title(source, label, anchor):
    assert (source.label, source.anchor) == (label, anchor)


def test_a_publication_is_listed_once_whatever_parts_of_it_are_named():
    parts = [XU.at("section 4"), WIKI, TEXT, XU, WIKI.at("Variants")]
    assert references(parts) == [TEXT, WIKI, XU]
    assert XU.at("section 4").section == "section 4" and XU.section == ""


def test_two_publications_of_one_name_are_refused():
    other = Source(author="Xu", year=2015, title="Another paper")
    message = (
        "Expected publications that differ in author and year, or in title if they have "
        "no author. Give one of them a letter, such as 'Xu b'. Received: more than one "
        "'Xu 2015'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        references([XU, other])
