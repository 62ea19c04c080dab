"""The chat in a real Chromium, by keyboard, over a real service."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.api.serving import upload, upload_files
from tests.ui.browsing import Chat
from tests.ui.pictures import take
from tests.ui.serving import wait_for

pytestmark = pytest.mark.browser

FILLER = "".join(f"Shelf {number} holds maps of rivers and of roads.\n\n" for number in range(60))
HOURS = f"{FILLER}The reading room opens at nine on weekdays. It closes at five.\n\n{FILLER}"
QUESTION = "When does the reading room open on weekdays?"

SCRIPT = "<script>window.ran = 1</script><img src=http://127.0.0.2:9/x onerror='window.ran = 1'>"
MARKDOWN = (
    "![x](http://127.0.0.2:9/x.png) [y](javascript:window.ran=1) $\\href{javascript:window.ran=1}{z}$ :material/bolt:"
)
TEMPLATE = "{document} {0.__class__} ${HOME} {{ 7 * 7 }} %s"
NAME = "{0.__class__} ${HOME} *b* <img src=x onerror='window.ran=1'>.txt"
HOSTILE = f"The lighthouse was painted red in 1901. {SCRIPT} {MARKDOWN} {TEMPLATE} \u202egnorw\u202c end."


@pytest.fixture(autouse=True)
def _fresh(chat: Chat) -> None:
    """Start each test with an empty library and a new conversation."""
    for document in chat.api.get("/documents").json()["documents"]:
        chat.api.delete(f"/documents/{document['id']}")


def test_a_footnote_opens_the_source_at_the_quote(chat: Chat) -> None:
    """By keyboard: ask, open the footnote in the answer, read the marked words, close, open it from the list."""
    upload(chat.api, hours=HOURS)
    chat.load()
    chat.ask(QUESTION)
    (cited, *_) = chat.api.post("/ask", json={"question": QUESTION}).json()["citations"]

    chat.press(".answer .note")

    chat.see(".notice.good", "Verified.")
    mark = chat.see(".source mark")
    assert mark.get_property("textContent") == cited["quote"] == HOURS[cited["start"] : cited["end"]]
    assert _in_view(chat)
    chat.close()
    chat.press("[class*=st-key-open-0-1] button")
    assert chat.see(".source mark").get_property("textContent") == cited["quote"]
    chat.close()


def _in_view(chat: Chat) -> bool:
    """Tell whether the first marked line stands inside the scrolling region, which begins long before it."""
    region, mark = chat.see(".source"), chat.see(".source mark")
    scrolled = float(str(region.get_property("scrollTop")))
    return scrolled > 0 and region.rect["y"] <= mark.rect["y"] < region.rect["y"] + region.rect["height"]


def test_documents_come_and_go(chat: Chat, tmp_path: Path) -> None:
    """Upload two files, index again, remove one: the list follows each time."""
    for name in ("hours", "garden"):
        (tmp_path / f"{name}.txt").write_text(f"All about the {name}.", "utf-8")
    chat.load()
    chat.see("pre", "footnote index")
    (picker,) = chat.find("[data-testid=stFileUploaderDropzoneInput]")
    picker.send_keys("\n".join(str(tmp_path / f"{name}.txt") for name in ("hours", "garden")))
    wait_for(lambda: len(chat.find("[data-testid=stFileChipDeleteBtn]")) == 2)
    chat.press(".st-key-add button")
    chat.see(".notice.good", "2 added.")
    chat.press(".st-key-reindex button")
    chat.see(".notice.good", "Nothing to do.")

    chat.press("[class*=st-key-remove-] button")
    chat.press(".st-key-confirm button")

    wait_for(lambda: len(chat.find("[class*=st-key-remove-] button")) == 1)
    assert len(chat.api.get("/documents").json()["documents"]) == 1


def test_no_answer_is_said_and_the_nearest_passage_can_be_opened(chat: Chat) -> None:
    """The documents do not say; what came nearest is one press away."""
    upload(chat.api, hours=HOURS)
    chat.load()
    chat.ask("Who painted the ceiling of the chapel?")
    chat.see(".no-answer", "do not say")
    nearest = chat.api.post("/ask", json={"question": "Who painted the ceiling of the chapel?"}).json()["nearest"][0]
    chat.press("[class*=st-key-open-0-1] button")
    assert chat.see(".source mark").get_property("textContent") == nearest["quote"]


def test_check_44_and_49_a_hostile_document_does_nothing(chat: Chat) -> None:
    """Scripts, handlers, images, links, math, icons, overrides and templates: all are words, and nothing is fetched.

    They stand in a document's text, in a file's name and in a question, and go through every state that shows them.
    """
    upload_files(chat.api, [(NAME, HOSTILE.encode())])
    chat.requested()
    chat.complaints()

    chat.load()
    chat.ask(f"When was the lighthouse painted red? {SCRIPT} {MARKDOWN} {TEMPLATE}".replace("\n", " "))
    chat.press("[class*=st-key-open-0-1] button")
    shown = chat.see(".source").get_property("textContent")
    assert shown == HOSTILE.replace("\u202e", "\ufffd").replace("\u202c", "\ufffd")
    assert f"upload:{NAME}" in chat.see(".particulars").text
    chat.close()
    chat.press("[class*=st-key-remove-] button")
    chat.see("[role=dialog] .title")

    assert chat.driver.execute_script("return window.ran") is None
    assert {urlsplit(each).hostname for each in chat.requested() if not each.startswith(("data:", "blob:"))} == {
        "127.0.0.1"
    }
    assert chat.complaints() == []


def test_the_pictures_of_the_readme_can_be_taken_anew(chat: Chat, tmp_path: Path) -> None:
    """Both are as wide as a page shows them, small, and one is light and the other dark."""
    take(chat, tmp_path)
    corners = []
    for name in ("answer.png", "no-answer.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.size == (1280, 800)
            corners.append(picture.convert("L").tobytes()[-1])
        assert (tmp_path / name).stat().st_size < 200_000
    light, dark = corners
    assert (light > 200, dark < 50) == (True, True)
