"""The schema and the service agree, whatever is sent."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from retriever.settings import Settings
from tests.api.serving import ended, upload

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
LIMITS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_check_42_nothing_that_can_be_sent_fails_and_every_error_is_a_problem(
    client: httpx.Client, mode: GenerationMode
) -> None:
    """Zero 5xx; every response is as the schema says; every error is `application/problem+json`."""
    upload(client, hours="The reading room opens at nine.")
    schema = schemathesis.openapi.from_url(str(client.base_url.join("/openapi.json")))
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == 12
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
            continue  # there is nothing in it to get wrong

        @LIMITS
        @given(case=operation.as_strategy(generation_mode=mode))
        def exchange(case: schemathesis.Case[Any]) -> None:
            if case.path == "/reindex" and isinstance(case.body, dict):  # no test indexes the machine it runs on
                case.body.pop("paths", None)
            response = case.call()
            case.validate_response(response, checks=CHECKS)
            if response.status_code == httpx.codes.ACCEPTED:
                ended(client, response.headers["location"][0])  # or the line would fill up, and say so with a 503
            elif response.status_code >= 400:
                assert response.headers["content-type"] == ["application/problem+json"]

        exchange()


def test_every_shape_has_an_example(tmp_path: Path) -> None:
    """Whoever reads the schema sees what each shape looks like; the framework's own shapes are not ours."""
    shapes = create_app(Settings(home=tmp_path)).openapi()["components"]["schemas"]
    foreign = {"Body_upload_documents"}
    assert [name for name, shape in shapes.items() if "example" not in shape and name not in foreign] == []
