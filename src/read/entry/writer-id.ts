/** Names of writers: `wm-01KAM8VJ5Q3Z9S0V4T6R8Y2XEW` is one of ours, `wm-404-1795291833` FineCode's. Pure. */

const fineCodePattern = /^([a-z]{1,16})-\d{1,10}-\d{1,12}$/;

/** `wm` of both. */
export function roleOfWriter(writerId: string): string {
  const ofFineCode = fineCodePattern.exec(writerId)?.[1];
  if (ofFineCode !== undefined) return ofFineCode;
  const dash = writerId.lastIndexOf('-');
  return dash === -1 ? writerId : writerId.slice(0, dash);
}

/** True for a writer of a program that knows nothing of ours. */
export function isImportedWriter(writerId: string): boolean {
  return fineCodePattern.test(writerId);
}
