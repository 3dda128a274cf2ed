// The last line of `npm test`: what it did not run, and which command does.
console.log(
  'Not run here: the long SIGKILL loop (npm run test:crash -- --kills 10000), power cuts (npm run test:powercut, needs root), ' +
    'every view of every damaged bit (npm run test:damage), a real FineCode (FINECODE_HOME=VENV npx vitest run test/finecode), ' +
    'other SDK versions, frameworks, servers and editors (npm run test:interop), benchmarks (npm run bench:wal, npm run bench:mcp, npm run bench:lsp, npm run bench:proxy, npm run bench:lsp-proxy, npm run bench:finecode, npm run bench:python, npm run bench:export, npm run bench:read), the whole demo (npm run demo).',
);
