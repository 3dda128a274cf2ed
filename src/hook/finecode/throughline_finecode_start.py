"""Waits for FineCode to be imported. All that a Python process that is no FineCode ever loads of the hook.

It is loaded by a `.pth` file of a venv or by `site/sitecustomize.py` (docs/finecode.md). It puts one finder before the
others, which knows the names of the modules that are patched and of the hook's own, and finds nothing else. It imports
nothing, reads no file and writes none. Whatever goes wrong here, the process starts as if it was not there.
"""

import sys

VERSION = 1
_MARK = "_throughline_finecode"
PATCHED = frozenset(
    (
        "finecode.telemetry",
        "finecode.wm_client",
        "finecode.wm_server.runner.runner_client",
        "finecode.wm_server.services.run_service.proxy_utils",
        "finecode.wm_server.wal",
        "finecode.wm_server.wm_server",
        "finecode_extension_runner._services.run_action",
        "finecode_extension_runner.er_server",
        "finecode_extension_runner.er_telemetry",
        "finecode_extension_runner.wal",
        "finecode_jsonrpc.client",
        "finecode_jsonrpc.jsonrpc_server",
    )
)


class Finder:
    """Finds what the other finders find, and has the hook look at it once it was executed."""

    def __init__(self, directory):
        self.directory = directory

    def find_spec(self, name, path=None, target=None):
        if name in PATCHED:
            return self._watched(name, path, target)
        if name.startswith("throughline_"):
            return self._own(name)
        return None

    def _own(self, name):
        # Found here and not on sys.path, where the folder would offer its modules to everybody.
        from importlib.util import spec_from_file_location

        file = "%s/%s.py" % (self.directory, name)
        try:
            open(file, "rb").close()
        except OSError:
            return None
        return spec_from_file_location(name, file)

    def _watched(self, name, path, target):
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                try:
                    self._watch(spec.loader)
                except Exception as error:
                    tell("cannot watch %s: %s" % (name, said(error)))
                return spec
        return None

    def _watch(self, loader):
        # On this one loader, which stays what it is: resources and sources are read through it, too.
        execute = loader.exec_module

        def exec_module(module):
            try:
                del loader.exec_module
            except AttributeError:
                pass
            execute(module)
            try:
                import throughline_finecode

                outcome = throughline_finecode.patch(module)
            except Exception as error:
                outcome = said(error)
            if outcome != "patched":
                tell("%s: %s" % (module.__name__, outcome))
            getattr(sys, _MARK)["outcomes"][module.__name__] = outcome

        loader.exec_module = exec_module


def said(error):
    """What went wrong, on one line."""
    return " ".join(("%s: %s" % (type(error).__name__, error)).split())[:300]


def tell(text):
    """One line on stderr, if there is one."""
    try:
        sys.stderr.write("throughline: %s\n" % text)
        sys.stderr.flush()
    except Exception:
        pass


def install(form, directory=None):
    """Once in a process, whoever comes first. `form` says how it came: `pth` or `environment`."""
    # Whatever is older has no FineCode in it, and Python 2 asks finders for other things.
    if sys.version_info < (3, 9) or getattr(sys, _MARK, None) is not None:
        return False
    if directory is None:
        directory = __file__.replace("\\", "/").rpartition("/")[0]
    setattr(sys, _MARK, {"version": VERSION, "form": form, "directory": directory, "outcomes": {}})
    sys.meta_path.insert(0, Finder(directory))
    return True
