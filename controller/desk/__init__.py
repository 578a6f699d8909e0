"""The desk: everything that staff can do, as functions over the store; pages and API only call these."""
