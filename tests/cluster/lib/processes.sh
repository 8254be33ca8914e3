# shellcheck shell=bash
# The instance's processes: every one is recorded in $CLUSTER_HOME/pids/NAME as "PID STARTTIME", because a
# process id alone may belong to somebody else by the time we want to end it.

# start_time PID: the kernel's start time of that process (field 22; the name in field 2 may hold spaces)
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  awk '{print $20}' <<<"${stat##*) }"
}

record() { # NAME PID
  local began
  began=$(start_time "$2") || return 0
  echo "$2 $began" >"$CLUSTER_HOME/pids/$1"
}

# pid_of NAME: its process id, if the recorded process still runs
pid_of() {
  local pid began
  read -r pid began 2>/dev/null <"$CLUSTER_HOME/pids/$1" || return 1
  [ "$(start_time "$pid")" = "$began" ] || return 1
  echo "$pid"
}

# start HOST NAME COMMAND...: in the background, with HOST's network
start() {
  local host=$1 name=$2 enter
  shift 2
  mapfile -t enter < <(entry "$host")
  start_outside "$name" "${enter[@]}" "$@"
}

# start_outside NAME COMMAND...: in the background, with the network of now, logging to $CLUSTER_HOME/NAME.log.
# A session of its own, so that ^C in the caller's terminal does not end it.
start_outside() {
  local name=$1
  shift
  setsid "$@" >>"$CLUSTER_HOME/$name.log" 2>&1 </dev/null 9>&- &
  record "$name" $!
}

# signal NAME SIGNAL
signal() {
  local pid
  pid=$(pid_of "$1") || { echo "cluster: $1 does not run" >&2; return 1; }
  kill "-$2" "$pid"
}

# stop NAME [SIGNAL]: ends one process and waits until it is gone; 10 s after a milder signal it is killed
stop() {
  local pid
  pid=$(pid_of "$1") || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  kill -CONT "$pid" 2>/dev/null || true   # a paused process would not see the signal
  for _ in $(seq 500); do
    pid_of "$1" >/dev/null || return 0
    sleep 0.02
  done
  kill -KILL "$pid" 2>/dev/null || true
  sleep 0.2
}

# kill_all: everything recorded, at once and without asking; nothing of a test cluster needs a clean end.
# The caller itself may be recorded (the watcher of the owner ends as 'down').
kill_all() {
  local file name pid pids=()
  for file in "$CLUSTER_HOME"/pids/*; do
    [ -e "$file" ] || continue
    name=$(basename "$file")
    pid=$(pid_of "$name") || continue
    [ "$pid" != "$$" ] || continue
    kill -KILL "$pid" 2>/dev/null || true
    pids+=("$name")
  done
  for name in "${pids[@]}"; do
    for _ in $(seq 500); do
      pid=$(pid_of "$name") || break
      # A zombie whose parent does not collect it is as good as gone.
      ! grep -qs '^State:[[:space:]]*Z' "/proc/$pid/status" || break
      sleep 0.02
    done
  done
}

# wait_for WHAT PROCESS COMMAND...: until the command succeeds, for up to a minute or two, as long as that
# process lives; otherwise shows the end of its log
wait_for() {
  local what=$1 process=$2
  shift 2
  for _ in $(seq 1200); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    pid_of "$process" >/dev/null || break
    sleep 0.05
  done
  echo "cluster: $what did not become ready; the end of its log:" >&2
  tail -n 20 "$CLUSTER_HOME/$process.log" >&2 || true
  return 1
}
