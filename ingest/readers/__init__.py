"""One module per format: bytes become a document with its canonical text and its blocks."""
