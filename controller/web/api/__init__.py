"""REST API v1: the same desk for programs, with JSON in and out and RFC 9457 problems."""
