"""How a function of FineCode is replaced by one around it. The only place that does, and the one that keeps the promise
that the host never hears of the hook: what fails around the call is said once on stderr, and the call is made as ever.
"""

from __future__ import annotations

import functools
import inspect

from throughline_finecode_start import said, tell

_told = set()


class Missing(Exception):
    """FineCode has not the shape that this part of the hook was written for."""


def tell_once(what, error) -> None:
    """A failure in a request would be told with every request."""
    if what not in _told:
        _told.add(what)
        tell("%s: %s (told once)" % (what, said(error)))


def member(owner, name, parameters=(), is_async=None):
    """The function of that name, if it is one and takes these parameters by name."""
    function = getattr(owner, name, None)
    if not callable(function):
        raise Missing("%s has no %s" % (getattr(owner, "__name__", owner), name))
    if is_async is not None and inspect.iscoroutinefunction(function) != is_async:
        raise Missing("%s is no %s" % (name, "coroutine function" if is_async else "plain function"))
    takes = inspect.signature(function).parameters
    for parameter in parameters:
        if parameter not in takes:
            raise Missing("%s takes no %s" % (name, parameter))
    return function


def owner_of(module, name):
    """The class of that name, whose members are patched."""
    owner = getattr(module, name, None)
    if not isinstance(owner, type):
        raise Missing("%s has no class %s" % (module.__name__, name))
    return owner


def each(*patches) -> None:
    """All of them, each for itself: what one misses is no reason to leave the others."""
    missing = []
    for patch in patches:
        try:
            patch()
        except Missing as error:
            missing.append(str(error))
    if missing:
        raise Missing("; ".join(missing))


def around(owner, name, begin, parameters=()) -> None:
    """Has the coroutine function `owner.name` run between the parts of what `begin(arguments)` returns.

    `arguments` are those of the call by name; `begin` may change them and returns None to stay out of this call. What it
    returns has `async opened()`, before the call; `async returned(result)` after it; `raised(error)`, which does not wait;
    `async settled()`, before an error that is no cancellation leaves; and `leave()`, always.
    """
    function = member(owner, name, parameters, is_async=True)
    signature = inspect.signature(function)
    what = "the hook around %s" % name

    @functools.wraps(function)
    async def wrapped(*args, **kwargs):
        part = None
        try:
            bound = signature.bind(*args, **kwargs)
            part = begin(bound.arguments)
            if part is not None:
                args, kwargs = bound.args, bound.kwargs
        except Exception as error:
            tell_once(what, error)
        if part is None:
            return await function(*args, **kwargs)
        try:
            try:
                await quietly(what, part.opened)
                result = await function(*args, **kwargs)
            except BaseException as error:
                quiet(what, part.raised, error)
                if isinstance(error, Exception):
                    await quietly(what, part.settled)
                raise
            await quietly(what, part.returned, result)
            return result
        finally:
            quiet(what, part.leave)

    setattr(owner, name, wrapped)


def quiet(what, function, *args):
    try:
        return function(*args)
    except Exception as error:
        tell_once(what, error)
        return None


async def quietly(what, function, *args):
    try:
        await function(*args)
    except Exception as error:
        tell_once(what, error)


class Part:
    """The parts of `around` that do nothing."""

    async def opened(self):
        pass

    async def returned(self, result):
        pass

    def raised(self, error):
        pass

    async def settled(self):
        pass

    def leave(self):
        pass


class InScope(Part):
    """A call that runs in a scope and is not recorded."""

    def __init__(self, scope):
        self._scope = scope

    def leave(self):
        self._scope.leave()
