# throughline's hook for fish 3.6 and later. Gives every interactive command line a root id of its own, in TRACEPARENT.
# Starts no process and writes nothing. Listens to fish_preexec, as others may. Sourcing it again changes nothing.
if status is-interactive; and test "$_throughline_pid" != "$fish_pid"
    set -g _throughline_pid $fish_pid
    set -g _throughline_id ''
    set -g _throughline_previous ''
    set -g _throughline_state 'tl=;cli;;;fish'
    # What the shell itself was started under is a cause of its commands, and not their parent.
    if set -l match (string match -r '^00-([0-9a-f]{32}-[0-9a-f]{16})-[0-9a-f]{2}$' -- "$TRACEPARENT")
        set _throughline_state "$_throughline_state,tl-links=$match[2]"
        # It belongs to that context, and a root continues none.
        set -e BAGGAGE
    end

    function _throughline_preexec --on-event fish_preexec
        # Should anything below fail, then no id, and never the one of another command.
        set -e TRACEPARENT
        set -e TRACESTATE
        set -l digits ''
        set -l bytes ''
        # Of random bytes, those that happen to be hexadecimal digits: each is as likely as any other. A read ends at
        # a zero byte, some 256 bytes on, and gives about 16 of the 48.
        for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
            test (string length -- "$digits") -ge 48; and break
            read --null bytes </dev/urandom
            set digits $digits(string replace --regex --all '[^0-9a-f]+' '' -- "$bytes")
        end
        test (string length -- "$digits") -ge 48; or return 0
        set -l trace (string sub --length 32 -- $digits)
        set -l span (string sub --start 33 --length 16 -- $digits)
        set -g _throughline_previous $_throughline_id
        set -g _throughline_id 00-$trace-$span-03
        set -gx TRACEPARENT $_throughline_id
        set -gx TRACESTATE $_throughline_state
    end

    function throughline_last --description 'The id of the command line before this one'
        if test -z "$_throughline_previous"
            echo 'throughline: no command yet' >&2
            return 1
        end
        echo $_throughline_previous
    end
end
