"""What the routes share: made when the service starts, reached through dependencies, gone when it stops."""

from collections.abc import AsyncIterator
from typing import Annotated, TypedDict

from fastapi import Depends, Request

from api.jobs import Jobs
from api.turnstile import Turnstile
from retriever.library import Library


class State(TypedDict):
    """The lifespan state, laid under every request as `request.state`."""

    library: Library
    jobs: Jobs
    turnstile: Turnstile


# Coroutines, so that FastAPI spends no thread on them.


async def the_library(request: Request) -> Library:
    """Find the open library."""
    library: Library = request.state.library
    return library


async def the_jobs(request: Request) -> Jobs:
    """Find the jobs."""
    jobs: Jobs = request.state.jobs
    return jobs


async def a_turn(request: Request) -> AsyncIterator[None]:
    """Hold a turn at the turnstile for as long as the route works."""
    turnstile: Turnstile = request.state.turnstile
    async with turnstile.turn():
        yield


TheLibrary = Annotated[Library, Depends(the_library)]
TheJobs = Annotated[Jobs, Depends(the_jobs)]
InTurn = Depends(a_turn, scope="function")  # given back before the response travels, however slow its reader is
