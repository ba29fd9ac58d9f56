import base64
import dataclasses
import datetime
import html
import html.parser
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting import report
from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import Tuning
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    AtLeast,
    AtMost,
    Difference,
    Equivalence,
    Within,
)
from tests.comparison.made_up_claims import made_up_claim

DATE = datetime.date(2026, 1, 2)
VERSIONS = {"Python": "3.11.0", "Keras": "3.15.0"}
HOSTILE = """<script>alert("x")</script>&amp;'"><img src=x onerror=y>"""
SEEDS = range(8)
NUM_LAYERS = 3
NO_MEASUREMENTS = pd.DataFrame(
    columns=["key", "epoch", "layer", "measure", "value"]
).astype({"epoch": int, "layer": "Int16", "value": float})


def made_up_tables(num_lost: int = 0) -> Tables:
    trials = pd.DataFrame(
        [
            {
                "key": f"{activation}-{seed}",
                **Trial(activation=activation, depth=3, epochs=1, seed=seed).settings(),
                "mode": "graph",
                "test_accuracy": 0.9,
                "keras_version": "3.15.0",
                "backend": "tensorflow",
                "diverged": seed < num_lost,
            }
            for activation in ("relu", "sigmoid")
            for seed in SEEDS
        ]
    )
    slope = {"relu": 0.0, "sigmoid": -0.5}
    rows = [
        (
            trial.key,
            epoch,
            layer,
            "signal_gradient",
            10 ** (slope[trial.activation] * (NUM_LAYERS - 1 - layer))
            * (1 + 0.01 * trial.seed),
        )
        for trial in trials.itertuples()
        for epoch in (0, 1)
        for layer in range(NUM_LAYERS)
    ]
    rows += [(key, 1, pd.NA, "train_loss", 0.5) for key in trials["key"]]
    columns = ["key", "epoch", "layer", "measure", "value"]
    measurements = pd.DataFrame(rows, columns=columns).astype({"layer": "Int16"})
    return Tables(trials=trials, measurements=measurements, outputs=pd.DataFrame())


def planned() -> list[Trial]:
    return [
        Trial(activation=activation, depth=3, epochs=1, seed=seed)
        for activation in ("relu", "sigmoid")
        for seed in range(10)
    ]


def draw(tables: Tables):
    rows = tables.measurements.merge(tables.trials, on="key", suffixes=("", "_trial"))
    rows = rows[rows["measure"] == "signal_gradient"].assign(panel="all")
    return figures.lines_by_layer(rows, ylabel="gradient", column="panel", log=True)


def nothing(tables: Tables):
    raise figures.NothingToDraw("no data")


def made_up_study(name: str = "made_up", *, text: str = "Plain text.", **fields):
    def effects(tables):
        cases = {
            f"case {i}, {text}": pd.Series(0.1 * i - 0.3 + np.arange(8) / 100)
            for i in range(8)
        }
        return {"lost": pd.Series([np.nan] * 8), **cases}

    common = {
        "statement": text,
        "source": text,
        "criterion": text,
        "quantity": "gradient decay",
        "unit": "decades per layer",
    }
    claims = (
        Claim(id="many-cases", rule=AtLeast(threshold=0.3), effects=effects, **common),
        Claim(
            id="one-case",
            rule=AtMost(threshold=0.3),
            effects=lambda tables: {"only": pd.Series([0.1] * 20)},
            published=text,
            in_words=lambda value: text,
            **common,
        ),
        Claim(
            id="very-long-case",
            rule=Within(lower=0, upper=1),
            effects=lambda tables: {"a_very_long_name_" * 4: pd.Series([0.1] * 20)},
            **common,
        ),
    )
    return Study(
        **{
            "name": name,
            "title": text,
            "question": text,
            "method": text,
            "trials": {"quick": planned},
            "claims": claims,
            "figures": (
                figures.StudyFigure(name="drawn", title=text, caption=text, draw=draw),
                figures.StudyFigure(
                    name="empty", title="Empty", caption="No data.", draw=nothing
                ),
            ),
            **fields,
        }
    )


def write_made_up(folder, *studies, num_lost=0, **arguments) -> Path:
    studies = studies or (made_up_study("first"), made_up_study("second"))
    tables = made_up_tables(num_lost)
    return write(
        [(study, tables) for study in studies],
        folder,
        **{"profile": "quick", "date": DATE, "versions": VERSIONS, **arguments},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    write_made_up(folder)
    return folder


VOID = {"meta", "link", "img", "br", "wbr", "hr", "input"}
INLINE = {"a", "code", "span", "strong", "wbr"}


class Page(html.parser.HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        self.text += "" if tag in INLINE else " "
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text += data

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.elements if "id" in a]

    def words(self) -> str:
        return " ".join(self.text.split())


def pages(folder: Path) -> list[Page]:
    return [Page(path) for path in sorted(folder.rglob("*.html"))]


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
        assert all(image["alt"] for image in page.all("img"))
        assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
        assert len(page.all("caption")) == len(page.all("table"))
        labels = [
            a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a
        ]
        assert set(labels) <= set(page.ids())


def test_every_link_resolves_to_a_file_or_a_place_on_a_page(folder):
    ids = {page.path.resolve(): set(page.ids()) for page in pages(folder)}
    num_links = 0
    for page in pages(folder):
        for link in page.all("a"):
            target, _, place = link["href"].partition("#")
            path = (page.path.parent / target).resolve() if target else page.path
            assert path.is_file(), link
            if place:
                assert place in ids[path.resolve()], link
            num_links += 1
    assert num_links > 20


def test_pages_ask_for_nothing_outside_themselves_and_run_no_script(folder):
    for page in pages(folder):
        assert page.all("script") == page.all("iframe") == page.all("object") == []
        for _, attributes in page.elements:
            assert not any(name.startswith("on") for name in attributes)
        for image in page.all("img"):
            assert image["src"].startswith("data:image/svg+xml;base64,")
        for link in page.all("link"):
            assert link["href"] == "data:,"
        source = page.path.read_text(encoding="utf-8")
        assert not re.search(r"https?://", source)
        assert "@import" not in source
        assert "url(" not in source


def test_figures_are_whole_and_fetch_nothing(folder):
    (image,) = Page(folder / "first" / "index.html").all("img")
    svg = base64.b64decode(image["src"].partition(",")[2]).decode()
    root = xml.etree.ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    links = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("href")
    ]
    assert links and all(link.startswith("#") for link in links)
    assert figures.INK not in svg.replace(f"--ink: {figures.INK}", "")
    assert "var(--ink)" in svg


def test_the_first_page_shows_every_verdict(folder):
    page = Page(folder / "index.html")
    effects = pd.read_csv(folder / "first" / "effects.csv")
    words = page.words()
    for case in effects["case"]:
        assert case in words
    counts = 2 * effects["verdict"].value_counts()
    for verdict, number in counts.items():
        assert f"{verdict} {number}" in words
    assert "22 verdicts" in words
    assert "no correction across claims: of 6 claims, up to 0.3 are expected" in words
    assert "for a claim of no difference), up to 1.1 are expected to miss" in words
    assert "The test split is fixed" in words
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


def test_a_difference_that_is_predicted_is_counted_seed_by_seed(tmp_path):
    values = pd.Series([0.3, 0.0, -0.1, *[0.2] * 7, np.nan])
    claim = made_up_study().claims[1]
    claims = tuple(
        dataclasses.replace(claim, id=id, rule=rule, effects=lambda _: {"one": values})
        for id, rule in (
            ("larger", Difference(smallest_effect=0.1)),
            ("equal", Equivalence(margin=0.1)),
        )
    )
    write_made_up(tmp_path, made_up_study(claims=claims))
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert words.count("10 8 above 0 1 without a value") == 1
    assert words.count("10 1 without a value") == 1


def test_an_interval_of_too_few_seeds_says_which_confidence_it_has(tmp_path):
    claim = dataclasses.replace(
        made_up_study().claims[1], effects=lambda _: {"few": pd.Series([0.1, 0.2, 0.4])}
    )
    write_made_up(tmp_path, made_up_study(claims=(claim,)))
    effects = pd.read_csv(tmp_path / "made_up" / "effects.csv")
    assert list(effects["confidence"]) == [0.75]  # all but two in 2^3 orders of signs
    assert "0.100 to 0.400 (at 75%)" in Page(tmp_path / "made_up/index.html").words()


def test_a_claim_contradicted_by_an_effect_too_small_to_matter_is_explained(folder):
    words = Page(folder / "index.html").words()
    assert "or below the smallest effect that matters" in words


def test_a_net_that_two_studies_share_counts_once(folder):
    words = Page(folder / "index.html").words()
    assert "In total, 16 nets were trained and 0 more were measured" in words


def test_only_claims_of_many_cases_are_folded_away(folder):
    details = Page(folder / "index.html").all("details")
    assert ["open" in a for a in details] == [False, True, True] * 2


def test_a_studys_page_says_what_was_found_and_how(folder):
    words = Page(folder / "first" / "index.html").words()
    effects = pd.read_csv(folder / "first" / "effects.csv")
    for sentence in effects["sentence"]:
        assert sentence in words
    assert "python -m studies run first --profile quick" in words
    assert "Keras 3.15.0 on tensorflow" in words
    assert "There is nothing to draw" in words
    assert "4 of the 20 trials of this profile are missing" in words
    assert "Seeds 8" in words
    assert "Epochs 1" in words


def test_diverged_trainings_are_counted(tmp_path):
    write_made_up(tmp_path, made_up_study(), num_lost=3)
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert "6 of the 16 trained: their loss became NaN or infinite" in words


def test_what_became_of_the_nets_is_counted_for_each_activation(tmp_path):
    tables = made_up_tables(num_lost=3)
    dead = tables.measurements[
        (tables.measurements["measure"] == "signal_gradient")
        & tables.measurements["key"].isin(["relu-6", "relu-7"])
    ].assign(measure="dead_units", value=1.0)
    # Dead before training only: it lives at the end.
    dead = dead[(dead["key"] == "relu-6") | (dead["epoch"] == 0)]
    tables = dataclasses.replace(
        tables, measurements=pd.concat([tables.measurements, dead])
    )
    read = read_study(made_up_study(), tables, "quick")
    assert read.fates.to_dict("list") == {
        "activation": ["relu", "sigmoid"],
        "num_trained": [8, 8],
        "num_measured": [0, 0],
        "num_diverged": [3, 3],
        "num_dead": [1, 0],
        "num_missing": [2, 2],
    }
    write(
        [(made_up_study(), tables)],
        tmp_path,
        profile="quick",
        date=DATE,
        versions=VERSIONS,
    )
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert "relu 8 0 3 1 2 sigmoid 8 0 3 0 2" in words


def test_a_training_that_stopped_early_is_read_where_it_stopped():
    tables = made_up_tables()
    dead = tables.measurements[
        (tables.measurements["measure"] == "signal_gradient")
        & (tables.measurements["key"] == "relu-6")
    ].assign(measure="dead_units", value=1.0)
    stopped = dataclasses.replace(
        tables,
        # Measured after epoch 1, the last, of 5 that its settings allow.
        trials=tables.trials.assign(epochs=5, patience=1),
        measurements=pd.concat([tables.measurements, dead]),
    )
    read = read_study(made_up_study(), stopped, "quick")
    assert read.fates["num_dead"].tolist() == [1, 0]
    expected = read_study(made_up_study(), tables, "quick").data["trials"]
    assert expected["gradient_decay_after"].notna().all()
    pd.testing.assert_series_equal(
        read.data["trials"]["gradient_decay_after"], expected["gradient_decay_after"]
    )


def tuned_study() -> tuple[Study, Tables]:
    """A study of tuned rates: relu does best at 0.01, sigmoid at the end, 0.1."""
    nets = [Trial(activation=name, depth=3, epochs=1) for name in ("relu", "sigmoid")]
    tuning = Tuning(
        title="MLP of 3 layers",
        nets=nets,
        rates=(0.001, 0.01, 0.1),
        common_rate=0.001,
        seeds=range(8),
        num_tuning_seeds=3,
        num_rounds=0,
    )
    study = made_up_study(
        "tuned", trials={"quick": list}, claims=(), tunings={"quick": [tuning]}
    )
    best = {"relu": 0.01, "sigmoid": 0.1}
    trials = pd.DataFrame(columns=["key"])
    for _ in range(2):
        tables = Tables(
            trials=trials,
            measurements=NO_MEASUREMENTS,
            outputs=pd.DataFrame(columns=["key"]),
        )
        wanted = [*tuning.search(tables), *tuning.reports(tables)]
        trials = pd.DataFrame([trial.settings() for trial in wanted])
        trials.insert(0, "key", [f"{i:03}" for i in range(len(wanted))])
        rate, optimum = trials["learning_rate"], trials["activation"].map(best)
        trials["validation_accuracy"] = 0.9 - 0.1 * np.abs(np.log10(rate / optimum))
        trials["test_accuracy"] = 0.9 - 0.1 * (rate != optimum)
        trials["diverged"] = (trials["seed"] == 7) & (trials["activation"] == "sigmoid")
        trials[["keras_version", "backend"]] = "3.15.0", "tensorflow"
    tables = Tables(
        trials=trials,
        measurements=NO_MEASUREMENTS,
        outputs=pd.DataFrame(columns=["key"]),
    )
    return study, tables


def test_the_page_shows_the_chosen_rates_beside_the_common_one(tmp_path):
    study, tables = tuned_study()
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert (
        "relu 0.01 100% of resamples 0.900 0.900 to 0.900 0 of 8 lost "
        "0.800 0.800 to 0.800 0 of 8 lost "
        # A diverged net may have had any accuracy.
        "sigmoid 0.1† 100% of resamples 0.900 0.000 to 1.000 1 of 8 lost "
        "0.800 0.000 to 1.000 1 of 8 lost"
    ) in words
    assert "is still at its edge: MLP of 3 layers: sigmoid." in words
    assert "Sensitivity to the learning rate" in words
    curves = pd.read_csv(tmp_path / "tuned" / "learning_rates.csv")
    assert len(curves) == 6
    assert curves.loc[curves["is_chosen"], "learning_rate"].tolist() == [0.01, 0.1]


def test_verdicts_that_the_common_rates_would_change_are_named(tmp_path):
    study, tables = tuned_study()

    def effects(tables):
        best = at_best_rate(tables)
        return {
            name: best[best["activation"] == name].set_index("seed")["test_accuracy"]
            for name in ("relu", "sigmoid")
        }

    claim = made_up_claim(AtLeast(threshold=0.85), id="accurate", effects=effects)
    study = dataclasses.replace(study, claims=[claim])
    # At the common rate relu is at 0.8, and sigmoid as it is at its own.
    trials = tables.trials
    is_sigmoid = trials["activation"] == "sigmoid"
    trials = trials.assign(test_accuracy=trials["test_accuracy"].mask(is_sigmoid, 0.9))
    tables = dataclasses.replace(tables, trials=trials)
    write([(study, tables)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert "1 of 2 verdicts would be different" in words
    assert "accurate, relu: contradicted instead of supported" in words
    # What is missing would pass for a difference.
    part = dataclasses.replace(tables, trials=trials[trials["seed"] != 3])
    write([(study, part)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    assert "would be" not in Page(tmp_path / "tuned" / "index.html").words()


def test_the_caption_of_the_rates_tells_how_many_seeds_chose():
    study, tables = tuned_study()
    (tuning,) = study.tunings["quick"]
    other = dataclasses.replace(tuning, title="more", num_tuning_seeds=7, num_rounds=1)
    both = dataclasses.replace(study, tunings={"quick": [other, tuning]})
    (drawing,) = read_study(both, tables, "quick").sensitivity
    assert "from 3 or 7 separate tuning seeds" in drawing.caption
    assert "up to 1 time." in drawing.caption


def test_a_search_that_is_not_finished_is_no_table_but_is_said(tmp_path):
    study, tables = tuned_study()
    is_there = tables.trials["key"] != tables.trials["key"].iloc[0]
    part = dataclasses.replace(tables, trials=tables.trials[is_there])
    write([(study, part)], tmp_path, profile="quick", date=DATE, versions=VERSIONS)
    words = Page(tmp_path / "tuned" / "index.html").words()
    assert "1 of the 50 trials of this profile is missing" in words
    assert "at its best rate" not in words


def test_the_data_beside_a_page_are_whole(folder):
    trials = pd.read_csv(folder / "first" / "trials.csv")
    assert len(trials) == trials["key"].nunique() == 16
    sigmoid = trials[trials["activation"] == "sigmoid"]
    np.testing.assert_allclose(sigmoid["gradient_decay_before"], -0.5, atol=1e-5)
    np.testing.assert_allclose(sigmoid["gradient_decay_after"], -0.5, atol=1e-5)
    assert set(trials["num_layers_left_out_before"]) == {0}
    layers = pd.read_csv(folder / "first" / "layers.csv")
    assert list(layers) == ["key", "epoch", "layer", "signal_gradient"]
    assert len(layers) == 16 * 2 * NUM_LAYERS
    epochs = pd.read_csv(folder / "first" / "epochs.csv")
    assert list(epochs) == ["key", "epoch", "train_loss"]
    effects = pd.read_csv(folder / "first" / "effects.csv")
    assert {"claim", "case", "estimate", "low", "high", "n", "unit"} <= set(effects)


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
    lines = (tmp_path / "made_up" / "epochs.csv").read_text().splitlines()[1:]
    written = dict(line.replace('"', "").split(",1,") for line in lines)
    assert written == dict(zip(keys, values.values(), strict=True))


def test_the_same_tables_give_the_same_bytes(folder, tmp_path):
    write_made_up(tmp_path)
    assert contents(tmp_path) == contents(folder)


def test_only_the_pages_change_with_the_date(folder, tmp_path):
    write_made_up(tmp_path, date=datetime.date(2027, 3, 4))
    changed = {
        name: content.replace(b"2027-03-04", b"2026-01-02")
        for name, content in contents(tmp_path).items()
    }
    assert changed == contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def test_hostile_text_is_text(tmp_path):
    write_made_up(
        tmp_path,
        made_up_study(text=HOSTILE),
        versions={HOSTILE: HOSTILE},
        profile=HOSTILE,
    )
    for page in pages(tmp_path):
        assert page.all("script") == []
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


# In a browser --------------------------------------------------------------------------

# A window is not made narrower than 500 pixels; a frame is.
FRAME = """<!DOCTYPE html>
<iframe src="{page}" style="width: {width}px; height: 2000px; border: 0"></iframe>
<script>addEventListener("message", (event) => {{
  document.documentElement.dataset.widths = JSON.stringify(event.data);
}});</script>"""
TELL_WIDTHS = """<script>addEventListener("load", () => {
  const root = document.documentElement;
  const overrun = [...document.querySelectorAll("th, td")].filter((cell) => {
    const content = document.createRange();
    content.selectNodeContents(cell);
    const inner = content.getBoundingClientRect(), outer = cell.getBoundingClientRect();
    return inner.left < outer.left || inner.right > outer.right;
  });
  parent.postMessage(
    [root.scrollWidth, root.clientWidth, overrun.map((cell) => cell.innerText)], "*");
});</script>"""


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found:
        return found
    if os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail("REQUIRE_CHROMIUM=1, and there is no chromium on the PATH.")
    # `make test-slow` passes on a newcomer's machine without a browser; `.ci/run`
    # installs one.
    pytest.skip("There is no chromium on the PATH: pages are not tried in a browser.")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 375])
def test_pages_fit_a_browser_without_errors(chromium, folder, tmp_path, width):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for path in sorted(copy.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        # All that is folded away is shown: it must fit as well.
        text = text.replace("<details", "<details open").replace(" open open", " open")
        path.write_text(text.replace("</body>", f"{TELL_WIDTHS}</body>"))
        scrolled, shown, overrun, log = open_in_browser(chromium, path, width, tmp_path)
        assert "CONSOLE" not in log, log
        assert shown == width
        assert overrun == [], path
        assert scrolled <= width, path


@pytest.mark.slow
def test_an_error_in_a_page_and_one_too_wide_would_be_noticed(chromium, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<!DOCTYPE html><div style='width: 900px'>x</div><script>nothing()</script>"
        "<table style='table-layout: fixed; width: 50px'><tr><td>no<td>toolongforit</table>"
        f"{TELL_WIDTHS}"
    )
    scrolled, shown, overrun, log = open_in_browser(chromium, page, 375, tmp_path)
    assert "CONSOLE" in log
    assert (scrolled >= 900, shown) == (True, 375)
    assert overrun == ["toolongforit"]


def open_in_browser(chromium: str, page: Path, width: int, scratch: Path):
    """Returns how wide the page is, how much is shown, cells overrun, and the log."""
    frame = scratch / "frame.html"
    frame.write_text(FRAME.format(page=page.as_uri(), width=width))
    result = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            f"--user-data-dir={scratch / 'profile'}",
            "--window-size=1400,2100",
            "--virtual-time-budget=2000",
            "--dump-dom",
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    told = re.search(r'data-widths="([^"]+)"', result.stdout)
    assert told, result.stdout + result.stderr
    return *json.loads(html.unescape(told[1])), result.stderr
