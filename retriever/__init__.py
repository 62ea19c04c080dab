"""The core: a question becomes hits, and hits become an answer in the documents' own words."""
