"""Tests of the package `retriever`."""
