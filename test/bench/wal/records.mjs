/** The record that every subject appends: what a workspace manager writes when it hands a run to a runner. */

const hex = (value, digits) => value.toString(16).padStart(digits, '0');

/** Made beforehand, so that making them is in nobody's time; many, so that none is a constant. */
export const records = Array.from({ length: 1024 }, (_, index) => ({
  event_type: 'run.dispatched',
  project_path: '/home/user/projects/example',
  payload: { attempt: 1 + (index % 3), runner: 'python', rpc: { connection: 7, id: 1000 + index } },
  wal_run_id: `01KAKV3M9${hex(index, 4).toUpperCase()}ZPT3QWX5C7D8E`.slice(0, 26),
  action_name: 'lint',
  trigger: 'user',
  dev_env: 'ide',
  env_name: 'dev_no_runtime',
  correlation_id: `01KAKV3M8${hex(index, 4).toUpperCase()}ZPT3QWX5C7D8F`.slice(0, 26),
  span_id: `7c0f2b91d4${hex(index, 6)}`,
  parent_span_id: `5e83aa10b6${hex(index, 6)}`,
}));

/** The `count` records from `from` on, round and round. */
export function recordAt(index) {
  return records[index & 1023];
}

/** The members that a journal without a format of its own has to add before it stores the record as JSON. */
export function stamped(index) {
  return {
    schema_version: 2,
    sequence: index,
    ts: new Date().toISOString(),
    writer_id: 'wm-01KAKV3M7X0ZPT3QWX5C7D8E9F',
    ...recordAt(index),
  };
}
