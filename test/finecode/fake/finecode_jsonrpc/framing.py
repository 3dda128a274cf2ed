import json


async def read_message(reader):
    """The next message, or None at the end."""
    length = None
    while True:
        line = await reader.readline()
        if not line:
            return None
        if line == b"\r\n":
            break
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(await reader.readexactly(length))


def write_message(writer, message):
    body = json.dumps(message).encode()
    writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
