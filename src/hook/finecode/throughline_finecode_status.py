"""Prints what `throughline finecode status` shows, as one line of JSON: run by the venv's own Python, never by FineCode.

It imports the modules that the hook patches, so that what does not fit is found without a request.
"""

import importlib
import json
import sys

_PACKAGES = ("finecode", "finecode_extension_runner", "finecode_jsonrpc", "opentelemetry-api", "opentelemetry-sdk")


def _versions():
    from importlib import metadata

    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except Exception:
            pass
    return found


def _part(name, outcomes):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A part of another process's environment, such as the WM's in a runner's venv.
        if error.name and (name + ".").startswith(error.name + "."):
            return "absent"
        return "cannot be imported: %s" % error
    except Exception as error:
        return "cannot be imported: %s: %s" % (type(error).__name__, error)
    return outcomes.get(name, "was not patched")


def main():
    loaded = getattr(sys, "_throughline_finecode", None)
    found = {"python": "%d.%d.%d" % sys.version_info[:3], "loaded": loaded is not None, "packages": _versions(), "parts": {}}
    if loaded is not None:
        found.update((name, loaded[name]) for name in ("form", "version", "directory"))
        for name in sorted(sys.modules["throughline_finecode_start"].PATCHED):
            found["parts"][name] = _part(name, loaded["outcomes"])
    sys.stdout.write("\n%s\n" % json.dumps(found))


if __name__ == "__main__":
    main()
