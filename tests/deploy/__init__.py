"""Tests of how LoaXã is put up."""
