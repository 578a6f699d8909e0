"""Where sound goes: one port, several real places."""
