"""Where claims are made: publications, and the places in them."""

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Source:
    """A publication that makes a claim, or a place in it.

    Args:
        title: its title, or what it is if it has none.
        author: the surname of its first author; empty if it is not known.
        year: the year of publication; None if it is not known or changes, as for an
            encyclopaedia.
        url: its address on the web; empty if it is not known.
        section: the part of it that makes the claim; empty for all of it.
    """

    title: str
    author: str = ""
    year: int | None = None
    url: str = ""
    section: str = ""

    @property
    def label(self) -> str:
        """What it is called in a text: author and year, or else its title."""
        if not self.author:
            return self.title
        return f"{self.author} {self.year}" if self.year else self.author

    @property
    def anchor(self) -> str:
        """The name of its entry in a list of references, for links."""
        words = re.findall(r"[a-z0-9]+", self.label.lower())
        return "-".join(["source", *words])

    @property
    def whole(self) -> "Source":
        """The publication, without the part of it."""
        return replace(self, section="")

    def at(self, section: str) -> "Source":
        """A part of the publication."""
        return replace(self, section=section)


def references(sources) -> list[Source]:
    """The publications of sources, each once, in the order of their labels.

    Args:
        sources: the sources of any number of claims.

    Raises:
        ValueError: if two publications have the same label, so that a link would lead
            to the wrong one.
    """
    publications = sorted(
        {source.whole for source in sources}, key=lambda source: source.label.lower()
    )
    anchors = [publication.anchor for publication in publications]
    for publication in publications:
        if anchors.count(publication.anchor) > 1:
            raise ValueError(
                "Expected publications that differ in author and year, or in title if "
                "they have no author. Give one of them a letter, such as 'Xu b'. "
                f"Received: more than one {publication.label!r}."
            )
    return publications
