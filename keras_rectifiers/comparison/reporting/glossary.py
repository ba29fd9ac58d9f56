"""The glossary: what the measures and the words of the report mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from keras_rectifiers.printable import printable


@dataclass(frozen=True, kw_only=True)
class Term:
    """A term and its definition.

    Args:
        name: the name in code and tables, or a short name.
        title: the term as people say it.
        definition: what it means, in a sentence or two.
    """

    name: str
    title: str
    definition: str

    @property
    def anchor(self) -> str:
        """The name of its entry in the glossary, for links."""
        return f"term-{self.name.replace('_', '-')}"


TERMS = (
    Term(
        name="signal_gradient",
        title="signal gradient",
        definition="How strongly the loss reacts to the activations of a layer: the "
        "root mean square, over examples, of the length of the gradient with respect "
        "to them.",
    ),
    Term(
        name="weight_gradient",
        title="weight gradient",
        definition="The length of the gradient of the loss with respect to the weights "
        "of a layer, divided by the length of the weights.",
    ),
    Term(
        name="gradient_decay",
        title="gradient decay",
        definition="How the signal gradient changes from layer to layer on its way to "
        "the input, in decades (factors of ten) per layer: 0 keeps it, −0.3 halves it "
        "at every layer, above 0 it explodes.",
    ),
    Term(
        name="sparsity",
        title="sparsity",
        definition="The share of activations that are exactly 0.",
    ),
    Term(
        name="silent_units",
        title="silent units",
        definition="The share of units whose input to the activation is 0 or less for "
        "every example of the probe batch.",
    ),
    Term(
        name="dead_units",
        title="dead units",
        definition="The share of units whose derivative is 0 for every example of the "
        "probe batch, so that no example changes their weights. Healthy ReLU nets have "
        "some from the start.",
    ),
    Term(
        name="saturation",
        title="saturation",
        definition="The share of units and examples at which the function is nearly "
        "flat: its slope is below 5% of its largest slope.",
    ),
    Term(
        name="mean_shift",
        title="mean shift",
        definition="How far the means of the units are from zero: the sum of their "
        "squared means divided by the sum of their mean squares. 0 is centred, 1 is "
        "all offset.",
    ),
    Term(
        name="negative_slope",
        title="negative slope",
        definition="The slope of an activation for inputs below 0: 0 for ReLU, 0.01 "
        "for leaky ReLU (0.01), learned for PReLU.",
    ),
    Term(
        name="decades",
        title="decades per layer",
        definition="Powers of ten per layer: −1 divides by ten at each layer, −0.1 "
        "takes away a fifth.",
    ),
    Term(
        name="doublings",
        title="doublings",
        definition="A ratio as a power of two: 1 is twice as many, 2 four times, −1 "
        "half as many.",
    ),
    Term(
        name="points",
        title="percentage points",
        definition="A difference of two percentages: from 90% to 92% are two points.",
    ),
    Term(
        name="gain",
        title="own gain",
        definition="Initial weights of the size at which this activation neither "
        "shrinks nor grows the signal. For ReLU it is the initialisation of He, for a "
        "linear net that of LeCun.",
    ),
    Term(
        name="probe",
        title="probe batch",
        definition="A fixed set of training examples on which layers are measured.",
    ),
    Term(
        name="seed",
        title="seed",
        definition="One repetition of the whole experiment. It draws the initial "
        "weights, the order of the examples and the split of the data.",
    ),
    Term(
        name="interval",
        title="interval",
        definition="The range in which the effect lies with 95% confidence (90% for a "
        "claim of no difference), by what the seeds differ.",
    ),
    Term(
        name="smallest_effect",
        title="smallest effect of interest",
        definition="A difference that is smaller is too small to matter, however sure it "
        "is. It is stated in the criterion of the claim.",
    ),
    Term(
        name="case",
        title="case",
        definition="One comparison of a claim: an activation, an initialisation or a "
        "kind of net.",
    ),
)

_TITLES = {term.title: term for term in TERMS if term.name not in ("seed", "case")}
_FIND = re.compile(
    r"(?<![\w-])(?:{})(?![\w-])".format(
        "|".join(map(re.escape, sorted(_TITLES, key=len, reverse=True)))
    ),
    re.IGNORECASE,
)


def terms_in(texts: Iterable[str]) -> list[Term]:
    """The terms that occur in texts, in the order of the glossary."""
    found = {word.lower() for text in texts for word in _FIND.findall(text)}
    return [term for term in TERMS if term.title in found]


def with_definitions(text: str) -> Markup:
    """A text as HTML, in which the first mention of each term leads to its definition."""
    text = printable(text)
    told: set[str] = set()
    parts, end = [], 0
    for match in _FIND.finditer(text):
        term = _TITLES[match[0].lower()]
        if term.name in told:
            continue
        told.add(term.name)
        parts += [
            escape(text[end : match.start()]),
            Markup('<a class="term" href="#{}" title="{}">{}</a>').format(
                term.anchor, term.definition, match[0]
            ),
        ]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])
