import contextvars


class Context(dict):
    pass


_current = contextvars.ContextVar("current_context", default=Context())


def get_current():
    return _current.get()


def attach(context):
    return _current.set(context)


def detach(token):
    _current.reset(token)
