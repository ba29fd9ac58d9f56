"""Pages in Chromium: they fit, and run without errors."""

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.criteria import AtMost
from keras_rectifiers.comparison.verdicts.properties import Property
from tests.comparison.reporting.made_up_reports import made_up_study, write_made_up

# A window is not made narrower than 500 pixels; a frame is.
FRAME = """<!DOCTYPE html>
<iframe src="{page}" style="width: {width}px; height: 2000px; border: 0"></iframe>
<script>addEventListener("message", (event) => {{
  document.documentElement.dataset.widths = JSON.stringify(event.data);
}});</script>"""
SCRIPT = """addEventListener("load", () => {
  const root = document.documentElement;
  const overrun = [...document.querySelectorAll("th, td")].filter((cell) => {
    const content = document.createRange();
    content.selectNodeContents(cell);
    const inner = content.getBoundingClientRect(), outer = cell.getBoundingClientRect();
    return inner.left < outer.left || inner.right > outer.right;
  });
  parent.postMessage(
    [root.scrollWidth, root.clientWidth, overrun.map((cell) => cell.innerText)], "*");
});"""
TELL_WIDTHS = f"<script>{SCRIPT}</script>"
HASH = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


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


@pytest.fixture(scope="module")
def with_properties(tmp_path_factory) -> Path:
    """A report whose table of activations is wider than a phone."""
    folder = tmp_path_factory.mktemp("with_properties")
    properties = tuple(
        Property(
            name=name,
            title=f"Property {name}",
            nets="MLPs of 6 layers",
            explanation="A number.",
            values=lambda tables: {"relu": pd.Series([1.0] * 9)},
            rule=AtMost(threshold=2.0),
        )
        for name in "abcdefghi"
    )
    write_made_up(folder, made_up_study("first", properties=properties))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("report", ["folder", "with_properties"])
def test_pages_fit_a_browser_without_errors(chromium, request, tmp_path, report, width):
    copy = tmp_path / "copy"
    shutil.copytree(request.getfixturevalue(report), copy)
    for path in sorted(copy.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        # All that is folded away is shown: it must fit as well.
        text = text.replace("<details", "<details open").replace(" open open", " open")
        # The page's policy allows its own scripts alone.
        text, num_policies = re.subn(
            r"script-src (?:'none')?", f"script-src 'sha256-{HASH}' ", text
        )
        assert num_policies == 1
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
