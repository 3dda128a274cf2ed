// The last line of `npm test`: what it did not run, and which command does. Kept honest by test/architecture, which
// checks that every script named here exists.
console.log(
  'Not run here: the long SIGKILL loop (npm run test:crash -- --kills 10000), power cuts (npm run test:powercut, needs root), ' +
    'other SDK versions and real servers (npm run test:interop), the demo (npm run demo).',
);
