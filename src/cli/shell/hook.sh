# throughline for a plain sh, which runs nothing before a command: ONE id for the whole session, in TRACEPARENT.
# bash, zsh and fish have hooks of their own that give every command line its id. Sourcing it again changes nothing.
case $- in
*i*)
  if [ "${_throughline_pid-}" != "$$" ]; then
    _throughline_pid=$$
    _throughline_from=${TRACEPARENT-}
    # Should anything below fail, then no id, and never the one of another session.
    unset TRACEPARENT TRACESTATE
    # Once for the session, so that processes may be started for it.
    _throughline_id=$(od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n')
    if [ "${#_throughline_id}" = 48 ]; then
      TRACEPARENT=00-$(printf '%.32s' "$_throughline_id")-${_throughline_id#????????????????????????????????}-03
      TRACESTATE='tl=;cli;;;sh'
      # What the shell itself was started under is a cause of its commands, and not their parent.
      if [ "${#_throughline_from}" = 55 ] &&
        printf '%s\n' "$_throughline_from" | grep -Eqx '00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}'; then
        _throughline_from=${_throughline_from#00-}
        TRACESTATE=$TRACESTATE,tl-links=${_throughline_from%-??}
        # It belongs to that context, and a root continues none.
        unset BAGGAGE
      fi
      export TRACEPARENT TRACESTATE
      _throughline_id=$TRACEPARENT
      printf 'throughline: sh has no hook before commands: one id for this session, %s\n' "$TRACEPARENT" >&2
    fi

    # The id of this session.
    throughline_last() {
      printf '%s\n' "$_throughline_id"
    }
  fi
  ;;
esac
