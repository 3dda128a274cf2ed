"""Ids, clock and carriers of throughline, as docs/contract.md says, and the vectors in test/contract hold it to that.

For a host written in Python: mint or continue a context, read it from a message, hand it on. Standard library only.
Reading never raises: what cannot be read is None. Nothing here writes a file, starts a thread or reads the environment
unless it is asked to.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import namedtuple

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(_CROCKFORD)}
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN_ID = re.compile(r"(?!0{16})[0-9a-f]{16}")
_CORRELATION_ID = re.compile(r"(?!0{26})[0-7][0-9A-HJKMNP-TV-Z]{25}")
_HLC = re.compile(r"[0-9A-F][0-9A-HJKMNP-TV-Z]{12}")

# --- ids ---------------------------------------------------------------------------------------------------------


def mint_correlation_id() -> str:
    """A new ULID: 48 bits of Unix time in milliseconds, 80 random bits. Never counts up within a millisecond."""
    return correlation_id_of(mint_trace_id())


def mint_trace_id() -> str:
    """The same bits as 32 hexadecimal digits."""
    return "%012x%s" % (max(time.time_ns() // 1_000_000, 1) & (2**48 - 1), os.urandom(10).hex())


def mint_span_id() -> str:
    """16 hexadecimal digits, never all zero."""
    span_id = os.urandom(8).hex()
    return span_id if span_id != "0" * 16 else "0" * 15 + "1"


def parse_trace_id(value: object) -> str | None:
    return value if isinstance(value, str) and _TRACE_ID.fullmatch(value) else None


def parse_span_id(value: object) -> str | None:
    return value if isinstance(value, str) and _SPAN_ID.fullmatch(value) else None


def parse_correlation_id(value: object) -> str | None:
    """Takes either case and gives upper case. It corrects nothing."""
    if not isinstance(value, str) or len(value) != 26 or not value.isascii():
        return None
    value = value.upper()
    return value if _CORRELATION_ID.fullmatch(value) else None


def trace_id_of(correlation_id: str) -> str:
    number = 0
    for character in correlation_id:
        number = number << 5 | _VALUE[character]
    return "%032x" % number


def correlation_id_of(trace_id: str) -> str:
    return _spell(int(trace_id, 16), 26)


def correlation_id_time_ms(correlation_id: str) -> int:
    """Of one that was minted. The bits of a foreign trace id are no time."""
    return int(trace_id_of(correlation_id)[:12], 16)


def _spell(number: int, characters: int) -> str:
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(5 * (characters - 1), -1, -5))


# --- the clock ---------------------------------------------------------------------------------------------------

_COUNTER_BITS = 12
_HLC_MAX = 2**64 - 1
_PAIRS = [_CROCKFORD[bits >> 5] + _CROCKFORD[bits & 31] for bits in range(1024)]
DRIFT_MS_MAX = 60_000
"""A peer further ahead of our wall clock than this is not followed."""
_STEP_US_MIN = 50_000
"""Off the monotonic clock by more than this, the wall clock was set; by less, it is being corrected."""
_OFF_US_MAX = 2_000
_PAIR_US_MAX = 250


def parse_hlc(value: object) -> str | None:
    return value if isinstance(value, str) and _HLC.fullmatch(value) else None


def format_hlc(reading: int) -> str:
    """13 characters that sort as text, of 52 bits of microseconds and a 12-bit counter."""
    pairs = _PAIRS
    return (
        _CROCKFORD[reading >> 60]
        + pairs[reading >> 50 & 1023]
        + pairs[reading >> 40 & 1023]
        + pairs[reading >> 30 & 1023]
        + pairs[reading >> 20 & 1023]
        + pairs[reading >> 10 & 1023]
        + pairs[reading & 1023]
    )


def read_hlc(text: str) -> int:
    """The reading that a parsed text spells."""
    reading = 0
    for character in text:
        reading = reading << 5 | _VALUE[character]
    return reading


def _wall_us() -> int:
    return time.time_ns() // 1000


def _monotonic_us() -> int:
    return time.monotonic_ns() // 1000


class HybridClock:
    """The hybrid logical clock. A reading is an int: microseconds since 1970, shifted by the counter's 12 bits."""

    def __init__(self, wall_us=_wall_us, monotonic_us=_monotonic_us, drift_ms_max=DRIFT_MS_MAX):
        self._wall_us = wall_us
        self._monotonic_us = monotonic_us
        self._drift_us = drift_ms_max * 1000
        # Reentrant: a signal handler of the host may append while its main thread stands in here.
        self._lock = threading.RLock()
        self._last = 0
        self._offset_us = wall_us() - monotonic_us()
        self.steps = 0
        """How often the wall clock was seen to step."""

    def after_fork(self) -> None:
        """The lock may have been held by a thread that is not in this process."""
        self._lock = threading.RLock()

    def wall_us(self) -> int:
        """The wall clock, honest about steps: it may run backwards."""
        now = self._wall_us()
        if abs(now - self._monotonic_us() - self._offset_us) > _OFF_US_MAX:
            self._anchor_again()
        return now

    def read(self) -> tuple[int, int]:
        """Microseconds of the wall clock, and a new reading that is later than every one given or followed before."""
        with self._lock:
            now = self.wall_us()
            self._last = min(max(self._last + 1, now << _COUNTER_BITS), _HLC_MAX)
            return now, self._last

    def tick(self) -> int:
        return self.read()[1]

    def merge(self, remote: object) -> str:
        """Follows a peer's reading: `followed`, `ahead` (too far; ours stays) or `invalid`."""
        text = parse_hlc(remote)
        if text is None:
            return "invalid"
        reading = read_hlc(text)
        if reading >> _COUNTER_BITS > self.wall_us() + self._drift_us:
            return "ahead"
        self.start_after(reading)
        return "followed"

    def start_after(self, reading: int) -> None:
        """However far ahead: a new stream is never before the last one of its role."""
        with self._lock:
            self._last = max(self._last, reading)

    def _anchor_again(self) -> None:
        # Having been interrupted between the two readings is no step: only a pair taken close together counts.
        before = self._monotonic_us()
        wall = self._wall_us()
        after = self._monotonic_us()
        offset = wall - after
        if after - before > _PAIR_US_MAX:
            return
        if abs(offset - self._offset_us) >= _STEP_US_MIN:
            self.steps += 1
        self._offset_us = offset


_clock: HybridClock | None = None


def process_clock() -> HybridClock:
    """The one clock of this process."""
    global _clock
    if _clock is None:
        _clock = HybridClock()
    return _clock


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _clock is not None and _clock.after_fork())

# --- traceparent and tracestate ----------------------------------------------------------------------------------

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[^\n\r\u2028\u2029]*)?")
_KEY = re.compile(r"[a-z0-9][a-z0-9_*/@-]{0,255}")
_VALUE_TEXT = re.compile(r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_TRACEPARENT_CHARS_MAX = 256
_TRACESTATE_CHARS_MAX = 8192
_TRACESTATE_MEMBERS_MAX = 32
_LONG_MEMBER_CHARS = 128


def parse_traceparent(value: object) -> tuple[str, str, int] | None:
    """(trace id, span id, flags), or None for whatever the specification calls invalid."""
    if not isinstance(value, str) or len(value) > _TRACEPARENT_CHARS_MAX:
        return None
    match = _TRACEPARENT.fullmatch(value)
    if match is None:
        return None
    version, trace, span, flags, _rest = match.groups()
    if version == "ff" or (version == "00" and len(value) != 55):
        return None
    if parse_trace_id(trace) is None or parse_span_id(span) is None:
        return None
    return trace, span, int(flags, 16) & 3


def format_traceparent(trace_id: str, span_id: str, flags: int = 3) -> str:
    return "00-%s-%s-%02x" % (trace_id, span_id, flags & 3)


def parse_tracestate(value: object) -> list[tuple[str, str]] | None:
    """The members in order. One that is invalid, a key twice or a 33rd member makes all of it invalid."""
    if not isinstance(value, str) or len(value) > _TRACESTATE_CHARS_MAX:
        return None
    members: dict[str, str] = {}
    for part in value.split(","):
        part = part.strip(" \t")
        if part == "":
            continue
        key, _equals, text = part.partition("=")
        if not _KEY.fullmatch(key) or not _VALUE_TEXT.fullmatch(text):
            return None
        if key in members or len(members) == _TRACESTATE_MEMBERS_MAX:
            return None
        members[key] = text
    return list(members.items())


def format_tracestate(members) -> str:
    """At most 32 members and 8192 characters: long members are left out first, from the end, then any."""
    texts = ["%s=%s" % member for member in members][:_TRACESTATE_MEMBERS_MAX]
    characters = sum(len(text) + 1 for text in texts) - 1
    for at_least in (_LONG_MEMBER_CHARS + 1, 0):
        for index in range(len(texts) - 1, -1, -1):
            if characters <= _TRACESTATE_CHARS_MAX:
                break
            if len(texts[index]) >= at_least:
                characters -= len(texts.pop(index)) + 1
    return ",".join(texts)


# --- the members tl and tl-links ---------------------------------------------------------------------------------

_PARTS = (("front", 16), ("method", 64), ("name", 96), ("client", 48))
_MEMBER_CHARS_MAX = 256
_LINKS_WRITTEN_MAX = 5
LINKS_MAX = 32
_RESERVED = re.compile(r"[^\x21-\x7e]|[%,;=]")
_PLAIN = re.compile(r"[\x21-\x24\x26-\x2b\x2d-\x3a\x3c\x3e-\x7e]*")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What would move the cursor, break a line or reorder the text when a reader prints it."""


def format_member(hlc: str | None, origin: dict | None = None) -> str:
    """`<hlc>;<front>;<method>;<name>;<client>`, each part optional from the right."""
    parts = [hlc or ""]
    parts += [_encode_part((origin or {}).get(name), most) for name, most in _PARTS]
    while len(parts) > 1 and parts[-1] == "":
        parts.pop()
    return ";".join(parts)


def parse_member(value: str) -> tuple[str | None, dict | None]:
    """(hlc, origin), each None where there is none. A part that cannot be read is left out."""
    if len(value) > _MEMBER_CHARS_MAX:
        return None, None
    hlc, *parts = value.split(";")
    origin = {}
    for (name, _most), part in zip(_PARTS, parts):
        text = _decode_part(part)
        if text:
            origin[name] = text
    return parse_hlc(hlc), origin or None


def format_links(links) -> str:
    return ";".join("%s-%s" % tuple(link) for link in list(links)[:_LINKS_WRITTEN_MAX])


def parse_links(value: str) -> list[tuple[str, str]]:
    """(trace id, span id) of each. What is no link is left out."""
    if len(value) > _MEMBER_CHARS_MAX:
        return []
    links = []
    for part in value.split(";")[:_LINKS_WRITTEN_MAX]:
        trace, span = parse_trace_id(part[:32]), parse_span_id(part[33:])
        if trace and span and part[32:33] == "-":
            links.append((trace, span))
    return links


def _encode_part(text: object, characters_max: int) -> str:
    if not isinstance(text, str):
        return ""
    encoded, characters = [], 0
    # Cut first, so that a hostile megabyte costs nothing; and again on whole escapes.
    for character in _CONTROL.sub(" ", _SURROGATE.sub("\ufffd", text[:characters_max])):
        if _RESERVED.fullmatch(character):
            character = "".join("%%%02X" % byte for byte in character.encode())
        characters += len(character)
        if characters > characters_max:
            break
        encoded.append(character)
    return "".join(encoded)


def _decode_part(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    if "%" in _ESCAPES.sub("", text):
        return ""
    try:
        text = _ESCAPES.sub(lambda run: bytes.fromhex(run.group().replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        return ""
    return _CONTROL.sub("\ufffd", text)


# --- contexts and carriers ---------------------------------------------------------------------------------------

Remote = namedtuple("Remote", "trace_id span_id flags tracestate links hlc origin baggage")
"""What a carrier held: the sender's span, and what travels with it. `tracestate` are the other vendors' members."""

_BAGGAGE = re.compile(r"[\x20-\x7e\t]{1,8192}")


class Context:
    """Which request this is, which span of it, and how it came to be. Do not change it: `child()` makes the next."""

    def __init__(self, trace_id, span_id, parent_span_id, flags, tracestate=(), links=(), origin=None, baggage=None):
        self.trace_id = trace_id
        self.span_id = span_id
        self.parent_span_id = parent_span_id
        self.flags = flags
        self.tracestate = list(tracestate)
        self.links = _merge_links((), links)
        self.origin = origin
        self.baggage = baggage

    @property
    def correlation_id(self) -> str:
        return correlation_id_of(self.trace_id)

    @property
    def traceparent(self) -> str:
        return format_traceparent(self.trace_id, self.span_id, self.flags)

    @property
    def is_root(self) -> bool:
        return self.parent_span_id is None

    def child(self, origin=None, links=()) -> Context:
        """A new span, caused by this one. Links stay with the span they were put on."""
        return Context(
            self.trace_id,
            mint_span_id(),
            self.span_id,
            self.flags,
            self.tracestate,
            links,
            origin or self.origin,
            self.baggage,
        )

    def fields(self) -> dict:
        """The members of a record of this span, for `Stream.append`."""
        fields = {"correlation_id": self.correlation_id, "span_id": self.span_id}
        if self.parent_span_id is not None:
            fields["parent_span_id"] = self.parent_span_id
        return fields


def begin(remote=None, trust="join", origin=None, links=(), sampled=True) -> Context:
    """The context of a new span: continues what the carrier held as far as `trust` allows, or starts a root."""
    if remote is None or trust != "join":
        is_linked = remote is not None and trust == "link"
        foreign = [(remote.trace_id, remote.span_id)] if is_linked else []
        said = origin or (remote.origin if is_linked else None)
        flags = 3 if sampled else 2
        return Context(mint_trace_id(), mint_span_id(), None, flags, (), _merge_links(foreign, links), said)
    return Context(
        remote.trace_id,
        mint_span_id(),
        remote.span_id,
        remote.flags,
        remote.tracestate,
        _merge_links(remote.links, links),
        origin or remote.origin,
        remote.baggage,
    )


def _merge_links(first, second) -> list[tuple[str, str]]:
    """Both without repeats, in order, the first 32."""
    return list(dict.fromkeys([*map(tuple, first), *map(tuple, second)]))[:LINKS_MAX]


def inject(context: Context, clock: HybridClock | None = None) -> dict:
    """The carrier for whatever this context's span causes. The clock ticks."""
    own = format_member(format_hlc((clock or process_clock()).tick()), context.origin)
    members = [("tl", own)]
    if context.links:
        members.append(("tl-links", format_links(context.links)))
    members += [member for member in context.tracestate if member[0] not in ("tl", "tl-links")]
    carrier = {"traceparent": context.traceparent, "tracestate": format_tracestate(members)}
    if context.baggage is not None:
        carrier["baggage"] = context.baggage
    return carrier


def extract(carrier: object) -> Remote | None:
    """Reads a mapping with `traceparent` and, optionally, `tracestate` and `baggage`."""
    try:
        if not isinstance(carrier, dict):
            return None
        parent = parse_traceparent(carrier.get("traceparent"))
        if parent is None:
            return None
        members = dict(parse_tracestate(carrier.get("tracestate")) or ())
        hlc, origin = parse_member(members.pop("tl", ""))
        links = parse_links(members.pop("tl-links", ""))
        baggage = carrier.get("baggage")
        if not isinstance(baggage, str) or not _BAGGAGE.fullmatch(baggage):
            baggage = None
        return Remote(*parent, list(members.items()), links, hlc, origin, baggage)
    except Exception:
        # Somebody else's object may do anything when it is looked at.
        return None


def extract_env(env) -> Remote | None:
    """TRACEPARENT, TRACESTATE and BAGGAGE: the parent in a one-shot process, a link in a server."""
    return extract({name: env.get(name.upper()) for name in ("traceparent", "tracestate", "baggage")})


def extract_headers(headers: object) -> Remote | None:
    """HTTP headers: names in any case; a repeated `tracestate` is one list, a repeated `traceparent` is invalid."""
    if not isinstance(headers, dict):
        return None
    found: dict[str, list] = {"traceparent": [], "tracestate": [], "baggage": []}
    for name, value in headers.items():
        if isinstance(name, str) and name.lower() in found:
            found[name.lower()] += value if isinstance(value, list) else [value]
    if len(found["traceparent"]) != 1 or not all(isinstance(text, str) for texts in found.values() for text in texts):
        return None
    return extract({name: ",".join(texts) or None for name, texts in found.items()})


def extract_message(message: object) -> Remote | None:
    """The first valid carrier of a message, whole: `_meta`, top level, `params._meta`, `params._traceparent`."""
    if not isinstance(message, dict):
        return None
    params = message.get("params")
    params = params if isinstance(params, dict) else {}
    return (
        extract(message.get("_meta"))
        or extract(message)
        or extract(params.get("_meta"))
        or extract({"traceparent": params.get("_traceparent")})
    )


def stamp_message(message: dict, context: Context, form: str = "meta", clock: HybridClock | None = None) -> dict:
    """The message with the context in it; the message itself where it must not be stamped. Copies, never changes."""
    if not isinstance(message.get("method"), str):
        return message
    if form == "meta":
        return _stamp_into(message, context, clock)
    if form == "w3c":
        if extract(message) is not None:
            return message
        carrier = inject(context, clock)
        return {**message, "traceparent": carrier["traceparent"], "tracestate": carrier["tracestate"]}
    params = message.get("params")
    if form == "params-meta":
        params = {} if params is None else params
        if not isinstance(params, dict):
            return message
        stamped = _stamp_into(params, context, clock)
        return message if stamped is params else {**message, "params": stamped}
    if form != "finecode" or message["method"] not in ("actions/run", "actions/runBatch"):
        return message
    if not isinstance(params, dict) or parse_traceparent(params.get("_traceparent")) is not None:
        return message
    return {**message, "params": {**params, "_traceparent": context.traceparent}}


def _stamp_into(holder: dict, context: Context, clock: HybridClock | None) -> dict:
    meta = holder.get("_meta")
    meta = {} if meta is None else meta
    # A `_meta` that is not an object is somebody's bug; it is not ours to replace.
    if not isinstance(meta, dict) or extract(meta) is not None:
        return holder
    return {**holder, "_meta": {**meta, **inject(context, clock)}}

