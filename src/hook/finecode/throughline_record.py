"""A record's text: printable ASCII on one line, never NaN. Sequence, writer, `synced` and checks are a flush's to set.

What cannot be a record raises; a payload never makes its record go missing: it is spelled or cut, and says so.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time

_EVENT_TYPE = re.compile(r"[a-z][a-z_]*(?:\.[a-z][a-z_]*)+")
_TEXT_FIELDS = (
    "wal_run_id",
    "action_name",
    "trigger",
    "dev_env",
    "env_name",
    "correlation_id",
    "span_id",
    "parent_span_id",
)
_FIELDS = frozenset((*_TEXT_FIELDS, "project_path", "links", "origin", "peer"))
_FIELD_CHARS_MAX = 4096
_ASIDE_BYTES_MAX = 2048
_LINKS_MAX = 32
_CUT_CHARS = (1024, 128)
_DEPTH_MAX = 32
_NODES_MAX = 10_000

_quote = json.encoder.encode_basestring_ascii
_dumps = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
_second = (-1, "")


def encode_fields(event_type, payload, fields, project_path="", payload_bytes_max=sys.maxsize) -> str:
    """A record's text between `ts` and `hlc`. Raises for what cannot be a record; a payload is cut instead."""
    if not isinstance(event_type, str) or not _EVENT_TYPE.fullmatch(event_type):
        raise ValueError("not an event type: %r" % (event_type,))
    if not fields.keys() <= _FIELDS:
        raise ValueError("%s: no such field: %s" % (event_type, ", ".join(sorted(fields.keys() - _FIELDS))))
    path = fields.get("project_path")
    parts = [
        ',"event_type":"%s","project_path":%s,"payload":%s'
        % (event_type, _text(project_path if path is None else path), encode_payload(payload, payload_bytes_max))
    ]
    for name in _TEXT_FIELDS:
        value = fields.get(name)
        if value is not None:
            parts.append(',"%s":%s' % (name, _text(value)))
    if fields.get("links"):
        links = [dict(link) for link in list(fields["links"])[:_LINKS_MAX]]
        parts.append(',"links":%s' % _dumps(links))
    for name in ("origin", "peer"):
        if fields.get(name) is not None:
            parts.append(',"%s":%s' % (name, encode_payload(fields[name], _ASIDE_BYTES_MAX)))
    return "".join(parts)


def encode_payload(payload, bytes_max: int = sys.maxsize) -> str:
    """Always an object of at most `bytes_max`: what JSON cannot hold is spelled, what is too long is cut."""
    if payload is None:
        return "{}"
    if not isinstance(payload, dict):
        payload = {"value": payload}
    try:
        text = _dumps(payload)
    except Exception:
        # NaN, an object of the host's, a cycle: a record must not be missing because of it.
        payload = _Spelled(_FIELD_CHARS_MAX).value(payload)
        text = _dumps(payload)
    if len(text) <= bytes_max:
        return text
    for characters_max in _CUT_CHARS:
        shorter = _dumps(_Spelled(characters_max).value(payload))
        if len(shorter) <= bytes_max:
            return shorter
    return '{"cut":%d}' % len(text)


class _Spelled:
    """A copy that JSON can hold, of at most 32 levels and 10,000 values, texts of at most so many characters."""

    def __init__(self, characters_max: int):
        self._characters_max = characters_max
        self._left = _NODES_MAX

    def value(self, value, depth: int = 0):
        self._left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float) and math.isfinite(value):
            return float(value)
        if isinstance(value, str):
            return _cut(value, self._characters_max)
        if isinstance(value, (dict, list, tuple)) and (depth >= _DEPTH_MAX or self._left < 0):
            return "\u2026[cut]"
        if isinstance(value, dict):
            return {_spell(key, 256): self.value(one, depth + 1) for key, one in self._some(value.items())}
        if isinstance(value, (list, tuple)):
            return [self.value(one, depth + 1) for one in self._some(value)]
        return _spell(value, self._characters_max)

    def _some(self, values):
        for value in values:
            if self._left < 0:
                return
            yield value


def _cut(text: str, characters_max: int) -> str:
    """As everywhere in throughline: the beginning, and how many characters are missing."""
    if len(text) <= characters_max:
        return text
    return "%s\u2026[cut %d]" % (text[:characters_max], len(text) - characters_max)


def _spell(value, characters_max: int) -> str:
    try:
        return _cut(str(value), characters_max)
    except Exception:
        return "[%s]" % type(value).__name__


def _text(value) -> str:
    text = value if isinstance(value, str) else _spell(value, _FIELD_CHARS_MAX)
    return _quote(text if len(text) <= _FIELD_CHARS_MAX else _cut(text, _FIELD_CHARS_MAX))


def format_time(microseconds: int) -> str:
    """`2026-11-21T14:02:11.480123Z`."""
    global _second
    second, rest = divmod(microseconds, 1_000_000)
    known = _second
    if known[0] != second:
        # Replaced whole: another thread reads the old one or the new one.
        known = _second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
    return "%s.%06dZ" % (known[1], rest)
