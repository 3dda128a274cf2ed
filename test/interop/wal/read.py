"""A reader of the WAL written from docs/format.md alone, in another language.

    python3 read.py STREAM_DIRECTORY WRITER_ID                    prints what it says of the stream, as expected.json does
    python3 read.py STREAM_DIRECTORY WRITER_ID KEY.pem [NOTES]    and verifies digests, signatures and kept checkpoints

Only the standard library. It reads whole files: it is here to check the format's description, not to be fast.
"""

import base64
import hashlib
import json
import os
import re
import sys
import zlib

import ed25519

HEAD = re.compile(
    rb'\{"schema_version":2,"sequence":([1-9][0-9]{0,15}),"writer_id":"([0-9A-Za-z-]{1,64})",'
    rb'"ts":"[0-9TZ:.-]{20,30}","event_type":"([a-z_.]{1,64})",'
)
TRAILER = re.compile(rb',"prev":"([0-9a-f]{8})","crc":"([0-9a-f]{8})"\}$')
SYNCED = re.compile(rb',"synced":(0|[1-9][0-9]{0,15})$')
SEGMENT = re.compile(r"^wal-\d{6,}\.jsonl$")
NOTE = re.compile(
    r"(throughline-checkpoint/1\n([^\n]+)\n([^\n]+)\n(\d+)\n(\d+)\n([0-9a-f]{64})\n)\n\u2014 ([^ \n]+) ([^\n]+)\n"
)


def check(line):
    """A line's sequence, writer, type, prev, crc and synced, or None."""
    trailer = TRAILER.search(line)
    head = HEAD.match(line)
    if trailer is None or head is None:
        return None
    crc = trailer.group(2).decode()
    if format(zlib.crc32(line[: len(line) - 18]), "08x") != crc:
        return None
    synced = SYNCED.search(line[: trailer.start()])
    return {
        "sequence": int(head.group(1)),
        "writer": head.group(2).decode(),
        "type": head.group(3).decode(),
        "prev": trailer.group(1).decode(),
        "crc": crc,
        "synced": None if synced is None else int(synced.group(1)),
        "line": line,
    }


def items(content):
    """(offset, length, record or None, is blank) for each line or run of blank lines."""
    found, at = [], 0
    while at < len(content):
        end = content.find(b"\n", at)
        if end == at:
            while end < len(content) and content[end : end + 1] == b"\n":
                end += 1
            found.append((at, end - at, None, True))
            at = end
        elif end == -1:
            found.append((at, len(content) - at, None, False))
            at = len(content)
        else:
            found.append((at, end + 1 - at, check(content[at:end]), False))
            at = end + 1
    return found


class File:
    def __init__(self, directory, name):
        self.name = name
        with open(os.path.join(directory, name), "rb") as file:
            self.content = file.read()
        self.items = items(self.content)
        first = self.items[0][2] if self.items else None
        self.header = first if first is not None and first["type"] == "wal.opened" else None
        self.claim = None
        if self.header is not None:
            payload = json.loads(self.header["line"])["payload"]
            for member in ("predecessor", "supersedes"):
                if member in payload:
                    self.claim = dict(payload[member], kind=member)
        marks = [r["synced"] for _, _, r, _ in self.items if r is not None and r["synced"] is not None]
        self.synced = max(marks, default=None)
        self.bypassed = self.header is None and self.synced is None


def signed_text(writer, name, sequence, size, digest):
    return f"throughline-checkpoint/1\n{writer}\n{name}\n{sequence}\n{size}\n{digest}\n".encode()


def notes(text, key):
    """(writer, file, sequence, bytes, sha256) of each signed note; refuses one that is not signed with the key."""
    found = []
    for text, writer, name, sequence, size, digest, key_id, encoded in NOTE.findall(text):
        raw = base64.b64decode(encoded)
        hint = hashlib.sha256(key_id.encode() + b"\n\x01" + key).digest()[:4]
        if raw[:4] != hint or not ed25519.verify(key, text.encode(), raw[4:]):
            raise ValueError("a note is not signed with the key")
        found.append((writer, name, int(sequence), int(size), digest))
    return found


class Reader:
    def __init__(self, directory, writer, key=None, kept=()):
        self.key, self.kept, self.signed_to = key, kept, 0
        self.before, self.now = None, None
        names = sorted(name for name in os.listdir(directory) if SEGMENT.match(name))
        self.files = [File(directory, name) for name in names]
        self.writer = writer
        self.synced = max(
            [f.synced or 0 for f in self.files]
            + [f.claim["last_sequence"] for f in self.files if f.claim is not None],
            default=0,
        )
        self.records, self.faults = [], []
        self.expected, self.prev, self.known = 1, "00000000", True
        self.seen, self.sealed, self.main = {}, False, None
        # The file that the last seal names.
        self.successor = None

    def fault(self, verdict, file, offset, length=0, first="", last=""):
        self.faults.append(f"{verdict} {file} at {offset}+{length} {first}..{last}")

    def read(self):
        names = [f.name for f in self.files]
        for index, file in enumerate(self.files):
            if file.claim is not None and file.claim["file"] in names:
                for between in self.files[names.index(file.claim["file"]) + 1 : index]:
                    between.bypassed = True
        for index, file in enumerate(self.files):
            self.now = file
            # Judged before anything else: the header below would move what is expected.
            file.bypassed = file.bypassed or self.abandoned(file.claim)
            self.start(file, names[:index])
            after = next((f for f in self.files[index + 1 :] if not f.bypassed), None)
            claim = after.claim if after is not None else None
            self.file(file, claim if claim is not None and claim["file"] == file.name else None)
            if not file.bypassed:
                self.compare(file)
                self.before = file
        if self.successor is not None and self.successor not in names:
            self.fault("MISSING", self.successor, 0, first=self.expected)
        if not self.sealed:
            last = self.files[-1] if self.files else None
            name, size = ("", 0) if last is None else (last.name, len(last.content))
            self.fault("UNSEALED", name, size, last=self.expected - 1)
        return {
            "records": " ".join(f"{s}{'' if s <= self.synced else '?'}" for s in self.records),
            "faults": self.faults,
        }

    def corrupt(self, offset, sequence):
        self.fault("CORRUPT", self.now.name, offset, 0, sequence, sequence)

    def statement(self, offset, record):
        """What a record says of the bytes of a file: verified when there is a key."""
        if self.key is None or record["type"] not in ("wal.opened", "wal.sealed", "wal.checkpoint"):
            return
        payload, sequence = json.loads(record["line"])["payload"], record["sequence"]
        if record["type"] == "wal.opened":
            said = payload.get("predecessor")
            if said is not None and self.before is not None and said["file"] == self.before.name:
                if sha256(self.before.content[: said["bytes"]]) != said["sha256"]:
                    self.corrupt(offset, sequence)
            return
        if record["type"] == "wal.checkpoint" and payload["file"] != self.now.name:
            return
        if payload["bytes"] != offset or sha256(self.now.content[:offset]) != payload["sha256"]:
            self.corrupt(offset, sequence)
            return
        text = signed_text(self.writer, self.now.name, sequence - 1, offset, payload["sha256"])
        signature = payload.get("checkpoint", {}).get("signature", "")
        if ed25519.verify(self.key, text, base64.b64decode(signature)):
            self.signed_to = max(self.signed_to, sequence - 1)
        else:
            self.corrupt(offset, sequence)

    def compare(self, file):
        """The checkpoints of this file that were kept elsewhere."""
        last = max(self.records, default=0)
        for writer, name, sequence, size, digest in self.kept:
            if writer != self.writer or name != file.name:
                continue
            if size > len(file.content) and sequence > last:
                self.fault("GAP", name, 0, 0, last + 1, sequence)
            elif sha256(file.content[:size]) != digest:
                self.fault("CORRUPT", name, 0, size, "", sequence)

    def abandoned(self, claim):
        return (
            claim is not None
            and claim["kind"] == "predecessor"
            and claim["file"] == self.main
            # A seal that names a next file stands behind the end, and nothing else does.
            and self.expected > claim["last_sequence"] + (1 if self.successor is None else 2)
        )

    def start(self, file, before):
        if file.header is None or file.bypassed:
            return
        claim = file.claim
        there = file.header["sequence"] == 1 if claim is None else claim["file"] in before
        if not there:
            name = file.name if claim is None else claim["file"]
            self.fault("MISSING", name, 0, first=self.expected, last=file.header["sequence"] - 1)
            self.expected, self.prev = file.header["sequence"], file.header["prev"]
        elif claim is not None and claim["kind"] == "predecessor":
            if self.expected == claim["last_sequence"] + 1:
                # The seal was not read: the header stands for it.
                if self.known and self.prev != claim["last_crc"]:
                    sequence = file.header["sequence"]
                    self.fault("FORK", file.name, 0, 0, sequence, sequence)
                self.expected, self.prev = file.header["sequence"], file.header["prev"]
                self.known = True

    def file(self, file, claim):
        region, void = None, None
        if not file.bypassed:
            self.sealed, self.successor, self.main = False, None, file.name
        for offset, length, record, blank in file.items:
            ended = (
                claim is not None
                and claim["kind"] == "supersedes"
                and self.expected > claim["last_sequence"]
                and (record is None or record["sequence"] > claim["last_sequence"])
            )
            if file.bypassed or ended:
                if not blank:
                    void = void or [offset, 0, []]
                    void[1] += length
                    void[2] += [] if record is None else [record["sequence"]]
            elif record is None:
                region = region or [offset, 0, True]
                region[1] += length
                region[2] = region[2] and blank
            else:
                self.record(file.name, offset, record, region)
                region = None
        if void is not None and void[2]:
            self.fault("SUPERSEDED", file.name, void[0], void[1], min(void[2]), max(void[2]))
        elif void is not None:
            self.fault("TORN", file.name, void[0], void[1])
        if not file.bypassed:
            self.end(file.name, region, None if self.abandoned(claim) else claim)

    def end(self, name, region, claim):
        bound = self.synced if claim is None else claim["last_sequence"]
        if region is not None and not region[2]:
            if self.expected <= bound:
                self.fault("CORRUPT", name, region[0], region[1], self.expected, bound)
                self.expected, self.known = bound + 1, False
            else:
                self.fault("TORN", name, region[0], region[1], self.expected)
        elif claim is not None and self.expected <= bound:
            at = region or [0, 0]
            self.fault("GAP", name, at[0], at[1], self.expected, bound)
            self.expected, self.known = bound + 1, False

    def record(self, name, offset, record, region):
        sequence = record["sequence"]
        if sequence < self.expected or record["writer"] != self.writer:
            if region is not None:
                self.fault("CORRUPT", name, region[0], region[1], self.expected)
            own = record["writer"] == self.writer
            same = own and self.seen.get(sequence) == record["crc"]
            self.fault("DUP" if same else "FORK", name, offset, 0, sequence, sequence)
            if own and not same:
                self.records.append(sequence)
                self.statement(offset, record)
            return
        if sequence > self.expected:
            if region is None:
                self.fault("GAP", name, offset, 0, self.expected, sequence - 1)
            elif self.expected <= self.synced:
                self.fault("CORRUPT", name, region[0], region[1], self.expected, sequence - 1)
            else:
                self.fault("TORN", name, region[0], region[1], self.expected)
            self.known = False
        elif region is not None:
            self.fault("CORRUPT", name, region[0], region[1], self.expected)
        if (self.known and record["prev"] != self.prev) or self.sealed:
            self.fault("FORK", name, offset, 0, sequence, sequence)
        self.sealed = record["type"] == "wal.sealed"
        if self.sealed:
            self.successor = json.loads(record["line"])["payload"].get("next")
        self.expected, self.prev, self.known = sequence + 1, record["crc"], True
        self.seen[sequence] = record["crc"]
        self.records.append(sequence)
        self.statement(offset, record)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def main(directory, writer, key_file=None, notes_file=None):
    if key_file is None:
        return Reader(directory, writer).read()
    with open(key_file, encoding="utf-8") as file:
        key = ed25519.read_pem(file.read())
    kept = []
    if notes_file is not None:
        with open(notes_file, encoding="utf-8") as file:
            kept = notes(file.read(), key)
    reader = Reader(directory, writer, key, kept)
    return dict(reader.read(), signed_to=reader.signed_to)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
