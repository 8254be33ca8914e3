# shellcheck shell=bash
# Nodes: containerd, kubelet and kube-proxy with real pods. A node's processes live in a process and a mount
# namespace of their own (see node-main): ending its first process ends all of them and takes their mounts
# along, so that nothing a node did is left on the machine.

write_cni() { # N
  local dir=$CLUSTER_HOME/node$1
  mkdir -p "$dir/cni"
  cat >"$dir/cni/10-pods.conflist" <<C
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{
  "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
  "ipam": {"type": "host-local", "dataDir": "$dir/ipam", "ranges": [[{"subnet": "10.244.$1.0/24"}]],
           "routes": [{"dst": "0.0.0.0/0"}]}}]}
C
}

write_containerd() { # N
  local dir=$CLUSTER_HOME/node$1
  # restrict_oom_score_adj: without CAP_SYS_RESOURCE runc may not lower the score and fails with the
  # misleading "can't get final child's PID"
  cat >"$dir/containerd.toml" <<C
version = 2
root = "$dir/root"
state = "$dir/state"
[grpc]
  address = "$dir/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$dir/cni"
C
}

write_kubelet() { # N
  local dir=$CLUSTER_HOME/node$1
  # No cgroups for quality-of-service classes, and cgroup v1 and swap are accepted: so it works on whatever
  # machine runs the tests. Node status every 2 s, so that a dead node is noticed within CLUSTER_NODE_GRACE.
  cat >"$dir/kubelet.yaml" <<K
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
failSwapOn: false
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
containerRuntimeEndpoint: unix://$dir/containerd.sock
address: 10.240.0.$((10 + $1))
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $CLUSTER_HOME/pki/ca.crt}}
authorization: {mode: Webhook}
healthzPort: 0
resolvConf: ""
nodeStatusUpdateFrequency: 2s
evictionHard: {memory.available: "1Mi", nodefs.available: "1%"}
localStorageCapacityIsolation: false
registerWithTaints: []
K
}

# write_proxy HOST NODE: kube-proxy of HOST; NODE is the node object that it acts as
write_proxy() {
  cat >"$CLUSTER_HOME/$1-proxy.yaml" <<K
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
nftables: {minSyncPeriod: $CLUSTER_PROXY_MIN_SYNC}
hostnameOverride: $2
clientConnection: {kubeconfig: $CLUSTER_HOME/kubeconfig}
conntrack: {maxPerCore: 0}
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
K
}

start_node() { # N
  local node=node$1 dir=$CLUSTER_HOME/node$1 pid init=
  mkdir -p "$dir"
  create_node_network "$1"
  write_cni "$1"
  write_containerd "$1"
  write_kubelet "$1"
  write_proxy "$node" "$node"
  start "$node" "$node" env CLUSTER_HOME="$CLUSTER_HOME" CLUSTER_BIN="$(bin)" PAUSE_IMAGE="$PAUSE_IMAGE" \
    unshare --mount --pid --fork --kill-child --mount-proc "$CLUSTER_DIR/node-main" "$1"
  pid=$(pid_of "$node")
  for _ in $(seq 200); do
    read -r init _ 2>/dev/null <"/proc/$pid/task/$pid/children" || true
    [ -z "$init" ] || break
    sleep 0.02
  done
  [ -n "$init" ] || { echo "cluster: $node did not start; see $CLUSTER_HOME/$node.log" >&2; return 1; }
  record "$node-init" "$init"
}

node_is_ready() { kc wait --for=condition=Ready "node/$1" --timeout=1s; }

# nodes_up COUNT
nodes_up() {
  local i
  [ "$1" -gt 0 ] || return 0
  PAUSE_IMAGE=$("$CLUSTER_DIR/images/pause")
  for i in $(seq "$1"); do start_node "$i"; done
  for i in $(seq "$1"); do wait_for "node$i" "node$i" node_is_ready "node$i"; done
  # The control plane's host reaches Services like a node does. kube-proxy waits half a minute for a node
  # object that does not exist, so it acts as one that does.
  write_proxy cp node1
  start cp cp-proxy "$(bin)/kube-proxy" --config "$CLUSTER_HOME/cp-proxy.yaml"
}

# container_ids: every container that containerd still knew of
container_ids() {
  local dir
  for dir in "$CLUSTER_HOME"/node[0-9]*/state/io.containerd.runtime.v2.task/k8s.io/*/; do
    [ ! -d "$dir" ] || basename "$dir"
  done
}

# remove_cgroups: the containers' cgroups are the one thing that outlives the nodes' namespaces. Only empty
# ones can be removed, and only ours are tried; the folder above may belong to another instance as well.
remove_cgroups() {
  local id dir
  for id in $(container_ids); do
    for dir in /sys/fs/cgroup/*/k8s.io/"$id" /sys/fs/cgroup/k8s.io/"$id"; do
      [ ! -d "$dir" ] || rmdir "$dir" 2>/dev/null || true
    done
  done
}

# load_image ARCHIVE: into every node, at the same time
load_image() {
  local dir pids=() pid
  for dir in "$CLUSTER_HOME"/node[0-9]*/; do
    ctr -a "$dir/containerd.sock" -n k8s.io images import "$1" >/dev/null &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
}
