"""The controller: staff make bulletins here, and it tells the speakers what to play when."""
