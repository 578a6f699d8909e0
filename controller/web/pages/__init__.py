"""One file of routes for each page; templates of the same names."""
