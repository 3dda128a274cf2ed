/** The field numbers of Perfetto's messages, as far as they are written. They never change: old traces stay readable. */

export const trace = { packet: 1 } as const;

export const packet = {
  clockSnapshot: 6,
  timestamp: 8,
  sequenceId: 10,
  trackEvent: 11,
  internedData: 12,
  sequenceFlags: 13,
  defaults: 59,
  trackDescriptor: 60,
} as const;

/** Flags of a packet. */
export const flags = { stateCleared: 1, needsState: 2 } as const;

export const defaults = { timestampClockId: 58 } as const;

export const clockSnapshot = { clocks: 1, primaryTraceClock: 2 } as const;
export const clock = { clockId: 1, timestamp: 2 } as const;
/** `BUILTIN_CLOCK_REALTIME`: nanoseconds since 1970. */
export const clockRealtime = 1;

export const track = { uuid: 1, name: 2, process: 3, parentUuid: 5 } as const;
export const processFields = { pid: 1, processName: 6, labels: 8 } as const;

export const event = {
  categoryIids: 3,
  annotations: 4,
  type: 9,
  nameIid: 10,
  trackUuid: 11,
  flowIds: 47,
  terminatingFlowIds: 48,
  correlationIdIid: 54,
} as const;
export const eventType = { begin: 1, end: 2, instant: 3 } as const;

export const annotation = {
  nameIid: 1,
  bool: 2,
  int: 4,
  double: 5,
  string: 6,
  array: 12,
  stringIid: 17,
} as const;

/** Texts by number: each kind has numbers of its own. */
export const interned = {
  categories: 1,
  eventNames: 2,
  annotationNames: 3,
  annotationStrings: 29,
  correlationIds: 43,
} as const;
/** The same in each kind of text. */
export const internedText = { iid: 1, text: 2 } as const;
