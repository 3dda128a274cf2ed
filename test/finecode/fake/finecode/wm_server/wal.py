import hashlib
import json
import uuid

from finecode_extension_runner import wal as shared_wal


def new_wal_run_id():
    return str(uuid.uuid4())


def params_hash(params):
    return hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode()).hexdigest()


class WalWriter:
    def __init__(self, dir_path):
        self._writer = shared_wal.WalWriter(dir_path, "wm")

    def append(self, **event):
        self._writer.append(**event)


def emit_run_event(writer, event_type, wal_run_id, action_name, project_path, run_trigger, dev_env, payload):
    if writer is not None:
        writer.append(
            event_type=event_type,
            project_path=str(project_path),
            wal_run_id=wal_run_id,
            action_name=action_name,
            trigger=run_trigger.value,
            dev_env=dev_env.value,
            payload=payload,
        )
