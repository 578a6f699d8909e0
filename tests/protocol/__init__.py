"""Protocol: what crosses the wire and whether it is believed."""
