"""What the routes share: made when the service starts, reached through dependencies, gone when it stops."""

from collections.abc import AsyncIterator
from typing import Annotated, TypedDict

from anyio import CapacityLimiter
from fastapi import Depends, Request

from api.jobs import Jobs
from api.turnstile import Turnstile
from retriever.library import Library


class State(TypedDict):
    """The lifespan state, laid under every request as `request.state`."""

    library: Library
    jobs: Jobs
    turnstile: Turnstile
    aside: CapacityLimiter


# Coroutines, so that FastAPI spends no thread on them.


async def the_library(request: Request) -> Library:
    """Find the open library."""
    library: Library = request.state.library
    return library


async def the_jobs(request: Request) -> Jobs:
    """Find the jobs."""
    jobs: Jobs = request.state.jobs
    return jobs


async def the_limiter_aside(request: Request) -> CapacityLimiter:
    """Find the limiter of a thread that no other work waits for."""
    aside: CapacityLimiter = request.state.aside
    return aside


async def a_turn(request: Request) -> AsyncIterator[None]:
    """Hold a turn at the turnstile for as long as the route works."""
    turnstile: Turnstile = request.state.turnstile
    async with turnstile.turn():
        yield


TheLibrary = Annotated[Library, Depends(the_library)]
TheJobs = Annotated[Jobs, Depends(the_jobs)]
Aside = Annotated[CapacityLimiter, Depends(the_limiter_aside)]
InTurn = Depends(a_turn, scope="function")  # given back before the response travels, however slow its reader is
