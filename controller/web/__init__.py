"""The web room: pages and the REST API over the desk; it decides nothing itself."""
