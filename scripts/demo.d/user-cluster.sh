# shellcheck shell=bash
# The demo's place: the cluster of $KUBECONFIG. The controller runs on this machine with that kubeconfig; the
# writer is a pod, because a Service's address means something only inside the cluster.

CONTROLLER_PID=
CRDS_MADE=0
NAMESPACE_MADE=0
WRITER_IMAGE=${BATON_DEMO_WRITER_IMAGE:-python:3-slim}

kube() { kubectl "$@"; }
become_kube() { exec kubectl "$@"; }   # for the background: killing it must end kubectl

explain_image() {
  cat >&2 <<'E'
BATON_DEMO_IMAGE must name the demo's Redis image, where your cluster's nodes can pull it. To make it:
  archive=$(tests/cluster/images/redis)        # a docker archive of localhost/baton-redis:1
and then one of
  kind load image-archive "$archive"                                     BATON_DEMO_IMAGE=localhost/baton-redis:1
  skopeo copy docker-archive:"$archive" docker://REGISTRY/baton-redis:1    BATON_DEMO_IMAGE=REGISTRY/baton-redis:1
E
  exit 2
}

place_prepare() {
  command -v kubectl >/dev/null || die "kubectl is not on PATH"
  [ -n "${BATON_DEMO_IMAGE:-}" ] || explain_image
  cat >&2 <<E
Using the cluster of KUBECONFIG=$KUBECONFIG, context $(kubectl config current-context).
It will create there, and remove again at the end (unless --keep):
  - the CustomResourceDefinitions hagroups.ha.baton.dev and switchoverrequests.ha.baton.dev, if they are missing
  - the namespace demo, with a StatefulSet redis of three pods ($BATON_DEMO_IMAGE, each on another node),
    two Services, a pod writer ($WRITER_IMAGE), a ConfigMap, a HaGroup and some SwitchoverRequests
The controller runs on this machine, with the rights of that kubeconfig.
E
  if kubectl get namespace demo >/dev/null 2>&1; then die "there is a namespace demo already; the demo touches nothing of yours"; fi
}

place_up() {
  NAMESPACE_MADE=1
  kubectl get crd hagroups.ha.baton.dev >/dev/null 2>&1 || CRDS_MADE=1
}

place_down() {
  # Requests first, while the controller still runs that may have something to finish.
  [ "$NAMESPACE_MADE" = 0 ] || kubectl delete namespace demo --ignore-not-found --wait=true --timeout=120s
  [ -z "$CONTROLLER_PID" ] || kill "$CONTROLLER_PID" 2>/dev/null || true
  [ "$CRDS_MADE" = 0 ] || kubectl delete --ignore-not-found -f "$BATON_ROOT/crds"
}

place_keep_text() {
  cat <<E

It is left running; the controller has process id $CONTROLLER_PID and logs to $LOGS/controller.log.
  kubectl -n demo get hagroups,switchover,pods -o wide
To end it:
  kubectl delete namespace demo; kill $CONTROLLER_PID$([ "$CRDS_MADE" = 0 ] || echo "; kubectl delete -f crds")
E
}

# Those that are there already are not the demo's to change.
apply_crds() { [ "$CRDS_MADE" = 0 ] || kubectl apply -f "$BATON_ROOT/crds"; }
apply_redis() { sed "s|image: localhost/baton-redis:1|image: $BATON_DEMO_IMAGE|" "$MANIFESTS/redis.yaml" | kubectl apply -f -; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

launch_controller() {
  CONTROLLER_HEALTH=127.0.0.1:$(free_port)
  CONTROLLER_METRICS=127.0.0.1:$(free_port)
  setsid "$CONTROLLER" --kubeconfig "$KUBECONFIG" --namespaces demo --log-format text --api-address "127.0.0.1:$(free_port)" \
    --metrics-address "$CONTROLLER_METRICS" --health-address "$CONTROLLER_HEALTH" >"$LOGS/controller.log" 2>&1 </dev/null &
  CONTROLLER_PID=$!
}

controller_log() { echo "$LOGS/controller.log"; }
controller_get() { curl -sf --noproxy '*' --max-time 5 "http://$1"; }

start_writer() {
  kubectl -n demo create configmap writer --from-file=writer="$BATON_ROOT/tests/cluster/writer"
  kubectl -n demo apply -f - <<E
apiVersion: v1
kind: Pod
metadata: {name: writer, namespace: demo}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: writer
    image: $WRITER_IMAGE
    command: [sh, -c, "python3 /program/writer write \$REDIS_SERVICE_HOST /tmp/writes --rate 1000 & echo \$! >/tmp/pid; wait; sleep 86400"]
    volumeMounts: [{name: program, mountPath: /program}]
  volumes: [{name: program, configMap: {name: writer}}]
E
  kubectl -n demo wait --for=condition=Ready pod/writer --timeout=180s
}

# The pod stays: its log of acknowledged writes is read there.
stop_writer() { kubectl -n demo exec writer -- sh -c 'read -r pid </tmp/pid && kill "$pid" && sleep 1'; }
check_writer() { kubectl -n demo exec writer -- python3 /program/writer check "$1" /tmp/writes --json; }
save_logs() { :; }   # they are there already
