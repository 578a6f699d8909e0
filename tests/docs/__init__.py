"""Tests that hold the documents and the tree to the house rules."""
