"""The report as a whole: its pages, their links, and the files that it writes."""

import base64
import dataclasses
import datetime
import gzip
import hashlib
import itertools
import os
import re

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting import report
from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference, Equivalence
from keras_rectifiers.comparison.verdicts.judging import judge
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.reporting.made_up_reports import (
    ADDRESS,
    DATE,
    VERSIONS,
    made_up_study,
    made_up_tables,
    write_made_up,
)
from tests.comparison.reporting.strict_pages import Page, contents, pages

HOSTILE = """<script>alert("x")</script>&amp;'"><img src=x onerror=y>"""


def test_there_is_a_page_for_each_study_and_one_for_all(folder):
    names = [page.path.relative_to(folder).as_posix() for page in pages(folder)]
    assert names == ["first/index.html", "index.html", "second/index.html"]


def test_pages_are_well_formed_and_accessible(folder):
    for page in pages(folder):
        assert page.all("html") == [{"lang": "en"}]
        assert (
            len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
        )
        assert len(page.ids()) == len(set(page.ids()))
        # Only a picture beside which the same words lead to the same page has none.
        without = [a for a in page.all("img") if not a["alt"]]
        assert len(without) == len([a for a in page.all("a") if "aria-hidden" in a])
        assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
        assert len(page.all("caption")) == len(page.all("table"))
        labels = [
            a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a
        ]
        assert set(labels) <= set(page.ids())


def test_no_heading_is_more_than_a_level_below_the_one_before(folder):
    for page in pages(folder):
        levels = [int(n[1]) for n, _ in page.elements if re.fullmatch(r"h\d", n)]
        assert levels[0] == 1
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), page.path


def test_every_link_resolves_to_a_file_or_a_place_on_a_page(folder):
    ids = {page.path.resolve(): set(page.ids()) for page in pages(folder)}
    num_links = 0
    for page in pages(folder):
        for link in page.all("a"):
            if link["href"] == ADDRESS:
                continue
            target, _, place = link["href"].partition("#")
            path = (page.path.parent / target).resolve() if target else page.path
            assert path.is_file(), link
            if place:
                assert place in ids[path.resolve()], link
            num_links += 1
    assert num_links > 20


def test_pages_ask_for_nothing_outside_themselves(folder):
    for page in pages(folder):
        assert page.all("iframe") == page.all("object") == []
        (policy,) = [m["content"] for m in page.all("meta") if "http-equiv" in m]
        assert policy.startswith(
            "default-src 'none'; img-src data:; style-src 'sha256-"
        )
        for _, attributes in page.elements:
            assert not any(name.startswith("on") for name in attributes)
        for image in page.all("img"):
            assert image["src"].startswith("data:image/svg+xml,")
        for link in page.all("link"):
            assert link["href"] == "data:,"
        source = page.path.read_text(encoding="utf-8")
        source = re.sub(r'src="data:[^"]*"', "", source)  # has a test of its own
        # What a reader may follow is not fetched.
        outside = [a for a in page.all("a") if a["href"] == ADDRESS]
        assert len(re.findall(r"https?://", source)) == len(outside)
        assert all(link["rel"] == "noreferrer" for link in outside)
        assert "@import" not in source
        assert "url(" not in source


def test_only_the_first_page_has_a_script_and_the_policy_allows_no_other(folder):
    for page in pages(folder):
        source = page.path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
        styles = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
        assert len(page.all("script")) == len(scripts)
        assert len(scripts) == (page.path == folder / "index.html")
        allowed = [
            base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            for text in (*styles, *scripts)
        ]
        (policy,) = [m["content"] for m in page.all("meta") if "http-equiv" in m]
        assert re.findall(r"'sha256-(.*?)'", policy) == allowed
        assert not any("style" in attributes for _, attributes in page.elements)


def test_the_filter_finds_each_claim_by_verdict_study_and_activation(tmp_path):
    claims = made_up_study().claims[1:2]
    leaky = dataclasses.replace(
        claims[0],
        id="leaky",
        effects=lambda _: {"leaky_relu, MLP": pd.Series([0.9] * 9)},
    )
    write_made_up(tmp_path, made_up_study(claims=(*claims, leaky)))
    index = Page(tmp_path / "index.html")
    first, second = [a for a in index.all("details") if a.get("class") == "claim"]
    assert (first["data-verdict"], first["data-study"]) == ("supported", "made_up")
    assert first["data-activations"] == ""
    assert second["data-verdict"] == "contradicted"
    assert second["data-activations"] == "leaky_relu"
    assert "no: plain text." in second["data-words"]
    (form,) = index.all("form")
    assert "hidden" in form  # until the script shows it


def test_the_first_page_shows_every_verdict(folder):
    page = Page(folder / "index.html")
    effects = pd.read_csv(folder / "first" / "effects.csv")
    words = page.words()
    for case in effects["case"]:
        assert case in words
    assert set(effects["verdict"]) == {"supported", "inconclusive", "not testable here"}
    assert (
        "supported 4 ✗ contradicted 0 ± mixed 0 ? inconclusive 2 6 claims could"
        in words
    )
    assert "Of 6 claims judged by an interval, up to 0.3 are expected" in words
    assert "for a claim of no difference), up to 1.0 are expected to miss" in words
    assert "One data set, split anew by each seed" in words
    assert "Report of 2026-01-02" in words and "Keras 3.15.0" in words
    assert "significant" not in words


def test_intervals_of_90_percent_are_told_as_such(tmp_path):
    claims = made_up_study().claims[1:]
    equal = dataclasses.replace(claims[0], id="equal", rule=Equivalence(margin=0.2))
    write_made_up(tmp_path, made_up_study(claims=(*claims, equal)))
    effects = pd.read_csv(tmp_path / "made_up" / "effects.csv").set_index("claim")
    assert effects["confidence"].to_dict() == {
        "one-case": 0.95,
        "very-long-case": 0.95,
        "equal": 0.9,
    }
    words = Page(tmp_path / "index.html").words()
    assert "of 3 intervals at 95% confidence (90% for" in words
    assert "up to 0.2 are expected to miss" in words


def test_a_claim_contradicted_by_an_effect_too_small_to_matter_is_explained(folder):
    words = Page(folder / "index.html").words()
    assert "or the effect is too small to matter" in words


def test_a_net_that_two_studies_share_counts_once(folder):
    words = Page(folder / "index.html").words()
    assert "16 nets were trained, mainly on images of handwritten digits" in words


def test_every_claim_has_one_row_that_is_closed_and_a_drawing_of_its_intervals(folder):
    index = Page(folder / "index.html")
    rows = [a for a in index.all("details") if a.get("class") == "claim"]
    assert len(rows) == 6
    assert not any("open" in row or "hidden" in row for row in rows)
    assert len([a for a in index.all("svg") if a["class"] == "strip"]) == 6


def test_how_to_read_the_report_stands_before_the_claims(folder):
    ids = Page(folder / "index.html").ids()
    order = [ids.index(name) for name in ("findings", "reading", "claims", "studies")]
    assert order == sorted(order)


def test_numbers_stand_with_six_digits(tmp_path):
    values = {
        1 / 3: "0.333333",
        -2e-7 / 3: "-6.66667e-8",
        123_456_789.0: "123457000",
        999_999.7: "1000000",
        1e-30 / 3: "3.33333e-31",
        0.0: "0",
        5e-324: "5e-324",
        np.inf: "inf",
        -np.inf: "-inf",
        np.nan: "",
    }
    tables = made_up_tables()
    keys = tables.trials["key"][: len(values)]
    losses = pd.DataFrame({"key": keys, "epoch": 1, "value": [*values]})
    rows = losses.assign(layer=pd.NA, measure="train_loss").astype({"layer": "Int64"})
    tables = dataclasses.replace(tables, measurements=rows)
    study = dataclasses.replace(made_up_study(), figures=(), claims=())
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    content = gzip.decompress((tmp_path / "made_up" / "epochs.csv.gz").read_bytes())
    lines = content.decode().splitlines()[1:]
    written = dict(line.replace('"', "").split(",1,") for line in lines)
    assert written == dict(zip(keys, values.values(), strict=True))


def test_the_same_tables_give_the_same_bytes(folder, tmp_path):
    write_made_up(tmp_path)
    assert contents(tmp_path) == contents(folder)


def test_only_the_pages_change_with_the_date(folder, tmp_path):
    write_made_up(tmp_path, date=datetime.date(2027, 3, 4))
    changed = {
        name: content.replace(b"2027-03-04", b"2026-01-02").replace(
            b"{2027}", b"{2026}"
        )
        for name, content in contents(tmp_path).items()
    }
    assert changed == contents(folder)


def test_hostile_text_is_text(tmp_path):
    write_made_up(
        tmp_path,
        made_up_study(text=HOSTILE),
        versions={HOSTILE: HOSTILE},
        profile=HOSTILE,
    )
    for page in pages(tmp_path):
        assert len(page.all("script")) == (page.path == tmp_path / "index.html")
        assert all("onerror" not in attributes for _, attributes in page.elements)
        assert HOSTILE in page.text


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "a b", "a<b"])
def test_a_name_that_is_no_folder_is_refused(tmp_path, name):
    message = (
        "A study's name is also the name of its folder, so it must consist of letters, "
        f"digits, '_' and '-'. Received: {name!r}."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        write_made_up(tmp_path, made_up_study(name))
    assert contents(tmp_path) == {}


def test_two_studies_of_one_name_are_refused(tmp_path):
    message = (
        "Expected studies with different names. Received: 'made_up' more than once."
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        write_made_up(tmp_path, made_up_study(), made_up_study())


def test_a_report_of_nothing_is_refused(tmp_path):
    message = "Expected at least one study to report. Received: none."
    with pytest.raises(ValueError, match=f"^{message}$"):
        write([], tmp_path, profile="quick", date=DATE)


def test_a_report_that_fails_leaves_the_former_one_as_it_was(tmp_path):
    def breaks(tables):
        raise RuntimeError("drawing failed")

    index = write_made_up(tmp_path)
    former = contents(tmp_path)
    broken = figures.StudyFigure(name="x", title="x", caption="x", draw=breaks)
    with pytest.raises(RuntimeError, match="drawing failed"):
        write_made_up(tmp_path, made_up_study("first", figures=(broken,)))
    assert contents(tmp_path) == former
    assert index.is_file()


def test_a_report_that_is_interrupted_leaves_whole_files_only(tmp_path, monkeypatch):
    write_made_up(tmp_path)
    former = contents(tmp_path)
    replaced = []

    def interrupted(source, target, replace=os.replace):
        if len(replaced) == 2:
            raise KeyboardInterrupt
        replaced.append(target)
        replace(source, target)

    monkeypatch.setattr(report.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_made_up(tmp_path, date=datetime.date(2027, 3, 4))
    assert contents(tmp_path).keys() == former.keys()
    assert contents(tmp_path)["index.html"] == former["index.html"]


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_made_up(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_large_numbers_are_of_empirical_claims_and_the_others_stand_apart(tmp_path):
    first, second, third = made_up_study().claims
    claims = (
        first,
        dataclasses.replace(second, kind=Kind.THEORY, kind_reason="It follows."),
        dataclasses.replace(third, kind=Kind.IDENTITY, kind_reason="It is one."),
    )
    write_made_up(tmp_path, made_up_study(claims=claims))
    words = Page(tmp_path / "index.html").words()
    assert "mixed 0 ? inconclusive 1 1 claim could turn out either way." in words
    assert "1 other follows from a definition or a theory and is measured" in words
    assert "1 other is an identity and could not turn out otherwise" in words
    page = Page(tmp_path / "made_up" / "index.html").words()
    assert "Kind By theory. It follows." in page
    assert "Kind Identity. It is one." in page


def test_each_claim_links_to_its_entry_in_one_list_of_references(folder):
    for name in ("index.html", "first/index.html"):
        page = Page(folder / name)
        assert [a["href"] for a in page.all("a")].count(ADDRESS) == 1
        (entry,) = [name for name in page.ids() if name.startswith("source-")]
        num_studies = 2 if name == "index.html" else 1
        links = [a["href"] for a in page.all("a")].count(f"#{entry}")
        assert links == num_studies * len(made_up_study().claims)
    assert "Source Plain text., page 3" in page.words()


def test_opposite_claims_are_one_row_with_two_readings(tmp_path):
    values = pd.Series([0.2] * 12)
    better, worse = (
        made_up_claim(
            Difference(smallest_effect=0.1),
            id=id,
            statement=f"It is {id}.",
            effects=lambda _, sign=sign: {"case": sign * values},
            **fields,
        )
        for id, sign, fields in (
            ("better", 1, {}),
            ("worse", -1, {"opposite_of": "better"}),
        )
    )
    write_made_up(tmp_path, made_up_study(claims=(better, worse)))
    index = Page(tmp_path / "index.html")
    words = index.words()
    assert len([a for a in index.all("details") if a.get("class") == "claim"]) == 1
    assert "It is better. Yes: the effect is 0.200" in words
    assert "The opposite: “It is worse.” Contradicted." in words
    assert "✓ supported opposite: contradicted" in words
    assert "supported 1 ✗ contradicted 0 ± mixed 0 1 claim could" in words
    assert "Of 1 claim judged by an interval, up to" in words
    page = Page(tmp_path / "made_up" / "index.html")
    assert {"claim-better", "claim-worse"} <= set(page.ids())
    for sentence in pd.read_csv(tmp_path / "made_up" / "effects.csv")["sentence"]:
        assert sentence in page.words()


def test_what_could_not_be_tested_is_said_with_its_condition(tmp_path):
    unfit = pd.Series([False] * 20)
    claim = dataclasses.replace(
        made_up_study().claims[1],
        precondition=Precondition(
            text="the net has learned", holds=lambda _: {"only": unfit}
        ),
    )
    write_made_up(tmp_path, made_up_study(claims=(claim,)))
    words = Page(tmp_path / "index.html").words()
    assert "± mixed 0 ∅ not testable here 1 1 claim could" in words
    assert (
        "Not testable here. The condition holds for too few seeds: the net has learned."
        in words
    )
    assert "Testable only if the net has learned." in words
    page = Page(tmp_path / "made_up" / "index.html").words()
    assert "Testable if the net has learned" in page
    assert "only ∅ not testable here 0.100 0.100 to 0.100 20 20 unfit" in page


def test_the_cases_counted_beside_the_large_numbers_are_of_empirical_claims(tmp_path):
    # Five seeds beyond the threshold of ten: which of them are drawn decides.
    open_value = pd.Series([0.1] * 5 + [0.9] * 5)
    own = {"effects": lambda _: {"open": open_value, "gone": open_value.iloc[:0]}}
    rule = Difference(smallest_effect=0.5)
    claims = (
        made_up_claim(rule, id="one", **own),
        made_up_claim(
            rule, id="two", kind=Kind.THEORY, kind_reason="It follows.", **own
        ),
    )
    study = made_up_study(claims=claims)
    assert judge(study, made_up_tables())["is_borderline"].tolist() == [True, False] * 2
    write_made_up(tmp_path, study)
    words = Page(tmp_path / "index.html").words()
    # Of cases that were measured there is one.
    assert words.count("Borderline.") == 1
    assert "By theory; borderline." in words
    assert "1 claim could turn out either way." in words
    assert "1 other follows from a definition or a theory" in words


def test_a_studys_page_has_its_limits_in_one_box(tmp_path):
    write_made_up(tmp_path, made_up_study(not_shown="Anything else."))
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert (
        "Limits of this study Data images of handwritten digits (8 × 8 pixels), with one fixed test split Nets MLPs of 3 × 32 "
        "(hidden layers × units or channels) Budget 1 epoch by Adam, up to 8 seeds for "
        "each net Not shown Anything else."
    ) in words
