# shellcheck shell=bash
# Progress lines that carry the time since the start, and steps that say how long they took.

BATON_STARTED=${BATON_STARTED:-$(date +%s%N)}
export BATON_STARTED   # scripts called by this one count from the same start

# seconds_since NANOSECONDS: "12.3"
seconds_since() {
  local ms=$((($(date +%s%N) - $1) / 1000000))
  printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

log() { printf '[%7s] %s\n' "$(seconds_since "$BATON_STARTED")" "$*" >&2; }
die() { log "error: $*"; exit 1; }

# step TEXT COMMAND...: runs the command, says what for and how long it took. Its output goes to the log
# file $STEP_LOG when that is set, and is shown (the end of it) only if the command fails.
step() {
  local text=$1 began status=0
  shift
  began=$(date +%s%N)
  log "$text ..."
  if [ -n "${STEP_LOG:-}" ]; then
    # Plain "||" would switch errexit off inside functions; a subshell with its own 'set -e' keeps it.
    set +e
    (set -e; "$@") >>"$STEP_LOG" 2>&1
    status=$?
    set -e
  else
    set +e
    (set -e; "$@")
    status=$?
    set -e
  fi
  if [ "$status" -ne 0 ]; then
    [ -z "${STEP_LOG:-}" ] || tail -n 40 "$STEP_LOG" >&2
    log "$text: FAILED (exit $status) after $(seconds_since "$began") s${STEP_LOG:+; full log: $STEP_LOG}"
    return "$status"
  fi
  log "$text: done in $(seconds_since "$began") s"
}
