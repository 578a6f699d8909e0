"""Tests in a real Chromium against real controller and agent processes."""
