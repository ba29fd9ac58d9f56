"""The glossary, and links to it."""

from keras_rectifiers.comparison.reporting.glossary import (
    TERMS,
    terms_in,
    with_definitions,
)


def test_the_first_mention_of_a_term_leads_to_its_definition():
    text = str(with_definitions("Dead units, and again dead units."))
    (term,) = [term for term in TERMS if term.title == "dead units"]
    assert text.count("<a ") == 1
    assert text.startswith(f'<a class="term" href="#{term.anchor}" title="The share')
    assert text.endswith("Dead units</a>, and again dead units.")


def test_a_text_stays_text():
    text = str(with_definitions("<b>sparsity</b> & \x1b"))
    assert text.startswith("&lt;b&gt;<a ") and text.endswith("&lt;/b&gt; &amp; \\x1b")


def test_a_part_of_a_word_is_no_term():
    assert str(with_definitions("over-saturation desaturation")) == (
        "over-saturation desaturation"
    )


def test_the_terms_of_texts_stand_in_the_order_of_the_glossary():
    found = terms_in(["The saturation.", "Gradient decay, in decades per layer"])
    assert [term.title for term in found] == [
        "gradient decay",
        "saturation",
        "decades per layer",
    ]
    assert len({term.anchor for term in TERMS}) == len(TERMS)
