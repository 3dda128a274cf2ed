/** One direction of a relay: chunks in, messages through the tap, pieces out. Holds at most one unfinished message. */
import type { Cutter, Framing, Piece } from './framing.js';
import type { Outlet } from './outlet.js';

export interface Direction {
  readonly push: (chunk: Uint8Array) => void;
  readonly end: () => void;
}

export interface DirectionParts {
  readonly framing: Framing;
  readonly cutter: Cutter;
  readonly to: Outlet;
}

/** Passed on at once. Nobody looks. */
export function unseen({ framing, to }: Pick<DirectionParts, 'framing' | 'to'>): Direction {
  const { split } = framing;
  const push =
    split === undefined
      ? (chunk: Uint8Array): void => to.write(chunk)
      : (chunk: Uint8Array): void => {
          for (const piece of split(chunk)) to.write(piece);
        };
  return { push, end: () => undefined };
}

/** Each message may be changed on its way: the same array goes on as it stood on the wire. */
export function changing(
  parts: DirectionParts,
  change: (body: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Direction {
  const { framing, to } = parts;
  return messages(parts, ({ bytes, body }) => {
    const changed = attempt(() => change(body)) ?? body;
    if (changed === body) to.write(bytes);
    else if (changed instanceof Uint8Array) to.write(framing.frame(changed));
    else to.promise(bytes.length, reframed(changed, body, bytes, framing));
  });
}

/** Each message may be held for a while, and everything behind it with it. */
export function holding(
  parts: DirectionParts,
  hold: (body: Uint8Array) => Promise<void> | undefined,
  observe: (body: Uint8Array) => void,
): Direction {
  const { to } = parts;
  return messages(parts, ({ bytes, body }) => {
    const held = attempt(() => hold(body));
    if (held === undefined) to.write(bytes);
    else to.promise(bytes.length, after(held, bytes));
    attempt(() => observe(body));
  });
}

/** Each message is passed on first, in the pieces in which it comes, and looked at when it is whole. */
export function observing(parts: DirectionParts, observe: (body: Uint8Array) => void): Direction {
  const { cutter } = parts;
  const through = unseen(parts);
  const see = (pieces: readonly Piece[]): void => {
    for (const piece of pieces) {
      if (piece.kind === 'message') attempt(() => observe(piece.body));
    }
  };
  return {
    push: (chunk) => {
      through.push(chunk);
      see(cutter.push(chunk));
    },
    end: () => see(cutter.end()),
  };
}

function messages(
  { cutter, to }: DirectionParts,
  take: (message: Extract<Piece, { kind: 'message' }>) => void,
): Direction {
  const each = (pieces: readonly Piece[]): void => {
    for (const piece of pieces) {
      if (piece.kind === 'raw') to.write(piece.bytes);
      else take(piece);
    }
  };
  return { push: (chunk) => each(cutter.push(chunk)), end: () => each(cutter.end()) };
}

async function reframed(
  changed: Promise<Uint8Array>,
  body: Uint8Array,
  bytes: Uint8Array,
  framing: Framing,
): Promise<Uint8Array> {
  const made = await changed;
  return made === body ? bytes : framing.frame(made);
}

async function after(held: Promise<void>, bytes: Uint8Array): Promise<Uint8Array> {
  await held;
  return bytes;
}

/** A tap that throws has seen nothing: it is not worth a message. */
function attempt<Result>(see: () => Result): Result | undefined {
  try {
    return see();
  } catch {
    return undefined;
  }
}
