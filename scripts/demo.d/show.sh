# shellcheck shell=bash
# What the demo shows, in whichever cluster. Uses kube and the other functions of the place.

headline() { printf '\n=== %s\n' "$*"; }

# request NAME SPEC: creates a SwitchoverRequest; SPEC holds the YAML fields beside groupRef
request() {
  kube -n demo apply -f - >/dev/null <<E
apiVersion: ha.baton.dev/v1alpha1
kind: SwitchoverRequest
metadata: {name: $1, namespace: demo}
spec: {groupRef: {name: redis}, $2}
E
}

# finished NAME: prints the request as JSON once it has ended
finished() {
  local object
  for _ in $(seq 300); do
    object=$(kube -n demo get switchoverrequest "$1" -o json)
    case $(jq -r '.status.phase // ""' <<<"$object") in
      Succeeded | Rejected | RolledBack | Failed | Cancelled) printf '%s\n' "$object"; return 0 ;;
    esac
    sleep 0.2
  done
  log "switchover/$1 did not end; it stands at: $(jq -c .status <<<"$object")"
  return 1
}

primary() { kube -n demo get hagroup redis -o jsonpath='{.status.primary}'; }

show_group() {
  headline "the group"
  kube -n demo get hagroup redis
  kube -n demo get pods -l app=redis -o 'custom-columns=POD:.metadata.name,NODE:.spec.nodeName,IP:.status.podIP,ROLE:.metadata.labels.ha\.baton\.dev/role'
}

# print_steps: each phase and its milliseconds, from a request on stdin
print_steps() {
  jq -r '
    def ms: capture("^(?<s>[^.Z]+)(\\.(?<f>[0-9]+))?Z$")
      | ((.s + "Z") | fromdateiso8601) * 1000 + (("0." + (.f // "0")) | tonumber) * 1000;
    def took: if .startTime and .endTime then "\((.endTime | ms) - (.startTime | ms) | round) ms" else "-" end;
    .status
    | "from:   \(.from)", "to:     \(.to)", "epoch:  \(.epoch)",
      "without a primary: \(.unavailableMilliseconds // "?") ms (status.unavailableMilliseconds)",
      (.steps[]? | "  \(.name)\(" " * ([14 - (.name | length), 1] | max))\(took)")'
}

# told_since NANOSECONDS: each line of the input that differs from the last one about the same thing (its first
# word), with the seconds since then. A pod's first line is what it was before.
told_since() {
  local thing text ms
  declare -A last=()
  while read -r thing text; do
    [ "${last[$thing]:-}" != "$text" ] || continue
    ms=$((($(date +%s%N) - $1) / 1000000))
    [[ $thing = pod/* && -z ${last[$thing]:-} ]] || printf '  +%3d.%02d s  %-17s %s\n' $((ms / 1000)) $((ms % 1000 / 10)) "$thing" "$text"
    last[$thing]=$text
  done
}

# tell_progress SINCE NAME: in the background, phases of the request and roles of the pods as they change, until
# end_progress
tell_progress() {
  become_kube -n demo get pods -l app=redis -w -o json > >(jq --unbuffered -r '
    "pod/\(.metadata.name) role \(.metadata.labels["ha.baton.dev/role"] // "none")"' | told_since "$1") &
  WATCHES=($!)
  become_kube -n demo get switchover --field-selector "metadata.name=$2" -w -o json > >(jq --unbuffered -r '
    select(.status.phase) | "switchover/\(.metadata.name) \(.status.phase)"' | told_since "$1") &
  WATCHES+=($!)
}

end_progress() {
  kill "${WATCHES[@]}" 2>/dev/null || true
  wait "${WATCHES[@]}" 2>/dev/null || true
}

show_switchover() {
  local object
  headline "switchover under load: 1000 writes a second through the Service"
  step "starting the writer" start_writer
  echo '$ kubectl -n demo apply -f -   # a SwitchoverRequest: {groupRef: {name: redis}, reason: "a demonstration"}'
  tell_progress $(($(date +%s%N) + 2000000000)) first
  sleep 2   # until the writer writes and the watches watch
  request first 'reason: "a demonstration"'
  object=$(finished first) || { end_progress; return 1; }
  sleep 2   # the writer goes on with the new primary, and the watch shows the end
  end_progress
  stop_writer
  kube -n demo get switchover first
  [ "$(jq -r .status.phase <<<"$object")" = Succeeded ] || die "it did not succeed: $(jq -c .status <<<"$object")"
  echo
  print_steps <<<"$object"
  show_losses "$(jq -r .status.to <<<"$object")"
}

show_losses() { # NEW-PRIMARY
  local result
  result=$(check_writer "$(kube -n demo get pod "$1" -o jsonpath='{.status.podIP}')") || true
  [ -n "$result" ] || die "the new primary's data could not be read"
  jq -r '"acknowledged writes: \(.acknowledged)",
    "longest gap between acknowledged writes: \(.longestGapMilliseconds) ms",
    "lost acknowledged writes: \(.lost)"' <<<"$result"
  [ "$(jq .lost <<<"$result")" = 0 ] || die "acknowledged writes were lost"
  [ "$(jq .acknowledged <<<"$result")" -gt 0 ] || die "nothing was written, so nothing is proven"
}

show_dry_run() {
  # Pods may be not Ready for a moment, on a busy machine.
  kube -n demo wait --for=jsonpath='{.status.phase}'=Healthy hagroup/redis --timeout=60s >/dev/null
  headline "what would happen now? (spec.dryRun)"
  request what-if 'dryRun: true'
  finished what-if | jq -r '
    .status | "phase:   \(.phase)", "message: \(.message // "")",
      (["POD", "ELIGIBLE", "REASON", "PRIORITY", "ZONE", "POSITION", "LAG"],
       (.candidates[]? | [.pod, .eligible, .reason, .priority, .zone, .position, .lag] | map(if . == null or . == "" then "-" else . end))
       | @tsv)' | expand -t 10,20,46,56,64,75
}

show_refusal() {
  headline "a request that is refused: the role for the pod that has it"
  request refused "candidate: $(primary)"
  finished refused | jq -r '.status | "phase:   \(.phase)", "reason:  \(.reason)", "message: \(.message)"'
}

show_metrics() {
  headline "metrics: who has which role"
  controller_get "$CONTROLLER_METRICS/metrics" | grep '^baton_hagroup_member_role'
}
