"""A simulated box: performs what the playhead says on a perfect player and writes down what sounded.

It is written apart from schedules.timeline, keeps its own positions, and can be disturbed: news that comes
late, media that arrives late, withdrawals, a stretch of unknown clock, polls at odd instants.
"""

from dataclasses import dataclass, field, replace

from schedules.actions import Action, ClockTrust, Held, Settle, Start, Stop, Wait
from schedules.model import Broadcast
from schedules.playhead import next_action
from schedules.states import ACCOUNTED, FINAL, PlaybackState, Reason, move
from schedules.units import BroadcastId, DurationMs, UtcMs

S = PlaybackState


@dataclass(frozen=True)
class Fate:
    """What happens to one broadcast from outside; instants in ms, None is never."""

    what: Broadcast
    told: int
    media: int | None
    withdrawn: int | None


@dataclass(frozen=True)
class Sound:
    """One stretch that came out of the speaker."""

    what: Broadcast
    begin: int
    end: int
    offset: int


@dataclass
class Box:
    fates: list[Fate]
    lead: int
    unknown: range
    polls: list[int]
    now: int = 0
    held: dict[BroadcastId, Held] = field(default_factory=dict)
    sounding: BroadcastId | None = None
    since: tuple[int, int] = (0, 0)
    armed: Start | None = None
    before_armed: PlaybackState = S.READY
    sounds: list[Sound] = field(default_factory=list)
    ends: dict[BroadcastId, tuple[PlaybackState, Reason]] = field(default_factory=dict)

    @property
    def clock(self) -> ClockTrust:
        return ClockTrust.UNKNOWN if self.now in self.unknown else ClockTrust.SYNCED

    def run(self, until: int) -> None:
        """Step until everything told is final."""
        waits: UtcMs | None = None
        while self.now < until:
            self.hear_news()
            waits = self.obey()
            self.check()
            self.pass_time(min(self.next_event(waits), until))

    def hear_news(self) -> None:
        for fate in self.fates:
            if fate.told <= self.now and fate.what.id not in self.held:
                self.held[fate.what.id] = Held(fate.what, S.ACCEPTED)
            held = self.held.get(fate.what.id)
            if held is None or held.state in FINAL:
                continue
            if fate.media is not None and fate.media <= self.now and not held.media_ready:
                state = move(held.state, S.READY)
                held = replace(held, media_ready=True, state=state)
            if fate.withdrawn is not None and fate.withdrawn <= self.now:
                held = replace(held, withdrawn=True)
            self.held[fate.what.id] = held

    def obey(self) -> UtcMs | None:
        for _ in range(4 * len(self.held) + 4):
            action = self.ask(self.now)
            if isinstance(action, Wait):
                assert action.until is None or action.until > self.now
                return action.until
            self.perform(action)
        raise AssertionError("the playhead never comes to rest")

    def ask(self, now: int) -> Action:
        """As the box holds it at `now`, which lies before the next event."""
        held = list(self.held.values())
        if self.sounding is not None:
            held = [replace(h, position=self.position(now)) if h.broadcast.id == self.sounding else h for h in held]
        return next_action(held, UtcMs(now), self.clock, DurationMs(self.lead))

    def position(self, now: int) -> DurationMs:
        began, offset = self.since
        return DurationMs(offset + now - began)

    def perform(self, action: Start | Stop | Settle) -> None:
        held = self.held[action.broadcast]
        if isinstance(action, Start):
            assert self.clock is not ClockTrust.UNKNOWN
            if held.state is S.SUSPENDED:
                assert action.offset == held.position, "it goes on where it stopped"
            else:
                held = replace(held, skipped=action.offset)
            assert action.at >= self.now
            self.disarm()
            self.armed, self.before_armed = action, held.state
            self.held[action.broadcast] = replace(held, state=move(held.state, S.PLAYING), position=action.offset)
            self.take_over()
            return
        if isinstance(action, Stop):
            assert held.state is S.PLAYING
            self.silence(action.broadcast)
        else:
            assert held.state is not S.PLAYING
        self.finish(action.broadcast, action.becomes, action.reason)

    def disarm(self) -> None:
        """What was armed in vain has not begun: it is as it was."""
        if self.armed is not None:
            what = self.armed.broadcast
            self.held[what] = replace(self.held[what], state=self.before_armed)
            self.armed = None

    def take_over(self) -> None:
        if self.armed is None or self.armed.at > self.now:
            return
        if (other := self.sounding) is not None:
            self.silence(other)
            self.become(other, S.SUSPENDED)
        self.sounding, self.since = self.armed.broadcast, (self.now, self.armed.offset)
        self.armed = None

    def silence(self, what: BroadcastId) -> None:
        if self.armed is not None and self.armed.broadcast == what:
            self.armed = None
        if self.sounding == what:
            held = self.held[what]
            self.held[what] = replace(held, position=self.position(self.now))
            self.sounds.append(Sound(held.broadcast, self.since[0], self.now, self.since[1]))
            self.sounding = None

    def become(self, what: BroadcastId, state: PlaybackState) -> None:
        self.held[what] = replace(self.held[what], state=move(self.held[what].state, state))

    def finish(self, what: BroadcastId, state: PlaybackState, reason: Reason) -> None:
        self.become(what, state)
        self.ends[what] = (state, reason)
        if state is S.MISSED:
            assert self.clock is not ClockTrust.UNKNOWN, "an untrusted clock misses nothing"

    def next_event(self, waits: UtcMs | None) -> int:
        news = [t for f in self.fates for t in (f.told, f.media, f.withdrawn) if t is not None]
        events = [*news, *self.polls, self.unknown.start, self.unknown.stop]
        if waits is not None:
            events.append(waits)
        if self.armed is not None:
            events.append(self.armed.at)
        if self.sounding is not None:
            left = self.held[self.sounding].broadcast.duration - self.position(self.now)
            events.append(self.now + max(left, 0))
        return min((t for t in events if t > self.now), default=1 << 60)

    def pass_time(self, then: int) -> None:
        """Up to the instant before the next event the answer must stay what it was: wait."""
        if then - self.now > 1:
            for between in {self.now + 1, (self.now + then) // 2, then - 1}:
                assert isinstance(self.ask(between), Wait), f"at {between} it knew more than it said at {self.now}"
        self.now = then
        done = self.sounding
        if done is not None and self.position(then) >= self.held[done].broadcast.duration:
            self.silence(done)
            held = self.held[done]
            whole = held.heard * 100 >= held.broadcast.duration * 99
            self.finish(done, S.PLAYED if whole else S.INTERRUPTED, Reason.NONE if whole else Reason.LATE)
        self.take_over()

    def check(self) -> None:
        """Nothing lower sounds, and nothing is silent, while something that is due could sound."""
        if self.clock is ClockTrust.UNKNOWN:
            return
        on = self.held[self.sounding].broadcast if self.sounding is not None else None
        for held in self.held.values():
            what = held.broadcast
            if held.state in ACCOUNTED or what.id == self.sounding or not held.media_ready or what.start > self.now:
                continue
            assert on is not None, f"{what.id} waits for nothing"
            assert on.priority <= what.priority, f"{what.id} waits for less"
