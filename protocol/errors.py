"""The one error of reading and writing: bytes that are not a document of protocol v1."""


class Malformed(ValueError):
    """The sender's fault: not the JSON of the message it should be. The text says which field and why."""
