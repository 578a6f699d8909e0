"""Topics: what is built is parsed back, and every name belongs to exactly one row of the table."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import topics
from protocol.forms import ID_PATTERN
from schedules.units import AreaId, BroadcastId, ClipId, SpeakerId

IDS = st.from_regex(ID_PATTERN, fullmatch=True)
SPEAKERS = IDS.map(SpeakerId)
BROADCASTS = IDS.map(BroadcastId)
CLIPS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True).map(ClipId)
ROUTES = st.builds(topics.AreaRoute, IDS.map(AreaId)) | st.builds(topics.SpeakerRoute, SPEAKERS)
NUMBERS = st.integers(0, 999_999_999)
TOPICS = st.one_of(
    st.builds(topics.KeysTopic, NUMBERS),
    st.builds(topics.PlanTopic, ROUTES, st.dates()),
    st.builds(topics.BroadcastTopic, ROUTES, BROADCASTS),
    st.builds(topics.AudioIndexTopic, CLIPS),
    st.builds(topics.AudioChunkTopic, CLIPS, NUMBERS),
    st.builds(topics.SpeakerTopic, SPEAKERS, st.sampled_from(sorted(topics.SPEAKER_LEAVES))),
    st.builds(topics.PlaybackTopic, SPEAKERS, BROADCASTS),
    st.just(topics.ControllerStatusTopic()),
)

PARAMETERS = {
    "version": r"\d+",
    "number": r"\d+",
    "utc-date": r"\d{4}-\d\d-\d\d",
    "sha256": r"[0-9a-f]{64}",
    "area": ID_PATTERN,
    "speaker": ID_PATTERN,
    "broadcast": ID_PATTERN,
}


def _matches(rule: topics.TopicRule, name: str) -> bool:
    form = re.sub(r"\{([a-z0-9-]+)\}", lambda found: f"(?:{PARAMETERS[found[1]]})", rule.pattern)
    return re.fullmatch(f"{topics.ROOT}/{form}", name) is not None


@given(TOPICS)
def test_a_topic_survives_its_name(topic: topics.Topic) -> None:
    assert topics.parse(topics.build(topic)) == topic


@given(TOPICS)
def test_every_name_is_in_one_row_of_the_table(topic: topics.Topic) -> None:
    name = topics.build(topic)
    assert [rule.pattern for rule in topics.TABLE if _matches(rule, name)] == [topics.rule_of(topic).pattern]


def test_every_kind_of_topic_is_drawn() -> None:
    drawn = {topics.KeysTopic, topics.PlanTopic, topics.BroadcastTopic, topics.AudioIndexTopic}
    drawn |= {topics.AudioChunkTopic, topics.SpeakerTopic, topics.PlaybackTopic, topics.ControllerStatusTopic}
    assert drawn == set(get_args(topics.Topic))


@given(ROUTES)
def test_a_route_survives_its_name(route: topics.Route) -> None:
    assert topics.parse_route(topics.route_name(route)) == route


@pytest.mark.parametrize(
    "name",
    [
        "",
        "loaxa",
        "loaxa/v1",
        "loaxa/v1/",
        "loaxa/v2/keys/1",
        "/loaxa/v1/keys/1",
        "loaxa/v1/keys/+",
        "loaxa/v1/keys/01",
        "loaxa/v1/keys/-1",
        "loaxa/v1/keys/1/",
        "loaxa/v1/keys/\u0661",
        "loaxa/v1/keys/1234567890",
        "loaxa/v1/areas/a-1/plan/2026-02-30",
        "loaxa/v1/areas/a-1/plan/2026-2-3",
        "loaxa/v1/areas/a-1/plan/\u0662\u0660\u0662\u0666-11-22",
        "loaxa/v1/areas/a-1/playbacks/b-1",
        "loaxa/v1/areas/a-1/config",
        "loaxa/v1/areas/A-1/broadcasts/b-1",
        "loaxa/v1/areas/a-1/broadcasts/b-1/x",
        "loaxa/v1/areas//broadcasts/b-1",
        "loaxa/v1/areas/a-1\n/broadcasts/b-1",
        "loaxa/v1/areas/a-1/broadcasts/b-1\n",
        "loaxa/v1/speakers/s-1/shell",
        "loaxa/v1/speakers/-s/config",
        "loaxa/v1/speakers/#",
        "loaxa/v1/audio/abc/index",
        f"loaxa/v1/audio/{'0' * 64}/-1",
        f"loaxa/v1/audio/{'A' * 64}/0",
        "loaxa/v1/controller/status/x",
        "$SYS/broker/uptime",
    ],
)
def test_names_that_are_not_ours(name: str) -> None:
    with pytest.raises(topics.NotOurTopic):
        topics.parse(name)


@pytest.mark.parametrize("text", ["", "+", "#", "a/b", "Á", "a b", "-a", "a" * 65, "a\n", "\u0661"])
def test_what_cannot_be_one_level_of_a_topic(text: str) -> None:
    with pytest.raises(topics.NotOurTopic):
        topics.build(topics.BroadcastTopic(topics.SpeakerRoute(SpeakerId("s-1")), BroadcastId(text)))


def test_filters_cover_their_topics() -> None:
    route = topics.AreaRoute(AreaId("a-1"))
    assert topics.broadcasts_filter(route) == "loaxa/v1/areas/a-1/broadcasts/+"
    assert topics.plans_filter(route) == "loaxa/v1/areas/a-1/plan/+"
    with pytest.raises(topics.NotOurTopic):
        topics.plans_filter(topics.AreaRoute(AreaId("+")))
