"""Tests of the `footnote` command."""
