/** The steps of a critical path as a table. */
import type { Step } from '../analysis/critical-path.js';
import { columns, type Cell } from '../text.js';
import { duration } from '../times.js';
import { glyph, roleOf, spanName } from './words.js';

export function stepTable(steps: readonly Step[]): readonly string[] {
  return columns([['', 'START', 'TOTAL', 'WAIT', 'SELF', 'GAIN', 'SPAN'], ...rows(steps)]);
}

function rows(steps: readonly Step[]): readonly (readonly Cell[])[] {
  const rolesAbove: string[] = [];
  return steps.map((step) => {
    const role = roleOf(step.span);
    const above = rolesAbove[step.depth - 1];
    rolesAbove[step.depth] = role;
    return row(step, role === above || role === '' ? '' : ` [${role}]`);
  });
}

function row({ span, depth, count, ...times }: Step, role: string): readonly Cell[] {
  const name = `${spanName(span)}${count === 1 ? '' : ` ×${count}`}`;
  return [
    glyph(span.state),
    `+${time(times.startUs)}`,
    time(times.totalUs),
    times.waitUs === 0 ? '—' : time(times.waitUs),
    time(times.selfUs),
    time(times.gainUs),
    `${'  '.repeat(depth)}${name}${role}`,
  ];
}

function time(microseconds: number): string {
  return duration(Math.max(0, microseconds) / 1000);
}
