"""The event stream: told at once, gathered, bounded, quiet for the signed-out, over at a stop."""

import json
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from controller.desk.refusal import Refusal
from controller.web import live
from controller.web.live import ALL, MAX_KEYS, Live, Stream
from tests.controller.web.conftest import Plain

Events = Iterator[tuple[str, dict[str, object]]]


def events(answer: httpx.Response) -> Events:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def until(condition: Callable[[], bool]) -> bool:
    return any(condition() or threading.Event().wait(0.02) for _ in range(250))


@pytest.mark.parametrize("path", ["/su-kien?theo=broadcast:b-1,day", "/api/v1/events?keys=broadcast:b-1,day"])
def test_told_what_was_asked_for(plain: Plain, path: str) -> None:
    with plain.client.stream("GET", path) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = events(answer)
        assert next(told) == ("hello", {"time": "16:55:00"})
        for key in ("broadcast:b-2", "speakers", "broadcast:b-1"):
            plain.desk.listeners[0](key)
        assert next(told) == ("change", {"keys": ["broadcast:b-1"], "time": "16:55:00"})
        for key in ("day", "broadcast:b-1", "day"):
            plain.desk.listeners[0](key)
        assert next(told) == ("change", {"keys": ["broadcast:b-1", "day"], "time": "16:55:00"})
    assert until(lambda: plain.services.live.open_streams == 0)


def test_a_heartbeat_and_the_end_for_the_signed_out(plain: Plain) -> None:
    with plain.client.stream("GET", "/su-kien") as answer:
        told = events(answer)
        next(told)
        assert next(told)[0] == "beat"
        plain.accounts.sign_out(plain.client.cookies["loaxa_session"])
        assert [name for name, _ in told] in ([], ["beat"])


def test_a_stop_is_not_held_up(plain: Plain) -> None:
    with plain.client.stream("GET", "/su-kien") as answer:
        told = events(answer)
        next(told)
        begun = time.monotonic()
        plain.server.should_exit = True
        plain.thread.join(5)
        assert not plain.thread.is_alive()
        assert time.monotonic() - begun < 2
        assert [name for name, _ in told] in ([], ["beat"])
    assert not plain.desk.listeners


def test_too_many_streams_are_refused(plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain.services.live, "_max_streams", 1)
    with plain.client.stream("GET", "/api/v1/events") as answer:
        told = events(answer)
        next(told)
        refused = plain.client.get("/api/v1/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "too-many-streams")


def test_a_slow_reader_costs_little() -> None:
    stream = Stream(frozenset())
    for n in range(10 * MAX_KEYS):
        stream.put(f"broadcast:{n}")
    assert len(stream._keys) <= MAX_KEYS
    assert ALL in stream._keys


def test_telling_without_a_loop_concerns_nobody() -> None:
    Live().tell("day")


def test_no_room_while_stopping() -> None:
    stopping = Live()
    stopping.close()
    with pytest.raises(Refusal) as refusal:
        stopping.require_room()
    assert refusal.value.status == 503
    with stopping.stream(frozenset()) as stream:
        assert stream.closed
    assert live.MAX_STREAMS > 100
