"""The registry of benches, the figures, the JSON writer, and the light receivers' packets."""

import json
import time
from importlib import import_module
from pathlib import Path

import pytest

from bench.figures import Figure, against, alone, percentile, table, write
from bench.fleet import packet, split
from bench.registry import BENCHES, Bench, chosen, run_all


def test_every_bench_can_be_run_and_all_of_them_in_half_an_hour() -> None:
    for bench in BENCHES:
        assert callable(import_module(bench.module).run)
    assert sum(bench.seconds for bench in BENCHES) <= 1_740
    assert len({bench.name for bench in BENCHES}) == len(BENCHES)


def test_benches_are_chosen_by_name() -> None:
    assert chosen([]) == BENCHES
    assert [bench.name for bench in chosen(["agent", "fanout"])] == ["agent", "fanout"]
    with pytest.raises(KeyError):
        chosen(["nothing"])


def test_the_page_names_every_bench() -> None:
    page = Path("docs/benchmarks.md").read_text(encoding="utf-8")
    for bench in BENCHES:
        assert f"`python -m bench {bench.name}`" in page


def test_a_failing_bench_does_not_cost_the_others_figures(capsys: pytest.CaptureFixture[str]) -> None:
    good = Bench("good", "gives a figure", 5.0, "tests.bench.good")
    bad = Bench("bad", "cannot be imported", 5.0, "tests.bench.absent")
    figures, failures = run_all([bad, good])
    assert [figure.name for figure in figures] == ["seconds left"]
    assert len(failures) == 1
    assert failures[0].startswith("bad: ModuleNotFoundError")


def test_a_bench_that_hangs_is_ended_at_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    _, failures = run_all([Bench("hanging", "waits for ever", 0.2, "tests.bench.hanging")])
    assert failures == ["hanging: OutOfTime: not done after 0.2 s"]
    assert time.monotonic() - begun < 30


def test_figures_become_the_promised_json(tmp_path: Path) -> None:
    figures = [
        against("one", [1.0, 2.0, 9.0], [4.0, 4.0, 4.0], "s", peer_is="another", at_most=0.4),
        alone("two", 3.14159, "MiB", at_most=4.0),
    ]
    file = tmp_path / "build" / "bench.json"
    write(figures, file)
    one, two = json.loads(file.read_text(encoding="utf-8"))
    assert (one["name"], one["ours"], one["peer"], one["ratio"], one["unit"]) == ("one", 2.0, 4.0, 0.5, "s")
    assert (one["ok"], two["ok"]) == (False, True)
    assert (two["ours"], two["peer"], two["ratio"]) == (3.142, None, None)
    assert [path.name for path in file.parent.iterdir()] == ["bench.json"]


def test_the_table_shows_a_missed_aim() -> None:
    lines = table([Figure("a", 1.0, "s", aim="≤ 0.5 s", ok=False), Figure("b", 12345.0, "s")]).splitlines()
    assert "MISSED" in lines[1]
    assert "12,345" in lines[2]


def test_percentiles_by_nearest_rank() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384])
def test_packets_are_found_whole_or_not_at_all(length: int) -> None:
    whole = packet(0x32, b"x" * length)
    found = split(b"??" + whole + b"next", 2)
    assert found is not None
    start, end = found
    assert end - start == length
    assert end == 2 + len(whole)
    assert split(whole[:-1], 0) is None
