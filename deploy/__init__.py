"""How LoaXã is put up: set-up scripts, the demonstration, containers and the broker's configuration."""
