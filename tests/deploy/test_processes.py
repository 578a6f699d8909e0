"""Programs end as they must: politely, by force, and with everything they started."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.demo.interruption import Stopped, ended_by_signals, undisturbed
from deploy.demo.processes import Program, ProgramFailed, Programs, run, wait_until

STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = "import subprocess,sys,time; subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)']); print('up'); time.sleep(60)"  # noqa: E501


def program(folder: Path, code: str, name: str = "it") -> Program:
    return Program(name, (sys.executable, "-c", code), folder / f"{name}.log")


def test_a_stubborn_program_is_ended_by_force(tmp_path: Path) -> None:
    it = program(tmp_path, STUBBORN)
    it.start()
    it.wait_for_words("up", 20)
    it.stop(seconds=0.2)
    assert not it.running()


def test_its_children_go_with_it(tmp_path: Path) -> None:
    it = program(tmp_path, PARENT)
    it.start()
    it.wait_for_words("up", 20)
    children = psutil.Process(it.pid).children(recursive=True)
    assert len(children) == 1
    it.stop()
    wait_until(lambda: not any(alive(child) for child in children), 5, "the child is gone")


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_higher_ranks_end_first(tmp_path: Path) -> None:
    code = (
        "import signal,sys,time,pathlib\n"
        "def end(*_):\n"
        f"    with open({str(tmp_path / 'order')!r}, 'a') as out: out.write(sys.argv[1])\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    with Programs() as programs:
        for rank in (1, 2):
            one = Program(str(rank), (sys.executable, "-c", code, str(rank)), tmp_path / f"{rank}.log")
            programs.start(rank, one).wait_for_words("up", 20)
    assert (tmp_path / "order").read_text() == "21"


def test_a_program_that_ends_early_is_quoted(tmp_path: Path) -> None:
    it = program(tmp_path, "print('no such bed'); raise SystemExit(3)")
    it.start()
    with pytest.raises(ProgramFailed, match="no such bed"):
        it.wait_for_words("ready", 20)


def test_a_short_program_that_fails_is_quoted() -> None:
    with pytest.raises(ProgramFailed, match="because"):
        run((sys.executable, "-c", "raise SystemExit('because')"))


def test_a_signal_waits_until_a_program_that_is_being_started_is_known() -> None:
    done = []

    def interrupted() -> None:
        with ended_by_signals():
            with undisturbed():
                os.kill(os.getpid(), signal.SIGTERM)
                done.append("inside")
            done.append("after")

    with pytest.raises(Stopped, match="SIGTERM"):
        interrupted()
    assert done == ["inside"]


def test_a_signal_while_stopping_leaves_nobody(tmp_path: Path) -> None:
    """The first program asks its parent to end while it ends itself; the second is stopped all the same."""
    telling = (
        "import os,signal,sys,time\n"
        "def end(*_):\n    os.kill(os.getppid(), signal.SIGTERM)\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    second = program(tmp_path, "import time; print('up', flush=True); time.sleep(60)", "second")

    def interrupted() -> None:
        with ended_by_signals(), Programs() as programs:
            programs.start(2, program(tmp_path, telling, "first")).wait_for_words("up", 20)
            programs.start(1, second).wait_for_words("up", 20)

    with pytest.raises(Stopped):
        interrupted()
    assert not second.running()


def test_a_stop_that_got_lost_comes_again() -> None:
    """An exception in a finaliser is only printed by the interpreter; the wish to end must survive that."""

    class Finalised:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def interrupted() -> None:
        with ended_by_signals():
            Finalised()
            wait_until(lambda: False, 20, "never")

    lost: list[object] = []
    sys.unraisablehook, before = lambda found: lost.append(found.exc_type), sys.unraisablehook
    try:
        with pytest.raises(Stopped, match="SIGTERM"):
            interrupted()
    finally:
        sys.unraisablehook = before
    assert lost == [Stopped]


def test_stubborn_programs_of_one_rank_share_one_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.processes.STOP_SECONDS", 3.0)
    many = [program(tmp_path, STUBBORN, str(n)) for n in range(6)]
    began = 0.0
    with Programs() as programs:
        for one in many:
            programs.start(1, one)
        for one in many:
            one.wait_for_words("up", 20)
        began = time.monotonic()
    assert time.monotonic() - began < 6 * 3.0
    assert not any(one.running() for one in many)
