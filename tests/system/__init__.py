"""Tests over whole programs, as their users run them."""
