"""Real services and programs for tests, started on free ports and ended by their process ids."""
