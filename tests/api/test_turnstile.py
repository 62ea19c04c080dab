"""How much work is let in at once."""

import asyncio

import pytest

from api.errors import Overloaded
from api.turnstile import Turnstile


def test_work_beyond_the_room_is_turned_away_and_room_comes_back() -> None:
    """One works, one waits, the third is refused at once; when the first is done there is room again."""

    async def scene() -> list[str]:
        turnstile, events, leave = Turnstile(at_work=1, in_line=1), list[str](), asyncio.Event()

        async def work(name: str) -> None:
            async with turnstile.turn():
                events.append(f"{name} works")
                await leave.wait()

        first, second = asyncio.create_task(work("first")), asyncio.create_task(work("second"))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match=r"again in a second\.$"):
            await work("third")
        events.append("third is refused")
        leave.set()
        await asyncio.gather(first, second)
        await work("fourth")
        return events

    assert asyncio.run(scene()) == ["first works", "third is refused", "second works", "fourth works"]


def test_work_that_fails_gives_its_turn_back() -> None:
    """A failure inside does not narrow the turnstile."""

    async def scene() -> None:
        turnstile = Turnstile(at_work=1, in_line=0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                async with turnstile.turn():
                    raise ZeroDivisionError

    asyncio.run(scene())
