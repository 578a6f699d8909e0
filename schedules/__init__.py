"""WHEN and WHICH: the pure rules of the schedule. No clock, no files, no sockets."""
