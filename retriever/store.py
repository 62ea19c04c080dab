"""SQLite, the only truth: documents, chunks and vectors, and the generation that every commit moves by one."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Self

from retriever import disk
from retriever.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryMismatch
from retriever.locking import WriterLock
from retriever.migrations import APPLICATION_ID, MIGRATIONS
from retriever.snapshot import Snapshot
from retriever.writer import Writer

FILE_NAME = "library.sqlite"


class Store:
    """The library on disk. Any number of readers, in any process; one writer at a time; readers never wait.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home, Store.open(Path(home)) as store, store.snapshot() as snapshot:
    ...     snapshot.generation, snapshot.counts().documents
    (0, 0)
    """

    def __init__(self, home: Path) -> None:
        """Use `Store.open`."""
        self.home = home
        self._path = home / FILE_NAME
        self._lock = WriterLock(home)
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._guard = threading.Lock()

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the library in `home`, making it where there is none and bringing an older one up to date.

        Raises:
            LibraryError: nothing can be kept in that folder.
            LibraryDamaged: the file is not a database, or one of something else.
            LibraryMismatch: a newer release wrote it.
            LibraryLocked: it must be made or brought up to date, and another process is writing.

        """
        store = cls(home)
        store._make_file()
        with ExitStack() as unless_ready:
            unless_ready.callback(store.close)
            with store._translated(), store._connected() as connection:
                store._prepare(connection)
            unless_ready.pop_all()
        return store

    @classmethod
    def restore(cls, home: Path, file: Path) -> None:
        """Let a copy that `backup` made take the place of the library in `home`, whatever state that one is in.

        It is one commit of SQLite's: whoever has the library open goes on with the copy, and a log that a crash left is
        not replayed into it.

        Raises:
            LibraryError: the file is no sound copy, or the disk does not take it; the library is as it was.
            LibraryLocked: another process is writing.

        """
        with ExitStack() as stack:
            try:
                copy = stack.enter_context(closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)))
                findings = _unfit(copy)
            except sqlite3.DatabaseError as error:
                findings = [str(error)]
            if findings:
                msg = f"{file} cannot be restored ({'; '.join(findings)}); the library is as it was."
                raise LibraryError(msg)
            store = cls(home)
            store._make_file()
            with store._translated(), store.writing():
                store._replace(copy)

    def __enter__(self) -> Self:
        """Close when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self.close()

    def close(self) -> None:
        """Close every idle connection; a snapshot in use closes its own when it ends."""
        with self._guard:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read one generation: whatever is written meanwhile is not seen.

        Raises:
            LibraryDamaged: the file cannot be read.

        """
        with self._translated(), self._connected() as connection:
            connection.execute("BEGIN")
            try:
                yield Snapshot(connection)
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer for as long as the block lasts; re-entrant within a thread.

        Raises:
            LibraryLocked: another process or thread is writing; the sentence names it.

        """
        with self._lock.held():
            yield

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """Write: one commit, all or nothing; a commit that changed a document moves the generation by one.

        Raises:
            LibraryLocked: another process or thread is writing.

        """
        with self._translated(), self.writing(), self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                writer = Writer(connection)
                yield writer
                writer.finish()
                connection.commit()
            finally:
                connection.rollback()  # nothing is left to roll back after a commit

    def flush(self) -> None:
        """Bring every commit to the disk itself, so that what was acknowledged survives a loss of power."""
        with self._translated(), self._connected() as connection:
            # A checkpoint flushes only what it may move, and a reader of an older snapshot may forbid it to move any.
            with suppress(FileNotFoundError):  # nothing was written since the last checkpoint
                disk.flush(self._path.with_name(f"{FILE_NAME}-wal"))
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def check(self) -> list[str]:
        """Run SQLite's own integrity check; the findings, none when the file is sound."""
        with self._translated(), self._connected() as connection:
            return _findings(connection)

    def backup(self, file: Path) -> None:
        """Copy the library to a new file while it is in use; the copy is one generation, whole, and its owner's alone.

        Raises:
            LibraryError: there is a file already, or none can be made there; nothing is left behind.

        """
        try:
            file.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            msg = f"No copy can be written to {file} ({error.strerror})."
            raise LibraryError(msg) from error
        with ExitStack() as unless_whole:
            unless_whole.callback(file.unlink)
            with self._translated(), self._connected() as connection, closing(sqlite3.connect(file)) as target:
                connection.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")  # one file, which a read-only place can hold
            unless_whole.pop_all()

    def _make_file(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds texts of files that only you may read
            with suppress(FileExistsError):
                self._path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            msg = f"No library can be kept in {self.home} ({error.strerror}); choose another folder with FOOTNOTE_HOME."
            raise LibraryError(msg) from error

    def _replace(self, copy: sqlite3.Connection) -> None:
        try:
            self._overwrite(copy)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            for suffix in ("", "-wal", "-shm"):  # nobody can read what is there, nor write over it
                self._path.with_name(f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
            self._make_file()
            self._overwrite(copy)

    def _overwrite(self, copy: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as target:
            with suppress(sqlite3.DatabaseError):  # damaged, so not to be told from a library
                self._version(target)
            target.rollback()
            copy.backup(target)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect()
        sound = True
        try:
            yield connection
        except sqlite3.DatabaseError:
            sound = False
            raise
        finally:
            with self._guard:
                if sound and not self._closed:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _connect(self) -> sqlite3.Connection:
        # A connection is used by one thread at a time, not always by the same one.
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
        with ExitStack() as unless_ready:
            unless_ready.callback(connection.close)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")  # no fsync per commit: `flush` is called when a run ends
            unless_ready.pop_all()
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # a defect of ours, not of the file
        except sqlite3.OperationalError as error:
            msg = f"The library {self._path} cannot be used: {error}."
            raise LibraryError(msg) from error
        except sqlite3.DatabaseError as error:
            msg = (
                f"{self._path} is damaged ({error}); restore a copy with `footnote documents restore FILE`, "
                "or remove it and index again."
            )
            raise LibraryDamaged(msg) from error

    def _version(self, connection: sqlite3.Connection) -> int:
        connection.execute("BEGIN")  # one state of the file, while another process may be making it
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        connection.rollback()
        if application != APPLICATION_ID and (version or tables):
            msg = f"{self._path} is a database of something else; choose another folder with FOOTNOTE_HOME."
            raise LibraryDamaged(msg)
        if version > len(MIGRATIONS):
            msg = f"The library {self._path} was written by a newer release of Footnote; use that one."
            raise LibraryMismatch(msg)
        return version

    def _prepare(self, connection: sqlite3.Connection) -> None:
        logged = connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if self._version(connection) == len(MIGRATIONS) and logged:
            return
        try:
            self._migrate(connection)
        except LibraryLocked:  # by whoever has just made it, perhaps
            if self._version(connection) < len(MIGRATIONS):
                raise

    def _migrate(self, connection: sqlite3.Connection) -> None:
        with self.writing():
            connection.execute("PRAGMA journal_mode = WAL")  # the file keeps it
            version = self._version(connection)  # again: another process may have been faster
            if version < len(MIGRATIONS):
                connection.executescript(
                    f"BEGIN IMMEDIATE; {''.join(MIGRATIONS[version:])}"
                    f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {len(MIGRATIONS)}; COMMIT;"
                )


def _findings(connection: sqlite3.Connection) -> list[str]:
    findings = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
    findings += [
        f"row {row[1]} of {row[0]} names no row of {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")
    ]
    return [] if findings == ["ok"] else findings


def _unfit(copy: sqlite3.Connection) -> list[str]:
    """Say why a file cannot take the place of a library."""
    if copy.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        return ["it is no copy of a library"]
    if copy.execute("PRAGMA user_version").fetchone()[0] > len(MIGRATIONS):
        return ["a newer release of Footnote wrote it"]
    return _findings(copy)
