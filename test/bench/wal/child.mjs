/**
 * One subject in a process of its own, so that no heap, no compiled code and no thread is shared between subjects.
 * Opens it, says so, and takes a sample whenever it is asked to.
 */
const { subject, ...options } = JSON.parse(process.argv[2]);
const { open } = await import(`./subjects/${subject}.mjs`);
const opened = await open(options);

process.on('message', (asked) => {
  void (asked === 'close' ? close() : sample(asked));
});
process.send('ready');

async function sample(asked) {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const result = await opened.run(asked);
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  process.send({
    ...result,
    seconds,
    perSecond: result.records / seconds,
    cpuMicroseconds: (cpu.user + cpu.system) / result.records,
  });
}

async function close() {
  await opened.close();
  process.disconnect();
}
