"""Metrics, question sets and benchmarks: how well and how fast Footnote answers."""
