"""Looks at one box for the technician: what is well, what is not, and what to do about it."""
