"""What the network may send, and what it gets back."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from api.guard import MAX_JSON_BYTES
from tests.api.serving import ended, problem_of, upload

JSON = {"content-type": "application/json"}
QUESTION = {"question": "When does the room open?"}
FORM = {"content-type": "multipart/form-data; boundary=edge"}


def chunks(size: int) -> Iterator[bytes]:
    """Send so many bytes without saying beforehand how many they are."""
    for _ in range(size // 65_536 + 1):
        yield b"x" * 65_536


def send(client: httpx.Client, request: bytes) -> None:
    """Write bytes to the socket, stop writing, and wait for whatever comes back."""
    with (
        socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=10) as connection,
        suppress(ConnectionError),
    ):
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(65_536)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt",
        "/etc/passwd.txt",
        r"\\server\share\passwd.txt",
        "%2e%2e%2fpasswd.txt",
        "x\x00/passwd.txt",
    ],
)
def test_check_27_a_hostile_name_is_a_label_and_nothing_else(client: httpx.Client, name: str) -> None:
    """The document is stored under a generated id; the name that a person sees has no path in it."""
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="files"; filename="'
        + name.encode()
        + b'"\r\n\r\nSome words to index.\r\n--edge--\r\n'
    )
    ended(client, client.post("/documents", content=body, headers=FORM).headers["location"])
    (document,) = client.get("/documents").json()["documents"]
    assert document["source"] == "upload:passwd.txt"
    assert "passwd" not in document["id"]


@pytest.mark.parametrize("name", ["", "n" * 5_000])
def test_check_27_a_name_that_is_no_name_is_survived(shared: httpx.Client, name: str) -> None:
    """An empty name, and one longer than a header may be: indexed under a label, or a 4xx."""
    body = f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\nWords.\r\n--edge--\r\n'
    response = shared.post("/documents", content=body.encode(), headers=FORM)
    if response.status_code == httpx.codes.ACCEPTED:
        ended(shared, response.headers["location"])
    else:
        problem_of(response, response.status_code)
        assert response.is_client_error


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]", ""]
)
def test_check_32_a_wrong_host_is_refused(shared: httpx.Client, host: str) -> None:
    """A page that resolves its own name to this machine gets nothing, not even a health check."""
    problem_of(shared.get("/healthz", headers={"host": host}), 421)
    problem_of(shared.post("/ask", json=QUESTION, headers={"host": host}), 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8808", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8808"])
def test_check_32_this_machine_is_known_by_its_names(shared: httpx.Client, host: str) -> None:
    """Loopback names with any port, since a tunnel changes the port."""
    assert shared.get("/healthz", headers={"host": host}).status_code == httpx.codes.OK


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", ""])
def test_check_33_a_foreign_origin_is_refused(shared: httpx.Client, origin: str) -> None:
    """Pages of other sites, sandboxed pages and other services of this machine may neither change nor ask anything."""
    headers = {"origin": origin}
    for response in (
        shared.post("/ask", json=QUESTION, headers=headers),
        shared.post("/reindex", json={}, headers=headers),
        shared.post("/documents", files={"files": b"words"}, headers=headers),
        shared.delete("/documents/none", headers=headers),
        shared.get("/documents", headers=headers),
    ):
        problem_of(response, 403)


@pytest.mark.parametrize(
    ("site", "into", "status"),
    [
        ("cross-site", "image", 403),
        ("same-site", "empty", 403),
        ("cross-site", "iframe", 403),
        ("cross-site", "document", 200),
        ("same-origin", "empty", 200),
        ("none", "document", 200),
    ],
)
def test_check_33_a_page_of_another_site_makes_no_work(shared: httpx.Client, site: str, into: str, status: int) -> None:
    """Browsers send no origin with the address of a picture, but the site; a link that is followed is taken."""
    headers = {"sec-fetch-site": site, "sec-fetch-dest": into}
    assert shared.get("/documents", headers=headers).status_code == status


def test_check_33_no_answer_can_be_read_by_another_site(shared: httpx.Client) -> None:
    """No response has a CORS header, a preflight is refused, and the same origin is served."""
    origin = str(shared.base_url).rstrip("/")
    same = shared.get("/documents", headers={"origin": origin})
    asked = {"origin": origin, "access-control-request-method": "POST"}
    preflight = shared.options("/ask", headers=asked)
    assert same.status_code == httpx.codes.OK
    problem_of(preflight, 405)
    for response in (same, preflight):
        assert not [name for name in response.headers if name.startswith("access-control")]


def test_check_38_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(shared: httpx.Client) -> None:
    """The Content-Length alone decides, on every route that takes a body."""
    for path, size in (("/ask", MAX_JSON_BYTES), ("/reindex", MAX_JSON_BYTES), ("/documents", 400_000)):
        problem = problem_of(shared.post(path, content=b"x" * (size + 1), headers=JSON), 413)
        assert str(size) in problem["detail"]


def test_check_38_a_body_that_does_not_say_is_counted(shared: httpx.Client) -> None:
    """A stream without a length is cut off at the limit, JSON and files alike."""
    problem_of(shared.post("/ask", content=chunks(MAX_JSON_BYTES), headers=JSON), 413)
    start = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    problem_of(shared.post("/documents", content=iter([start, *chunks(400_000)]), headers=FORM), 413)
    assert shared.get("/healthz").status_code == httpx.codes.OK


def test_check_38_one_file_too_large_is_refused_by_name(client: httpx.Client) -> None:
    """A file above the setting is named, with the setting, and nothing of the upload is indexed."""
    files = [("files", ("small.txt", b"words")), ("files", ("large.txt", b"words " * 20_000))]
    problem = problem_of(client.post("/documents", files=files), 413)
    assert problem["type"] == "urn:footnote:problem:file-too-large"
    assert problem["detail"].startswith("large.txt is larger than 100000 bytes")
    assert client.get("/documents").json()["documents"] == []


def test_check_38_parts_and_headers_are_counted(shared: httpx.Client) -> None:
    """A thousand and one files, a swarm of fields, one endless header: a 4xx each."""
    files = [("files", (f"{n}.txt", b"x")) for n in range(1_001)]
    assert "1000" in problem_of(shared.post("/documents", files=files), 400)["detail"]
    fields = {f"field{n}": "x" for n in range(17)}
    problem_of(shared.post("/documents", data=fields, files={"files": b"x"}), 400)
    problem_of(shared.get("/healthz", headers={"x": "x" * 17_000}), 431)
    send(shared, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 5_000_000)
    assert shared.get("/healthz").status_code == httpx.codes.OK


@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile")  # Starlette leaves a part that breaks off to the collector
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--edge--"),
        ("multipart/form-data; boundary=", b"--edge--"),
        ("multipart/form-data; boundary=" + "b" * 500, b"--edge--"),
        ("multipart/form-data; boundary=edge", b""),
        ("multipart/form-data; boundary=edge", b"no boundary at all"),
        ("multipart/form-data; boundary=edge", b"--edge\r\n\r\nno headers\r\n--edge--"),
        (
            "multipart/form-data; boundary=edge",
            b'--edge\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--edge--',
        ),
        (
            "multipart/form-data; boundary=edge; charset=idna",
            b'--edge\r\nContent-Disposition: form-data; name="\xff\xfe',
        ),
        (
            "multipart/form-data; boundary=edge",
            b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\ncut',
        ),
        ("application/x-www-form-urlencoded", b"files=%ff&files=x"),
        ("application/json", b"{}"),
        ("text/plain", b"words"),
    ],
)
def test_check_39_a_malformed_upload_is_a_4xx(shared: httpx.Client, content_type: str, body: bytes) -> None:
    """Whatever it looks like, the answer is a problem, and the service goes on."""
    response = shared.post("/documents", content=body, headers={"content-type": content_type})
    assert response.is_client_error, response.text
    problem_of(response, response.status_code)
    assert upload(shared, after="Words that are indexed afterwards.")["state"] == "done"


def test_check_39_an_upload_that_breaks_off_does_not_stop_the_service(shared: httpx.Client) -> None:
    """The connection closes in the middle of a file."""
    head = b"POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    send(shared, head + b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge\r\nContent-Disp")
    assert upload(shared, after="Words that are indexed afterwards.")["state"] == "done"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"question": 7}', 422),
        (b'{"question": "why?", "extra": 1}', 422),
        (b'{"question": "why?", "\\ud800": 1}', 422),
        (b'{"question": NaN}', 422),
        (b'{"question": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b'{"question": ' + b"9" * 10_000 + b"}", 400),
    ],
)
def test_a_body_that_is_not_the_agreed_shape_gets_a_sentence(shared: httpx.Client, body: bytes, status: int) -> None:
    """JSON that is broken, too deep, or of another shape is a problem that says where."""
    problem_of(shared.post("/ask", content=body, headers=JSON), status)


def test_half_a_character_passes(shared: httpx.Client) -> None:
    """JSON can hold a lone surrogate, and so can a document; what came in goes out."""
    answer = shared.post("/ask", content=b'{"question": "Tea \\ud800?"}', headers=JSON)
    assert answer.status_code == httpx.codes.OK
    assert answer.json()["question"] == "Tea \ud800?"


@pytest.mark.parametrize("k", ["0", "51", "-1", "many", "1e3", ""])
def test_a_count_out_of_range_is_named(shared: httpx.Client, k: str) -> None:
    """From 1 to 50 passages; the sentence names the field."""
    assert "field k" in problem_of(shared.get("/search", params={"q": "tea", "k": k}), 422)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/documents/", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/%ED%A0%80", 404),
        ("GET", "/documents/%00", 404),
        ("GET", "/documents/" + "7" * 65, 422),
        ("GET", "/documents/..%2f..%2fetc%2fpasswd", 404),
        ("PUT", "/documents", 405),
        ("DELETE", "/ask", 405),
        ("TRACE", "/ask", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(shared: httpx.Client, method: str, path: str, status: int) -> None:
    """Addresses and methods that do not exist, and no page that would load scripts from elsewhere."""
    response = shared.request(method, path)
    problem_of(response, status)
    assert ("allow" in response.headers) == (status == httpx.codes.METHOD_NOT_ALLOWED)


def test_every_response_has_an_id_of_its_own_and_may_not_run_or_be_kept(shared: httpx.Client) -> None:
    """Good or bad, the same headers; the client's own id is not taken over."""
    mine = {"x-request-id": "mine"}
    responses = [shared.get(path, headers=mine) for path in ("/healthz", "/openapi.json", "/nothing", "/search")]
    responses.append(shared.get("/healthz", headers={"host": "evil.example"}))
    for response in responses:
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in response.headers
    ids = {response.headers["x-request-id"] for response in responses}
    assert len(ids) == len(responses)
    assert "mine" not in ids


def test_the_schema_is_whole(shared: httpx.Client) -> None:
    """Every operation has a readable id, a tag, a summary and problems; every reference resolves; no default error."""
    schema = shared.get("/openapi.json").json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == {
        *("ask", "search", "verify", "list_documents", "get_document", "upload_documents", "delete_document"),
        *("reindex", "list_jobs", "get_job", "healthz", "readyz"),
    }
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]
        assert {"403", "421"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            assert list(response.get("content", {})) in ([], ["application/json"]) or int(status) >= 400
    text = json.dumps(schema)
    names = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= set(schema["components"]["schemas"])
    assert "HTTPValidationError" not in text
