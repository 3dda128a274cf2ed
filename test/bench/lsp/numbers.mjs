/** How comparisons are said. */
export function quantile(numbers, part) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)];
}

/** The median of the ratios and the quartiles around it, and whether it is at most `ceiling`. */
export function summary(ratios, ceiling) {
  const [low, ratio, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2));
  const verdict = ceiling === undefined ? '' : ratio <= ceiling ? ', met' : ', missed';
  return `${ratio} (quartiles ${low} to ${high}${verdict})`;
}
