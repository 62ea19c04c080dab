"""Tests of the package `ui`."""
