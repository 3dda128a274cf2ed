/** One line for each server. */
export function printTable(rows, modes) {
  const table = [
    ['server', 'version', 'answers', 'say something', 'values', 'noise', ...modes, 's'],
    ...rows.map((row) =>
      row.skipped === undefined
        ? [
            row.subject.name,
            row.version,
            row.answers,
            row.nonEmpty,
            row.values,
            row.noise.length,
            ...modes.map((mode) => row.modes[mode]),
            row.seconds,
          ]
        : [row.subject.name, `SKIPPED: ${row.skipped}`],
    ),
  ].map((cells) => cells.map(String));
  // A skipped server's reason is as long as it is.
  const widthOf = (index) =>
    Math.max(...table.filter((cells) => cells.length > 2).map((cells) => cells[index].length));
  const widths = table[0].map((_, index) => widthOf(index));
  console.log('');
  for (const cells of table) {
    console.log(
      cells
        .map((cell, index) => cell.padEnd(widths[index]))
        .join('  ')
        .trimEnd(),
    );
  }
  console.log(
    '(* after a second look: the first difference was gone, or direct runs differ there, too)\n',
  );
}
