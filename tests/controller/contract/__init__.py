"""Contract suites: every broker and every database passes the same tests."""
