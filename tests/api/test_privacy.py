"""What the logs and the errors hold, and what they do not."""

from collections.abc import Iterator

import httpx
import pytest

from api.app import create_app
from api.logs import PrivateFormatter, describe
from retriever.library import Library
from retriever.settings import Settings
from retriever.store import FILE_NAME, Store
from tests.api.serving import FailingEncoder, logged, problem_of, serving, upload
from tests.toys import ToyEncoder

SECRETS = ("zanzibar", "marmalade", "quicksilver", "token-7f3a")


@pytest.fixture
def failing(settings: Settings) -> Iterator[httpx.Client]:
    """A service with an encoder that fails on some texts and quotes them in its message."""
    with Library.open(settings, encoder=FailingEncoder()) as library, serving(create_app(settings, library)) as client:
        yield client


def test_check_43_the_log_holds_no_question_no_text_no_name_and_no_token(failing: httpx.Client) -> None:
    """Down to the finest level, through success, refusal, defect and failed job: method, route, status and time."""
    headers = {"authorization": "Bearer token-7f3a"}
    with logged() as log:
        upload(failing, marmalade="The password of zanzibar is quicksilver.")
        upload(failing, marmalade="A failure of zanzibar named quicksilver.")
        for question in ("Where is zanzibar?", "Which failure is quicksilver?", ""):
            failing.post("/ask", json={"question": question}, headers=headers)
            failing.get("/search", params={"q": question}, headers=headers)
        failing.get("/documents/quicksilver")
        failing.get("/zanzibar")
        failing.request("QUICKSILVER", "/ask")
        failing.post("/reindex", json={"paths": ["/home/zanzibar"]})
        failing.get("/healthz", headers={"host": "zanzibar"})
    lines = log.getvalue()
    assert "method=POST route=/ask status=200 ms=" in lines
    assert "method=GET route=/documents/{document_id} status=404" in lines
    assert "method=- route=/ask status=405" in lines
    assert "ValueError" in lines
    for secret in SECRETS:
        assert secret not in lines.lower()


def test_check_43_a_defect_says_under_which_id_it_is_logged_and_nothing_else(failing: httpx.Client) -> None:
    """A person can report it; the message of the exception, which quotes the question, stays inside."""
    with logged() as log:
        response = failing.post("/ask", json={"question": "Which failure is quicksilver?"})
    problem = problem_of(response, 500)
    assert "quicksilver" not in response.text
    assert problem["request_id"] in problem["detail"]
    assert f"request_id={problem['request_id']}" in log.getvalue()
    assert response.headers["x-content-type-options"] == "nosniff"
    assert failing.get("/healthz").status_code == httpx.codes.OK


def test_a_library_that_is_damaged_is_told_without_its_folder(settings: Settings) -> None:
    """Neither the answer nor the log says where on this machine it lies."""
    Store.open(settings.home).close()
    file = settings.home / FILE_NAME
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with (
        Library.open(settings, encoder=ToyEncoder()) as library,
        serving(create_app(settings, library)) as client,
        logged() as log,
    ):
        problem = problem_of(client.get("/documents"), 503)
    assert problem["type"] == "urn:footnote:problem:library-damaged"
    assert str(settings.home) not in str(problem)
    assert "error=LibraryDamaged" in log.getvalue()
    assert str(settings.home) not in log.getvalue()


def test_an_exception_is_described_by_its_places_and_its_causes() -> None:
    """Where it came from and what it came from, without what either said."""
    try:
        try:
            int("a secret")
        except ValueError as error:
            msg = "another secret"
            raise KeyError(msg) from error
    except KeyError as error:
        described = describe(error)
    assert described.startswith("api/test_privacy.py:")
    assert " > KeyError because of api/test_privacy.py:" in described
    assert described.endswith(" > ValueError")
    assert "secret" not in described


def test_a_record_without_an_exception_is_formatted_as_nothing() -> None:
    """`logging` asks for the exception of a record that was logged outside a handler, too."""
    assert PrivateFormatter().formatException((None, None, None)) == ""
