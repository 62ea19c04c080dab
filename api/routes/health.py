"""Is it alive, is it ready: quick answers, whatever else goes on."""

from importlib.metadata import version

from anyio.to_thread import run_sync
from fastapi import APIRouter

from api.problems import ANYWHERE, LIBRARY, documented
from api.schemas import Health, Readiness
from api.state import Aside, TheLibrary
from retriever.library import Library

router = APIRouter(tags=["health"])
VERSION = version("footnote")


@router.get("/healthz", summary="Is it alive?", responses=documented(*ANYWHERE))
async def healthz() -> Health:
    """Answer at once, from memory: the process is alive and takes requests."""
    return Health()


@router.get("/readyz", summary="Is it ready?", responses=documented(*LIBRARY))
async def readyz(library: TheLibrary, aside: Aside) -> Readiness:
    """Read the library's state: it is open. The reader and its model are loaded by the first question."""
    return await run_sync(_readiness, library, limiter=aside)


def _readiness(library: Library) -> Readiness:
    with library.store.snapshot() as snapshot:
        searched = snapshot.counts()
        return Readiness(
            generation=snapshot.generation,
            documents=searched.documents,
            chunks=searched.chunks,
            model=library.settings.model,
            version=VERSION,
        )
