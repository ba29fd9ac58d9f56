"""Where the studies' claims come from: each publication can be found."""

from keras_rectifiers.comparison.verdicts.sources import Source, references
from studies import STUDIES, sources


def publications() -> list[Source]:
    return [found for found in vars(sources).values() if isinstance(found, Source)]


def test_each_publication_has_a_name_of_its_own_and_makes_a_claim():
    cited = [s for st in STUDIES.values() for c in st.claims for s in c.sources]
    assert references(cited) == references(publications())


def test_a_publication_with_an_author_has_an_address():
    named = [source for source in publications() if source.author]
    assert len(named) >= 10
    for source in named:
        assert source.url.startswith("https://"), source
        assert source.year or source.author == "Wikipedia", source
