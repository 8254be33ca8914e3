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
  kube -n demo get pods -L ha.baton.dev/role -o wide
}

# print_steps: each phase and its milliseconds, from a request on stdin
print_steps() {
  jq -r '
    def ms: capture("^(?<s>[^.Z]+)(\\.(?<f>[0-9]+))?Z$")
      | ((.s + "Z") | fromdateiso8601) * 1000 + (("0." + (.f // "0")) | tonumber) * 1000;
    def took: if .startTime and .endTime then "\((.endTime | ms) - (.startTime | ms) | round) ms" else "-" end;
    .status
    | "from:   \(.from)", "to:     \(.to)", "epoch:  \(.epoch)",
      "without a primary, by its own status: \(.unavailableMilliseconds // "?") ms",
      (.steps[]? | "  \(.name)\(" " * ([14 - (.name | length), 1] | max))\(took)")'
}

show_switchover() {
  local object watch
  headline "switchover under load: 1000 writes a second through the Service"
  step "starting the writer" start_writer
  sleep 2
  request first 'reason: "a demonstration"'
  echo '$ kubectl -n demo get switchover first -w'
  become_kube -n demo get switchover first -w &
  watch=$!
  object=$(finished first) || { kill "$watch" 2>/dev/null || true; return 1; }
  sleep 2   # the writer goes on with the new primary, and the watch shows the end
  kill "$watch" 2>/dev/null || true
  wait "$watch" 2>/dev/null || true
  stop_writer
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
  headline "what would happen now? (spec.dryRun)"
  request what-if 'dryRun: true'
  finished what-if | jq -r '
    .status | "phase: \(.phase)  \(.reason // "")", "\(.message // "")",
      (["POD", "ELIGIBLE", "REASON", "PRIORITY", "ZONE", "POSITION", "LAG"],
       (.candidates[]? | [.pod, .eligible, .reason, .priority, .zone, .position, .lag] | map(if . == null or . == "" then "-" else . end))
       | @tsv)' | expand -t 13
}

show_refusal() {
  headline "a request that is refused: the role for the pod that has it"
  request refused "candidate: $(primary)"
  finished refused | jq -r '.status | "phase: \(.phase)", "reason: \(.reason)", "message: \(.message)"'
}

show_metrics() {
  headline "metrics: who has which role"
  controller_get "$CONTROLLER_METRICS/metrics" | grep '^baton_hagroup_member_role'
}
