"""The error tree. Each error carries one sentence for the person who will read it, and no HTTP status.

    FootnoteError
    ├── RequestError            what was asked for cannot be done as asked
    │   ├── InvalidQuestion     blank, or too long
    │   ├── InvalidPath         nothing there, or nothing that may be indexed
    │   ├── UnknownDocument
    │   ├── UnknownJob
    │   ├── UnsupportedFile     no reader understands these bytes
    │   └── FileTooLarge
    ├── LibraryError            the library on disk
    │   ├── LibraryLocked       another process is writing
    │   ├── LibraryMismatch     indexed with another model, or by another release
    │   └── LibraryDamaged      the store itself fails its checks
    ├── ModelError              a model's files are missing, or their hash is another
    ├── ServiceError            the interface, not the library: a port in use, the API out of reach
    ├── SettingsError           a setting has a value that cannot be
    └── BrokenCitation          a quote that does not stand in its source: our defect, never shown as an answer

An expected outcome ("the documents do not say") is a value, `retriever.records.NoAnswer`, and stands in no tree.
"""


class FootnoteError(Exception):
    """The root. `str(error)` is the sentence."""


class RequestError(FootnoteError):
    """What was asked for cannot be done as asked."""


class InvalidQuestion(RequestError):
    """The question is blank or too long."""


class InvalidPath(RequestError):
    """There is nothing at that path, or nothing that may be indexed."""


class UnknownDocument(RequestError):
    """The library holds no document of that id."""


class UnknownJob(RequestError):
    """There is no job of that id."""


class UnsupportedFile(RequestError):
    """No reader understands these bytes."""


class FileTooLarge(RequestError):
    """The file exceeds the size that the settings allow."""


class LibraryError(FootnoteError):
    """The library on disk cannot be used as it is."""


class LibraryLocked(LibraryError):
    """Another process is writing to the library."""


class LibraryMismatch(LibraryError):
    """The library was made with another model, or by another release."""


class LibraryDamaged(LibraryError):
    """The store fails its own checks."""


class ModelError(FootnoteError):
    """A model's files are missing, or are not the ones that were pinned."""


class ServiceError(FootnoteError):
    """An interface cannot be reached or cannot start."""


class SettingsError(FootnoteError):
    """A setting has a value that cannot be."""


class BrokenCitation(FootnoteError):
    """A quote does not stand where its citation says: a defect, and never shown as an answer."""
