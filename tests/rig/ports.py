"""Free TCP ports for the services that tests start."""

from deploy.demo.ports import LOOPBACK, free_port, is_free

__all__ = ["LOOPBACK", "free_port", "is_free"]
