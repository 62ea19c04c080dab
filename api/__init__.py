"""The HTTP interface, a FastAPI application over the retriever and the ingest pipeline."""
