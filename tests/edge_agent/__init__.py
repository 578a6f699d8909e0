"""The edge agent, in pieces and as a real process."""
