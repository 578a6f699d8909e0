"""What all tests share: where the repository is, a profile for property tests on small machines, and the order."""

import os
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("small-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("small-machine"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "small-machine")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return Path(__file__).resolve().parent.parent


_FIRST = ("tests/system/test_demo_once.py", "tests/browser/test_seeing.py", "tests/browser")
"""The longest that waits, and beside it the browser's: one after the other, for each worker that has some of them has
a station and a browser of its own for as long as they come."""

_WAITING = (
    "tests/system",
    "tests/edge_agent/test_kills.py",
    "tests/edge_agent/test_faults.py",
    "tests/edge_agent/test_offline.py",
    "tests/edge_agent/test_running.py",
    "tests/edge_agent/test_process.py",
    "tests/edge_agent/test_player.py",
    "tests/edge_agent/test_enrolment.py",
    "tests/controller/test_serving.py",
    "tests/deploy",
)
"""Whole programs for which real time has to pass, the longest first; the processors are idle meanwhile."""

_COMPUTING = (
    "tests/edge_agent/test_power.py",
    "tests/edge_agent/test_stateful.py",
    "tests/audio/test_prepare.py",
    "tests/audio/test_bad_input.py",
    "tests/schedules/test_against_ical_js.py",
    "tests/controller/web/test_anything.py",
    "tests/protocol/test_codec.py",
    "tests/schedules/test_playhead_properties.py",
    "tests/controller/contract",
    "tests/edge_agent",
    "tests/audio",
    "tests/controller",
)
"""Files that compute for long, then many of some seconds."""


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _ranked(files: list[str], among: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Those of `files` that are among these, in their order; and the others."""
    ranks = {file: next((rank for rank, each in enumerate(among) if file.startswith(each)), None) for file in files}
    found = sorted((rank, file) for file, rank in ranks.items() if rank is not None)
    return [file for _, file in found], [file for file in files if ranks[file] is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file that waits, a file that computes, and so on, long ones first: the workers, more than there are processors,
    do not all compute or all wait at once, and none is left at the end with a long file."""
    files = list(dict.fromkeys(_file(item) for item in items))
    first, rest = _ranked(files, _FIRST)
    waiting, rest = _ranked(rest, _WAITING)
    computing, rest = _ranked(rest, _COMPUTING)
    pairs = zip_longest(waiting, [*computing, *rest])
    order = [*first, *(each for pair in pairs for each in pair if each is not None)]
    place = {file: number for number, file in enumerate(order)}
    items.sort(key=lambda item: place[_file(item)])


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Name a test as soon as it fails; only in the process that prints."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_AtOnce(reporter))


class _AtOnce:
    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._reporter.write_line("")
            self._reporter.write_line(f"FAILED in {report.when}: {report.nodeid}", red=True)
