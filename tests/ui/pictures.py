"""Pictures of the chat for the README: `python -m tests.ui.pictures` makes them anew from the seeds."""

import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.api.serving import upload_files
from tests.ui.browsing import Chat, chromium
from tests.ui.serving import PAGE, running

ROOT = PAGE.parents[1]
ANSWERED = "What are the foundational agreements?"
UNANSWERED = "Does India have to buy fewer Russian weapons under the framework?"


def take(chat: Chat, folder: Path) -> None:
    """Take an answer with its source opened, in light, and a question that the documents do not answer, in dark."""
    upload_files(chat.api, [(seed.name, seed.read_bytes()) for seed in (ROOT / "seeds" / "documents").iterdir()])
    chat.api.post("/ask", json={"question": ANSWERED})  # the first question waits for the model; the picture's does not
    chat.dress("light")
    chat.load()
    chat.ask(ANSWERED)
    chat.press("[class*=st-key-open-0-1] button")
    chat.see(".source mark")
    _save(chat, folder / "answer.png")
    chat.dress("dark")
    chat.load()
    chat.ask(UNANSWERED)
    chat.see("p.closing")
    _save(chat, folder / "no-answer.png")


def _save(chat: Chat, file: Path) -> None:
    """Save what is shown, in 256 colours that come close: a third of the bytes."""
    chat.settle()
    with Image.open(io.BytesIO(chat.driver.get_screenshot_as_png())) as picture:
        few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


if __name__ == "__main__":  # pragma: no cover - the same with the shipped model, which no test waits for
    with (
        tempfile.TemporaryDirectory() as scratch,
        running(Path(scratch)) as (served, at),
        chromium(Path(scratch) / "profile") as browser,
    ):
        take(Chat(browser, at, served), ROOT / "docs" / "images")
