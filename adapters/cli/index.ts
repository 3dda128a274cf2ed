/** The front that is a Node command-line program. Writes nothing, opens nothing, and never throws into its host. */
export { correlateCli } from './correlate.js';
export type { CliCorrelation, CliOptions } from './correlate.js';
