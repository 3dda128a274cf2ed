/** Bytes, or as many characters: short ones cost less as text, until they are where they go. */
export type Piece = Uint8Array | string;
