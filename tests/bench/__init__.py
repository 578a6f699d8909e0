"""The bench's own machinery; no timing is tested."""
