// Loaded into the process that is measured: tells its parent how much memory it had at most.
process.on('exit', () => {
  process.send?.({ peakMb: process.resourceUsage().maxRSS / 1024 });
});
// An open channel alone is no reason to stay.
process.channel?.unref();
