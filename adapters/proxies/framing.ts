/** How a byte stream is cut into messages. Nothing is dropped or repaired: the pieces in order are the stream. */

/** `message`: `bytes` is the whole frame as it stood on the wire, `body` the message in it. `raw`: everything else. */
export type Piece =
  | { readonly kind: 'message'; readonly bytes: Uint8Array; readonly body: Uint8Array }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array };

export interface Cutter {
  /** Takes the next chunk, which must not be changed any more, and returns what can go on, in order. */
  push(chunk: Uint8Array): readonly Piece[];
  /** What is held when the stream ends. The cutter starts over. */
  end(): readonly Piece[];
}

export interface CutterOptions {
  /** A longer message is handed out raw, in the pieces in which it comes. */
  readonly messageBytesMax: number;
  /** Told once for each of those. */
  readonly oversize: () => void;
}

export interface Framing {
  readonly cutter: (options: CutterOptions) => Cutter;
  /** The frame of a body that was changed. */
  readonly frame: (body: Uint8Array) => Uint8Array;
  /**
   * Cuts a chunk at the messages' boundaries as far as they can be seen in it, for a stream that is passed on at once
   * and not looked at. Default: the chunk in one piece.
   */
  readonly split?: (chunk: Uint8Array) => readonly Uint8Array[];
}
