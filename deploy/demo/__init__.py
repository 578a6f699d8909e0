"""The demonstration: a whole station of one controller and nine speakers on this machine, as real processes."""
