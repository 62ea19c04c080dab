"""The words for a person."""

from typing import Any

import pytest

from api.schemas import IndexReport, JobOut
from tests.ui.citations import citation
from ui import wording


def job(**changes: object) -> JobOut:
    """A job that runs."""
    fields: dict[str, object] = {
        "id": "5e0f6a1c9d3b7482",
        "state": "running",
        "done": 12,
        "total": 40,
        "message": "Encoding",
        "seconds": 4.0,
        "report": None,
        "error": None,
    }
    return JobOut.model_validate({**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Encoding · 12 of 40 · 3.0 a second · about 10 s left"),
        ({"done": 0}, "Encoding · 0 of 40"),
        ({"seconds": 0.0}, "Encoding · 12 of 40"),
        ({"total": 0}, "Encoding"),
        ({"total": 0, "message": "", "state": "queued"}, "Waiting"),
        ({"total": 0, "message": ""}, "Working"),
    ],
)
def test_progress_tells_rate_and_time_left_once_there_is_a_rate(changes: dict[str, object], said: str) -> None:
    """Before anything is done there is no rate, so none is made up."""
    assert wording.progress(job(**changes)) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Visiting us · characters 39 to 43"),
        ({"page": 7, "heading_path": ["Manual", "Dose"]}, "Manual \u203a Dose · page 7 · characters 39 to 43"),
        ({"heading_path": []}, "characters 39 to 43"),
    ],
)
def test_whereabouts_name_headings_page_and_code_points(changes: dict[str, Any], said: str) -> None:
    """What a format does not have is left out."""
    assert wording.whereabouts(citation(**changes)) == said


@pytest.mark.parametrize(
    ("dense", "lexical", "said"),
    [
        (1, 2, "by meaning, rank 1, and by words, rank 2"),
        (None, 3, "by words, rank 3"),
        (None, None, "beside another passage"),
    ],
)
def test_found_by_names_the_ways_that_led_to_a_passage(dense: int | None, lexical: int | None, said: str) -> None:
    """A side that did not return the passage is not named."""
    assert wording.found_by(citation(dense_rank=dense, lexical_rank=lexical)) == said


def test_a_report_names_every_kind_of_change() -> None:
    """Each figure of a run that is not zero is told."""
    everything = IndexReport(added=1, changed=2, renamed=3, deleted=4, unchanged=5000)
    assert wording.report(everything) == "1 added, 2 changed, 3 renamed, 4 deleted, 5,000 unchanged."
