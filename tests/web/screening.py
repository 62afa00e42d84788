"""What a coordinator does before randomizing: by the pages alone."""

from __future__ import annotations

import re

from browsing import Browser

CONSENT = {"consent_given": "1", "consent_date": "2027-05-31", "consent_version": "2.1"}
ELIGIBLE = {
    "elig_age_years": "67",
    "elig_lbp_months": "30",
    "elig_odi_percent": "34",
    "elig_goutallier": "2",
    "elig_no_surgery_indicated": "1",
    "elig_able_to_exercise": "1",
    "excl_spinal_pathology": "0",
    "excl_lumbar_surgery": "0",
    "excl_comorbidity": "0",
    "excl_cognitive": "0",
    "excl_other_trial": "0",
}
DEMOGRAPHICS = {"sex": "female", "age_years": "67", "height_cm": "158.5", "weight_kg": "61.0"}


CONFIRMED = {"confirmed": "yes", "confirmed_by": "investigator_a"}


def enrolled(browser: Browser) -> str:
    form = browser.form_at("/subjects/new") | {"consent_date": "2027-05-31"}
    done = browser.get(browser.post("/subjects/new", form).headers["location"])
    found = re.search(r"([A-E]-\d{3}) is enrolled", done.text)
    assert found, done.text
    return found[1]


def entry_path(number: str, form: str, visit: str = "baseline") -> str:
    return f"/subjects/{number}/visits/{visit}/forms/{form}/entry"


def typed(values: dict[str, str]) -> dict[str, str]:
    return {f"r0.{item}": text for item, text in values.items()}


def screened(browser: Browser, eligibility: dict[str, str] | None = None) -> str:
    """A subject whose three single forms were typed and confirmed."""
    number = enrolled(browser)
    for form, values in (
        ("consent", CONSENT),
        ("eligibility", ELIGIBLE if eligibility is None else eligibility),
        ("demographics", DEMOGRAPHICS),
    ):
        path = entry_path(number, form)
        answer = browser.post(path, browser.form_at(path) | typed(values) | CONFIRMED)
        assert answer.status_code == 303, answer.text
    return number
