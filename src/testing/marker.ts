/** Markers: what ties a message at the workspace manager to the call that caused it. All of one length. */

const markerPattern = /throughline-call-\d{6}/g;

export function markerOf(number: number): string {
  return `throughline-call-${String(number).padStart(6, '0')}`;
}

/** Every marker that occurs anywhere in the value, once each. */
export function markersIn(value: unknown): ReadonlySet<string> {
  return new Set((JSON.stringify(value) ?? '').match(markerPattern));
}
