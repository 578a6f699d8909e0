"""How a new box asks a controller to be taken in, and what it writes when it was."""
