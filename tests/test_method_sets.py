"""A method is one page, one reference folder and one benchmark: none of them without the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trialkit.analysis import all_methods
from trialkit.stats import HOME_OF_NAME, METHODS, ON_THE_PAGE_OF

ROOT = Path(__file__).resolve().parents[1]
OF_OTHER_ROOMS = {"compare", "randomization"}
REFERENCES_WITHOUT_A_METHOD = {
    "ibsi",
    "imaging",
    "prediction",
    "form_save",
    "study_a",
    "sap_simulate",
    "three_arms",
    "repeated_measures",
}
TABLE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
PLACES = {
    "docs/methods": {page.stem for page in (ROOT / "docs" / "methods").glob("*.md")},
    "tests/reference": {source.parent.name for source in (ROOT / "tests" / "reference").glob("*/SOURCE.md")},
    "benchmarks/methods": {row.stem for row in (ROOT / "benchmarks" / "methods").glob("[a-z]*.py")},
    "docs/benchmarks.md": set(re.findall(r"^\| (\w+) \| .* \|$", TABLE, re.MULTILINE)) - {"method"},
}

pytestmark = pytest.mark.analytic


@pytest.mark.parametrize("place", PLACES)
def test_every_method_has_its_page_its_reference_and_its_benchmark_and_there_are_no_others(place):
    assert PLACES[place] - REFERENCES_WITHOUT_A_METHOD == METHODS | OF_OTHER_ROOMS


def test_every_public_function_is_told_on_the_page_of_its_method():
    functions = {name for name in HOME_OF_NAME if name.islower()}
    assert set(ON_THE_PAGE_OF) <= functions
    silent = []
    for function in functions:
        page = ROOT / "docs" / "methods" / f"{ON_THE_PAGE_OF.get(function, function)}.md"
        if function not in page.read_text(encoding="utf-8"):
            silent.append(function)
    assert silent == []


def test_every_method_of_the_plan_is_told_on_the_page_of_the_plan_file():
    """The page is made from the methods' declarations; a method added without it would be missing there."""
    page = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
    for method in all_methods().values():
        assert f"### `{method.name}`" in page
        assert method.says in page
        for key in method.every_key:
            assert f"`{key.name}`" in page
