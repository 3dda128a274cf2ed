/** The few numbers that are made of samples. */

/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median with the smallest and the largest, as text: `0.97 (0.91–1.02)`. */
export function spread(values, print = fixed) {
  if (values.length === 1) return print(values[0]);
  return `${print(median(values))} (${print(Math.min(...values))}–${print(Math.max(...values))})`;
}

export function fixed(value) {
  return value.toFixed(2);
}

/** `61.2 k`. */
export function rate(value) {
  if (value >= 999_500) return `${(value / 1_000_000).toFixed(2)} M`;
  return value >= 10_000 ? `${(value / 1000).toFixed(0)} k` : value.toFixed(0);
}
