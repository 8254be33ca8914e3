# shellcheck shell=bash
# For the entry: makes the database a copy of another member's, while the server is stopped. Uses lib.

source_answers() { psql "$(conninfo "$1") dbname=postgres" -qAtX -c 'select 1' >/dev/null; }

# obey_order: what the hook follow has asked for. It fails where another try, or another primary, may help.
obey_order() {
  local how ip
  read -r how ip <"$STATE/order"
  source_answers "$ip" || return 1
  # What it was primary of is over: it only starts to be told so.
  rm -f "$STATE/lost" "$PGDATA/postmaster.pid"
  if [ "$how" = rewind ] && ! rewind "$ip"; then
    source_answers "$ip" || return 1
    echo "clone $ip" | store "$STATE/order"
    how=clone
  fi
  [ "$how" = rewind ] || clone "$ip" || return 1
  rm -f "$STATE/order" "$STATE/timeline"
  sync "$STATE"
}

# shut_down_cleanly: a server that was killed first recovers, alone, as pg_rewind asks. That is no standby's business.
shut_down_cleanly() {
  rm -f "$PGDATA/standby.signal"
  case $(LC_ALL=C pg_controldata -D "$PGDATA" | sed -n 's/^Database cluster state: *//p') in
    'shut down' | 'shut down in recovery') ;;
    *) postgres --single -F -D "$PGDATA" -c config_file="$CONFIG" template1 </dev/null >/dev/null ;;
  esac
}

# rewind IP: takes back what this member has and the primary never had. What it changes is told by a first, dry run;
# after a real one that failed the database is of no use.
rewind() {
  local words=(pg_rewind --target-pgdata "$PGDATA" --source-server "$(conninfo "$1") dbname=postgres" --config-file "$CONFIG")
  [ -e "$PGDATA/PG_VERSION" ] && [ ! -e "$STATE/virgin" ] || return 1
  shut_down_cleanly || return 1
  if ! "${words[@]}" --dry-run; then
    echo "entry: pg_rewind is not possible"
    return 1
  fi
  echo "clone $1" | store "$STATE/order"   # should it be interrupted
  "${words[@]}" || return 1
  echo "entry: rewound to the history of $1"
}

# clone IP: copies everything. What was here is kept in /data/replaced until the next time, unless it is empty.
clone() {
  local copy=/data/copy
  rm -rf "$copy"
  pg_basebackup -D "$copy" -d "$(conninfo "$1")" -X stream -c fast --no-password || return 1
  if [ -e "$STATE/virgin" ]; then
    rm -rf "$PGDATA"
  elif [ -e "$PGDATA" ]; then
    rm -rf /data/replaced
    mv "$PGDATA" /data/replaced
    echo "entry: what was here before is in /data/replaced"
  fi
  mv "$copy" "$PGDATA"
  rm -f "$STATE/virgin" "$STATE/rewound"
  sync
  echo "entry: copied all from $1"
}

# after_failed_start SECONDS: a standby whose history has parted from its primary's does not start, once it knows the other
# history; so what ended soon is rewound first the next time
after_failed_start() {
  local ip
  [ "$1" -lt 10 ] || return 0
  ip=$(sed -n "s/^primary_conninfo = 'host=\([^ ]*\) .*/\1/p" "$STATE/role.conf") || return 0
  [ -z "$ip" ] || echo "rewind $ip" | store "$STATE/order"
}
