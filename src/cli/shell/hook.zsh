# throughline's hook for zsh 5.8 and later. Gives every interactive command line a root id of its own, in TRACEPARENT.
# Starts no process and writes nothing. Adds one preexec function beside those there are. Sourcing it again changes nothing.
if [[ -o interactive && ${_throughline_pid-} != $$ ]]; then
  if ! zmodload zsh/system; then
    print -u2 -r -- 'throughline: the hook needs the module zsh/system, which comes with zsh'
  else
    typeset -g _throughline_pid=$$ _throughline_id='' _throughline_previous=''
    typeset -g _throughline_state='tl=;cli;;;zsh'

    _throughline_preexec() {
      emulate -L zsh
      setopt no_multibyte
      local bytes id
      # Should anything below fail, then no id, and never the one of another command.
      unset TRACEPARENT TRACESTATE
      # 24 bytes in one read; with no_multibyte each is one character.
      sysread -s 24 bytes </dev/urandom || return 0
      printf -v id '%02x' "'${(@)^${(@s::)bytes}}"
      (( $#id == 48 )) || return 0
      _throughline_previous=$_throughline_id
      _throughline_id=00-$id[1,32]-$id[33,48]-03
      export TRACEPARENT=$_throughline_id TRACESTATE=$_throughline_state
    }

    # The id of the command line before this one.
    throughline_last() {
      emulate -L zsh
      if [[ -z $_throughline_previous ]]; then
        print -u2 -r -- 'throughline: no command yet'
        return 1
      fi
      print -r -- $_throughline_previous
    }

    () {
      emulate -L zsh
      # What the shell itself was started under is a cause of its commands, and not their parent.
      local MATCH MBEGIN MEND match mbegin mend
      if [[ ${TRACEPARENT-} =~ '^00-([0-9a-f]{32}-[0-9a-f]{16})-[0-9a-f]{2}$' ]]; then
        _throughline_state+=",tl-links=$match[1]"
        # It belongs to that context, and a root continues none.
        unset BAGGAGE
      fi
      typeset -ga preexec_functions
      preexec_functions+=(_throughline_preexec)
    }
  fi
fi
