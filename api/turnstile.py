"""How much work is let in at once, so that a flood of requests slows nobody's health check and fills no memory."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.errors import Overloaded

AT_WORK = max(2, os.cpu_count() or 1)
IN_LINE = 16


class Turnstile:
    """Lets `at_work` requests work at once and `in_line` more wait their turn; turns the others away at once.

    Waiting costs no thread. It belongs to one event loop.
    """

    def __init__(self, at_work: int = AT_WORK, in_line: int = IN_LINE) -> None:
        """Open an empty turnstile."""
        self._room = at_work + in_line
        self._turns = asyncio.Semaphore(at_work)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the length of the block.

        Raises:
            Overloaded: as many are at work and in line as are let in.

        """
        if not self._room:
            msg = "Too much is asked for at this moment; ask again in a second."
            raise Overloaded(msg)
        self._room -= 1
        try:
            async with self._turns:
                yield
        finally:
            self._room += 1
