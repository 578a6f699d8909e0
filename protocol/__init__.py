"""What crosses between controller and speaker, and whether to believe it. No sockets, no files."""
