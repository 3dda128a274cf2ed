/** The lines that edits change, as a unified diff. One line of context only: the next ones may hold somebody's secrets. */
import type { Edit } from 'jsonc-parser';
import { clean } from '../text.js';
import { edited } from './edit.js';

const contextLines = 1;

/** Lines without line breaks; none when nothing changes. */
export function unifiedDiff(file: string, text: string, edits: readonly Edit[]): readonly string[] {
  const starts = lineStarts(text);
  const regions = changedRegions(starts, edits);
  if (regions.length === 0) return [];
  const lines = text.split('\n');
  const out = [`--- ${file}`, `+++ ${file}`];
  let shift = 0;
  for (const { from, to, inside } of regions) {
    const offset = starts[from] ?? 0;
    const before = text.slice(offset, starts[to + 1] ?? text.length + 1).replace(/\n$/, '');
    const moved = inside.map((edit) => ({ ...edit, offset: edit.offset - offset }));
    const after = edited(before, moved).split('\n');
    const above = lines.slice(Math.max(0, from - contextLines), from);
    const below = lines.slice(to + 1, to + 1 + contextLines);
    const first = from - above.length + 1;
    const around = above.length + below.length;
    const removed = to - from + 1;
    out.push(
      `@@ -${first},${around + removed} +${first + shift},${around + after.length} @@`,
      ...above.map((one) => ` ${one}`),
      ...before.split('\n').map((one) => `-${one}`),
      ...after.map((one) => `+${one}`),
      ...below.map((one) => ` ${one}`),
    );
    shift += after.length - removed;
  }
  // As a terminal can show them: a tab would be taken for a control character.
  return out.map((one) => clean(one.replace(/\r$/, '').replaceAll('\t', '  ')));
}

interface Region {
  readonly from: number;
  to: number;
  readonly inside: Edit[];
}

/** Stretches of changed lines, far enough from each other for their context. */
function changedRegions(starts: readonly number[], edits: readonly Edit[]): readonly Region[] {
  const regions: Region[] = [];
  for (const edit of edits.toSorted((one, other) => one.offset - other.offset)) {
    const from = lineAt(starts, edit.offset);
    const to = lineAt(starts, edit.offset + edit.length);
    const last = regions.at(-1);
    if (last !== undefined && from <= last.to + 2 * contextLines) {
      last.to = Math.max(last.to, to);
      last.inside.push(edit);
    } else regions.push({ from, to, inside: [edit] });
  }
  return regions;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
