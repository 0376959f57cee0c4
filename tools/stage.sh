#!/bin/sh
# Run a command as a named stage: say its name before and its time after, also in $STAGES if set.
name=$1
shift
echo "== $name"
start=$(date +%s)
"$@"
code=$?
line=$(printf '== %-10s %5d s' "$name" $(($(date +%s) - start)))
[ $code = 0 ] || line="$line, failed"
echo "$line"
[ -z "${STAGES:-}" ] || echo "$line" >>"$STAGES"
exit $code
