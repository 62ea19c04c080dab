"""The documents of the library, and the jobs that change them."""

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Response, UploadFile
from fastapi import Path as InPath

from api import convert
from api.errors import Overloaded
from api.problems import LIBRARY, documented
from api.schemas import DocumentList, DocumentOut, JobList, JobOut, ReindexRequest
from api.state import InTurn, TheJobs, TheLibrary
from api.uploads import received
from ingest import pipeline
from retriever.errors import FileTooLarge, InvalidPath, LibraryLocked, UnknownDocument, UnknownJob, UnsupportedFile

router = APIRouter(tags=["documents"])

DocumentId = Annotated[str, InPath(max_length=64, examples=["3f1c9a7b20d4e856"])]
JobId = Annotated[str, InPath(max_length=64, examples=["5e0f6a1c9d3b7482"])]
Files = Annotated[list[UploadFile], File(description="One or more files; their content decides how they are read.")]

WRONG_ID = HTTPStatus.UNPROCESSABLE_ENTITY
BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
LOCATION: dict[str, Any] = {"headers": {"Location": {"description": "The job.", "schema": {"type": "string"}}}}
ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"description": "A job was put in line.", **LOCATION}}


@router.get("/documents", summary="List documents", responses=documented(*LIBRARY, Overloaded), dependencies=[InTurn])
def list_documents(library: TheLibrary) -> DocumentList:
    """List every document by its source."""
    with library.store.snapshot() as snapshot:
        return convert.document_list(snapshot.documents(), snapshot.generation)


@router.get(
    "/documents/{document_id}",
    summary="Read a document",
    responses=documented(*LIBRARY, Overloaded, UnknownDocument, WRONG_ID),
    dependencies=[InTurn],
)
def get_document(document_id: DocumentId, library: TheLibrary) -> DocumentOut:
    """Read the canonical text that the offsets of every citation of this version count in."""
    with library.store.snapshot() as snapshot:
        return convert.document_out(snapshot.document(document_id), snapshot.text(document_id))


@router.post(
    "/documents",
    summary="Upload documents",
    status_code=HTTPStatus.ACCEPTED,
    responses={**ACCEPTED, **documented(*LIBRARY, Overloaded, FileTooLarge, UnsupportedFile, *BODY)},
    dependencies=[InTurn],
)
def upload_documents(files: Files, library: TheLibrary, jobs: TheJobs, response: Response) -> JobOut:
    """Index files in a job. A file replaces the one that was uploaded under the same name before.

    Where no file can be read, the answer is a 415 at once; where some cannot, the job's report names them.
    """
    uploads = received(files, library.settings.max_file_bytes)
    size = sum(len(upload.data) for upload in uploads)
    return _accepted(response, jobs.submit(partial(pipeline.add_upload, library, uploads), size=size))


@router.delete(
    "/documents/{document_id}",
    summary="Remove a document",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(*LIBRARY, Overloaded, LibraryLocked, UnknownDocument, WRONG_ID),
)
async def delete_document(document_id: DocumentId, library: TheLibrary, jobs: TheJobs) -> None:
    """Remove a document from the library and from every answer at once; its file, if it has one, stays where it is.

    A file that still lies in a folder that was indexed comes back with the next re-indexing.
    """
    await jobs.at_once(partial(pipeline.remove, library, document_id))


@router.post(
    "/reindex",
    summary="Index files and folders",
    status_code=HTTPStatus.ACCEPTED,
    responses={**ACCEPTED, **documented(*LIBRARY, Overloaded, InvalidPath, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, *BODY)},
)
async def reindex(body: ReindexRequest, library: TheLibrary, jobs: TheJobs, response: Response) -> JobOut:
    """Bring files and folders of this machine up to date in a job; without paths, all that were indexed before.

    The service reads whatever its user may read, which is why it listens to this machine alone.
    """
    paths = [Path(path) for path in body.paths]
    for path in paths:
        if not path.is_absolute():
            msg = f"{path} is not an absolute path, and the service does not know your current folder."
            raise InvalidPath(msg)
    return _accepted(response, jobs.submit(partial(pipeline.index, library, paths)))


@router.get("/jobs", summary="List jobs", responses=documented(*LIBRARY))
async def list_jobs(jobs: TheJobs) -> JobList:
    """Tell how far each job is, the newest first; what one did, its `report`, is told where it is followed alone."""
    return JobList(jobs=jobs.all())


@router.get("/jobs/{job_id}", summary="Follow a job", responses=documented(*LIBRARY, UnknownJob, WRONG_ID))
async def get_job(job_id: JobId, jobs: TheJobs) -> JobOut:
    """Tell how far a job is, and how it ended. The last hundred that ended are remembered."""
    return jobs.get(job_id)


def _accepted(response: Response, job: JobOut) -> JobOut:
    response.headers["Location"] = f"/jobs/{job.id}"
    return job
