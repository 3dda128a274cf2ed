"""The environment-only form of the hook: this folder is in PYTHONPATH, and Python imports what is called so at start.

Python imports one sitecustomize only, so the one that this stands before is run from here. This folder then leaves
sys.path; PYTHONPATH stays, so that FineCode's workspace manager and its extension runners inherit it. They take it out
before they start anything else.
"""

import sys


def _load():
    here = __file__.replace("\\", "/").rpartition("/")[0]
    mine = [entry for entry in sys.path if entry.replace("\\", "/").rstrip("/") == here]
    for entry in mine:
        sys.path.remove(entry)
    directory = here.rpartition("/")[0]
    try:
        sys.path.insert(0, directory)
        try:
            import throughline_finecode_start
        finally:
            sys.path.remove(directory)
        throughline_finecode_start.install("environment", directory)
    except Exception as error:
        sys.stderr.write("throughline: the hook was not loaded: %s: %s\n" % (type(error).__name__, error))


def _next():
    """The sitecustomize that Python would have run. What it raises is for Python to report, as ever."""
    if sys.version_info < (3, 4):
        return
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_load()
_next()
