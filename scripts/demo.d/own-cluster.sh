# shellcheck shell=bash
# The demo's place: a cluster of its own, made by tests/cluster/cluster.

# Runs at the same time do not meet; a kept one has a name that can be remembered.
if [ "$KEEP" = 1 ]; then CLUSTER_NAME=demo; else CLUSTER_NAME=demo-$$; fi
export CLUSTER_NAME
CLUSTER_HOME=${CLUSTER_ROOT:-/tmp/baton-cluster}/$CLUSTER_NAME
CONTROLLER_HEALTH=127.0.0.1:8081
CONTROLLER_METRICS=127.0.0.1:9090

cluster() { "$BATON_ROOT/tests/cluster/cluster" "$@"; }
kube() { cluster run cp kubectl "$@"; }
become_kube() { exec "$BATON_ROOT/tests/cluster/cluster" run cp kubectl "$@"; }   # for the background: killing it must end kubectl

place_prepare() {
  step "Kubernetes programs (built from source once; minutes the first time)" "$BATON_ROOT/tests/cluster/build"
  step "Redis image" "$BATON_ROOT/tests/cluster/images/redis"
}

place_up() {
  [ ! -e "$CLUSTER_HOME/settings" ] || die "a kept demo is there already; 'scripts/demo --stop' ends it"
  PLACE_UP=1   # before it is: also one that was interrupted half-way is taken down
  # Should the demo be killed outright, the cluster goes down by itself.
  [ "$KEEP" = 1 ] || export CLUSTER_OWNER=$$
  step "a Kubernetes cluster with three nodes" cluster up 3
  step "loading the image into its nodes" cluster load "$("$BATON_ROOT/tests/cluster/images/redis")"
}

# A kept cluster that was there before is not this run's to end.
place_down() { [ -z "${PLACE_UP:-}" ] || cluster down; }

place_keep_text() {
  cat <<E

It is left running. To use it:
  export CLUSTER_NAME=$CLUSTER_NAME
  tests/cluster/cluster run cp kubectl -n demo get hagroups,switchover,pods -o wide
  tests/cluster/cluster run cp bash             a shell with the cluster's network and kubectl
  tail -f $CLUSTER_HOME/controller.log
To end it:
  scripts/demo --stop
E
}

apply_crds() { kube apply -f "$BATON_ROOT/crds"; }
apply_redis() { kube apply -f "$MANIFESTS/redis.yaml"; }

launch_controller() {
  cluster spawn cp controller "$CONTROLLER" --kubeconfig "$CLUSTER_HOME/kubeconfig" --log-format text \
    --api-address 127.0.0.1:8443 --metrics-address "$CONTROLLER_METRICS" --health-address "$CONTROLLER_HEALTH"
}

controller_log() { echo "$CLUSTER_HOME/controller.log"; }
controller_get() { cluster run cp curl -sf --noproxy '*' --max-time 5 "http://$1"; }

start_writer() {
  local address
  address=$(kube -n demo get service redis -o jsonpath='{.spec.clusterIP}')
  cluster spawn node1 writer "$BATON_ROOT/tests/cluster/writer" write "$address" "$CLUSTER_HOME/writes" --rate 1000
}

stop_writer() { cluster stop writer; }

check_writer() { cluster run cp "$BATON_ROOT/tests/cluster/writer" check "$1" "$CLUSTER_HOME/writes" --json; }

save_logs() { cp "$CLUSTER_HOME"/*.log "$LOGS/"; }
