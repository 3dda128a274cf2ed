# throughline's hook for bash 5.1 and later. Gives every interactive command line a root id of its own, in TRACEPARENT.
# Starts no process and writes nothing. Keeps PROMPT_COMMAND, takes no trap. Sourcing it again changes nothing.
if [[ $- == *i* && ${_throughline_pid-} != "$$" ]]; then
  if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501 )); then
    printf 'throughline: the hook needs bash 5.1 or later, this is %s\n' "$BASH_VERSION" >&2
  else
    _throughline_pid=$$
    # Commands are numbered as they are read: an empty line, a syntax error and Ctrl-C at the prompt have no number.
    _throughline_number='\#' _throughline_seen='' _throughline_id='' _throughline_previous=''
    _throughline_state='tl=;cli;;;bash'
    # What the shell itself was started under is a cause of its commands, and not their parent.
    if [[ ${TRACEPARENT-} =~ ^00-([0-9a-f]{32}-[0-9a-f]{16})-[0-9a-f]{2}$ ]]; then
      _throughline_state+=",tl-links=${BASH_REMATCH[1]}"
      # It belongs to that context, and a root continues none.
      unset BAGGAGE
    fi

    _throughline_prompt() {
      local number=${_throughline_number@P} trace span
      [[ $number == "$_throughline_seen" ]] && return
      _throughline_seen=$number
      printf -v trace '%08x%08x%08x%08x' "$SRANDOM" "$SRANDOM" "$SRANDOM" "$SRANDOM"
      printf -v span '%08x%08x' "$SRANDOM" "$SRANDOM"
      _throughline_previous=$_throughline_id
      _throughline_id=00-$trace-$span-03
      export TRACEPARENT=$_throughline_id TRACESTATE=$_throughline_state
    }

    # The id of the command line before this one.
    throughline_last() {
      if [[ -z $_throughline_previous ]]; then
        printf 'throughline: no command yet\n' >&2
        return 1
      fi
      printf '%s\n' "$_throughline_previous"
    }

    # Last, in the same string: what stands before it finds $? and PIPESTATUS as they were.
    PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}_throughline_prompt
  fi
fi
