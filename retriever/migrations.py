"""The schema of the store, as numbered steps that are only ever appended to."""

APPLICATION_ID = 0x466F6F74  # "Foot", in the file's header: a library is recognised before it is read

MIGRATIONS: tuple[str, ...] = (
    # 1: documents, their chunks and vectors, and the log of what left
    """
    CREATE TABLE state (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        generation INTEGER NOT NULL,
        encoder TEXT                        -- JSON of the model that made the vectors; NULL while there are none
    ) STRICT;
    CREATE TABLE commits (
        generation INTEGER PRIMARY KEY,
        token TEXT NOT NULL                 -- random: tells a projection of another history, a restored backup's say
    ) STRICT;
    CREATE TABLE documents (
        id TEXT PRIMARY KEY,
        source TEXT NOT NULL UNIQUE,
        version TEXT NOT NULL,
        title TEXT NOT NULL,
        media_type TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        reader TEXT NOT NULL,
        pages TEXT NOT NULL,                -- JSON [[start, end], ...]
        characters INTEGER NOT NULL,
        size INTEGER,                       -- with mtime_ns: NULL when a stat cannot prove that nothing changed
        mtime_ns INTEGER
    ) STRICT;
    CREATE TABLE texts (
        document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        text BLOB NOT NULL                  -- UTF-8; a lone surrogate passes
    ) STRICT;
    CREATE TABLE versions (                 -- every version that a document ever had, so that a citation can be stale
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        version TEXT NOT NULL,
        PRIMARY KEY (document_id, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE vectors (
        key BLOB PRIMARY KEY,               -- sha256 of the embedded text
        vector BLOB NOT NULL                -- float16
    ) STRICT;
    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, so a projection cannot mistake one for another
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        text BLOB NOT NULL,
        heading_path TEXT NOT NULL,         -- JSON
        sentences BLOB NOT NULL,            -- uint32 pairs, in offsets of the document
        vector_key BLOB NOT NULL REFERENCES vectors (key),
        generation INTEGER NOT NULL         -- the one that added it
    ) STRICT;
    CREATE INDEX chunks_of_document ON chunks (document_id, start);
    CREATE INDEX chunks_of_vector ON chunks (vector_key);
    CREATE INDEX chunks_of_generation ON chunks (generation);
    CREATE TABLE removed_chunks (
        id INTEGER PRIMARY KEY,
        generation INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX removed_of_generation ON removed_chunks (generation);
    CREATE TABLE roots (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    INSERT INTO state VALUES (1, 0, NULL);
    INSERT INTO commits VALUES (0, lower(hex(randomblob(8))));
    """,
)
