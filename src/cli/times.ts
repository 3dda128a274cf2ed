/** Times and durations for people. */

export interface TimeStyle {
  readonly isUtc: boolean;
  /** Without the year and without milliseconds. */
  readonly isShort?: boolean;
}

/** `14:02:11.480`. */
export function clockTime(microseconds: number, style: TimeStyle): string {
  return parts(microseconds, style).time;
}

/** `2026-11-21 14:02:11.480`. */
export function dayTime(microseconds: number, style: TimeStyle): string {
  const { day, time } = parts(microseconds, style);
  return `${style.isShort === true ? day.slice(5) : day} ${time}`;
}

/** A function that writes times as short as it can: with the day only if one of them was not on `nowMs`'s day. */
export function timeFormat(
  all: readonly number[],
  nowMs: number,
  style: TimeStyle,
): (microseconds: number) => string {
  const today = parts(nowMs * 1000, style).day;
  const isToday = all.every((microseconds) => parts(microseconds, style).day === today);
  return (microseconds) =>
    isToday ? clockTime(microseconds, style) : dayTime(microseconds, style);
}

/** `20ms`, `1.21s`, `48.6s`, `12m05s`, `3h07m`, `2d04h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return milliseconds <= 0 ? '0' : `${milliseconds.toFixed(1)}ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)}s`;
  if (seconds < 99.95) return `${seconds.toFixed(1)}s`;
  return (
    pair(seconds, [86_400, 'd', 3600, 'h']) ??
    pair(seconds, [3600, 'h', 60, 'm']) ??
    pair(seconds, [60, 'm', 1, 's']) ??
    ''
  );
}

function pair(
  seconds: number,
  [large, largeName, small, smallName]: readonly [number, string, number, string],
): string | undefined {
  if (seconds < large) return undefined;
  const whole = Math.floor(seconds / large);
  const rest = Math.floor((seconds - whole * large) / small);
  return `${whole}${largeName}${String(rest).padStart(2, '0')}${smallName}`;
}

function parts(microseconds: number, style: TimeStyle): { day: string; time: string } {
  const date = new Date(microseconds / 1000);
  // toISOString writes UTC; shifted by the zone's offset at that time it writes local time.
  const shownMs = style.isUtc ? date.getTime() : date.getTime() - date.getTimezoneOffset() * 60_000;
  if (Number.isNaN(shownMs)) return { day: '', time: '—' };
  const iso = new Date(shownMs).toISOString();
  return { day: iso.slice(0, 10), time: iso.slice(11, style.isShort === true ? 19 : 23) };
}
