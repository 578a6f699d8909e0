"""The controller's log as JSON: what goes wrong is one object on one line, in a real process."""

import json
import subprocess
import sys

CODE = """
import logging, sys
from controller.logs import set_up
set_up("json")
try:
    raise ValueError("hai\\ndòng")
except ValueError:
    logging.getLogger("controller.x").exception("lỗi %s", "đĩa")
logging.getLogger("controller.x").info("not told")
"""


def test_a_warning_is_one_object_on_one_line() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert (told["level"], told["part"], told["message"]) == ("error", "controller.x", "lỗi đĩa")
    assert told["exception"].endswith("ValueError: hai\ndòng")


def test_the_option_is_understood() -> None:
    words = [sys.executable, "-m", "controller", "serve", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert "--log {text,json}" in done.stdout
