"""Claims of which nothing matters but what a test gives."""

from typing import Any

from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.sources import Source


def made_up_claim(rule, **fields) -> Claim:
    """A claim of which nothing matters but what is given."""
    others: dict[str, Any] = {
        "id": "made-up",
        "statement": "Something holds.",
        "sources": (Source(title="nobody"),),
        "criterion": "a rule",
        "effects": lambda tables: {},
        "quantity": "effect",
    }
    return Claim(rule=rule, **others | fields)
