"""Tests of the pages and the API, in one process."""
