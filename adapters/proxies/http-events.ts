/** Server-sent events out of a body, as they come. Holds at most one event, and of it at most so many bytes. */

export interface ServerEvent {
  /** `undefined` where the event names none. */
  readonly id: string | undefined;
  /** `message` where the event names none. */
  readonly name: string;
  /** Its lines joined by spaces: a newline in JSON is white space, and on stdio would end the message. */
  readonly data: string;
}

/** The server's wish for the time until a reconnect. */
export type RetryWish = (delayMs: number) => void;

/** Yields each event that has data or an id. Throws what reading throws, and RangeError for one that is too large. */
export async function* serverEvents(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  retry: RetryWish,
): AsyncGenerator<ServerEvent> {
  let id: string | undefined;
  let name = 'message';
  let data: string[] = [];
  let size = 0;
  for await (const line of linesOf(body, bytesMax)) {
    if (line === '') {
      if (data.length > 0 || id !== undefined) yield { id, name, data: data.join(' ') };
      [id, name, data, size] = [undefined, 'message', [], 0];
      continue;
    }
    const colon = line.indexOf(':');
    // A comment, which keeps the connection alive.
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    switch (field) {
      case 'data':
        size += value.length;
        if (size > bytesMax) throw tooLarge(bytesMax);
        data.push(value);
        break;
      case 'event':
        name = value;
        break;
      case 'id':
        id = value;
        break;
      case 'retry':
        if (/^\d{1,9}$/.test(value)) retry(Number(value));
        break;
      default:
    }
  }
}

/** The lines that have ended, by LF, CRLF or CR. What comes behind the last one is no line: the event is not whole. */
async function* linesOf(body: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let size = 0;
  let wasReturn = false;
  for await (const chunk of body) {
    let text = decoder.decode(chunk, { stream: true });
    if (wasReturn && text.startsWith('\n')) text = text.slice(1);
    if (text !== '') wasReturn = text.endsWith('\r');
    const pieces = text.split(/\r\n|\n|\r/);
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      yield parts.length === 0 ? piece : [...parts, piece].join('');
      parts = [];
      size = 0;
    }
    if (rest === '') continue;
    parts.push(rest);
    size += rest.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
  }
}

function tooLarge(bytesMax: number): RangeError {
  return new RangeError(`a message is over ${bytesMax} bytes`);
}
