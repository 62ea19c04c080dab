"""Files become documents, documents become chunks, and chunks go into the store."""
