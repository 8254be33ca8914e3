# shellcheck shell=bash
# Certificates, etcd, the API server, and - unless CLUSTER_CONTROLLERS=0 - scheduler and controller manager.

# sign NAME SUBJECT EXTENSIONS: key and certificate of the instance's CA. Elliptic keys: made in no time.
# The extensions also make it an X.509 v3 certificate; some clients refuse v1.
sign() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" -extfile <(printf '%s\n' "$3")
}

make_certificates() {
  local names=IP:127.0.0.1,IP:10.240.0.1,IP:10.96.0.1,DNS:localhost
  names=$names,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  mkdir -p "$CLUSTER_HOME/pki"
  (
    cd "$CLUSTER_HOME/pki" || exit
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=baton-test-ca \
      -keyout ca.key -out ca.crt
    openssl ecparam -name prime256v1 -genkey -noout -out sa.key
    openssl ec -in sa.key -pubout -out sa.pub
    sign api /CN=kube-apiserver "subjectAltName=$names"
    sign admin /O=system:masters/CN=admin $'keyUsage=digitalSignature\nextendedKeyUsage=clientAuth'
  ) >"$CLUSTER_HOME/pki.log" 2>&1
}

write_kubeconfig() {
  local pki=$CLUSTER_HOME/pki
  cat >"$CLUSTER_HOME/kubeconfig" <<K
apiVersion: v1
kind: Config
clusters:
- name: $CLUSTER_NAME
  cluster:
    server: https://$API_ADDRESS:$API_PORT
    certificate-authority-data: $(base64 -w 0 "$pki/ca.crt")
users:
- name: admin
  user:
    client-certificate-data: $(base64 -w 0 "$pki/admin.crt")
    client-key-data: $(base64 -w 0 "$pki/admin.key")
contexts:
- name: $CLUSTER_NAME
  context: {cluster: $CLUSTER_NAME, user: admin}
current-context: $CLUSTER_NAME
K
}

kc() { in_host cp "$(bin)/kubectl" --kubeconfig "$CLUSTER_HOME/kubeconfig" "$@"; }

# api PATH: one GET, without the tenth of a second that starting kubectl costs
api() {
  in_host cp curl -sf --noproxy '*' --max-time 2 --cacert "$CLUSTER_HOME/pki/ca.crt" --cert "$CLUSTER_HOME/pki/admin.crt" \
    --key "$CLUSTER_HOME/pki/admin.key" "https://$API_ADDRESS:$API_PORT$1"
}

etcd_url() { echo "http://127.0.0.1:$ETCD_PORT"; }

start_etcd() { # nothing here outlives the machine, hence no fsync
  start cp etcd "$(bin)/etcd" --data-dir "$CLUSTER_HOME/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls "$(etcd_url)" --advertise-client-urls "$(etcd_url)" \
    --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
    --initial-cluster "default=http://127.0.0.1:$ETCD_PEER_PORT"
}

audit_flags() {
  [ "$CLUSTER_AUDIT" = 1 ] || return 0
  cat >"$CLUSTER_HOME/audit-policy.yaml" <<'K'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
K
  printf '%s\n' --audit-policy-file "$CLUSTER_HOME/audit-policy.yaml" --audit-log-path "$CLUSTER_HOME/audit.log"
}

start_apiserver() {
  local pki=$CLUSTER_HOME/pki flags
  mapfile -t flags < <(audit_flags)
  # The server would keep its own address in the Service 'kubernetes', which may not be a loopback one.
  [ "$CLUSTER_LOOPBACK" != 1 ] || flags+=(--bind-address 127.0.0.1 --endpoint-reconciler-type none)
  # shellcheck disable=SC2086  # CLUSTER_APISERVER_FLAGS holds words
  start cp apiserver "$(bin)/kube-apiserver" --etcd-servers "$(etcd_url)" --secure-port "$API_PORT" --advertise-address 10.240.0.1 \
    --tls-cert-file "$pki/api.crt" --tls-private-key-file "$pki/api.key" --client-ca-file "$pki/ca.crt" \
    --service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" \
    --service-account-issuer https://kubernetes.default.svc --authorization-mode RBAC --allow-privileged \
    --service-cluster-ip-range 10.96.0.0/16 --kubelet-preferred-address-types InternalIP \
    --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" \
    "${flags[@]}" $CLUSTER_APISERVER_FLAGS
}

wait_for_apiserver() { wait_for kube-apiserver apiserver api /readyz; }

start_controllers() {
  local config=$CLUSTER_HOME/kubeconfig ports=()
  # Their own ports are fixed, so two instances on the loopback interface would fight for them; 0: none.
  [ "$CLUSTER_LOOPBACK" != 1 ] || ports=(--secure-port 0)
  start cp scheduler "$(bin)/kube-scheduler" --kubeconfig "$config" --leader-elect=false "${ports[@]}"
  start cp controller-manager "$(bin)/kube-controller-manager" --kubeconfig "$config" --leader-elect=false "${ports[@]}" \
    --service-account-private-key-file "$CLUSTER_HOME/pki/sa.key" --root-ca-file "$CLUSTER_HOME/pki/ca.crt" \
    --use-service-account-credentials --node-monitor-grace-period "$CLUSTER_NODE_GRACE"
}

control_plane_up() {
  create_cp_network
  make_certificates
  write_kubeconfig
  start_etcd
  start_apiserver   # it waits for etcd by itself
  wait_for_apiserver
  [ "$CLUSTER_CONTROLLERS" = 1 ] || return 0
  start_controllers
  # Without its ServiceAccount no pod can be created in a namespace.
  wait_for "the controller manager" controller-manager api /api/v1/namespaces/default/serviceaccounts/default
}

restart_apiserver() { # [SIGNAL]
  stop apiserver "${1:-TERM}"
  start_apiserver
  wait_for_apiserver
}

# compact: etcd forgets every revision before the present one
compact() {
  local revision
  revision=$(in_host cp curl -sf --noproxy '*' "$(etcd_url)/v3/kv/range" -d '{"key":"AA==","limit":1}' | jq -r .header.revision)
  in_host cp curl -sf --noproxy '*' "$(etcd_url)/v3/kv/compaction" -d "{\"revision\":\"$revision\",\"physical\":true}" >/dev/null
  echo "$revision"
}
