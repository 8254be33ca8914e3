# shellcheck shell=bash
# Every host of the instance - cp for the control plane, node1, node2, ... - is a network namespace named
# after the instance. A bridge inside cp's namespace joins them. There is no default route and nothing of it
# exists outside these namespaces, so that address ranges may repeat between instances and nothing leaves
# the machine.
#
#   10.240.0.1      cp (API server)         10.240.0.(10+N)   nodeN
#   10.244.N.0/24   pods of nodeN           10.96.0.0/16      Services

namespace() { echo "$CLUSTER_NAME-$1"; }

# entry HOST: the words, one a line, with which a command is run in HOST's network. nsenter and not
# 'ip netns exec', which would put another /sys over the one that has the cgroups.
entry() {
  [ "$CLUSTER_LOOPBACK" != 1 ] || { echo env; return; }
  printf '%s\n' nsenter "--net=/run/netns/$(namespace "$1")"
}

in_host() {
  local enter
  mapfile -t enter < <(entry "$1")
  shift
  "${enter[@]}" "$@"
}

create_cp_network() {
  [ "$CLUSTER_LOOPBACK" != 1 ] || return 0
  ip netns add "$(namespace cp)"
  in_host cp ip link set lo up
  in_host cp ip link add br0 type bridge
  in_host cp ip addr add 10.240.0.1/24 dev br0
  in_host cp ip link set br0 up
  # Before kube-proxy's rules can redirect a Service's address there must be any route to it.
  in_host cp ip route add 10.96.0.0/16 dev br0
  in_host cp sysctl -qw net.ipv4.ip_forward=1
}

create_node_network() { # N
  local node=node$1 address=10.240.0.$((10 + $1))
  ip netns add "$(namespace "$node")"
  in_host "$node" ip link set lo up
  ip link add "port$1" netns "$(namespace cp)" type veth peer name eth0 netns "$(namespace "$node")"
  in_host cp ip link set "port$1" master br0 up
  in_host "$node" ip addr add "$address/24" dev eth0
  in_host "$node" ip link set eth0 up
  in_host "$node" ip route add 10.96.0.0/16 dev eth0
  in_host "$node" ip route add 10.244.0.0/16 via 10.240.0.1
  in_host cp ip route add "10.244.$1.0/24" via "$address"
  in_host "$node" sysctl -qw net.ipv4.ip_forward=1
}

# plug NODE up|down
plug() { in_host cp ip link set "port${1#node}" "$2"; }

# own_namespaces: those of this instance that exist, whatever was recorded. Looked up as files so that it
# works for a user without rights and on machines without iproute2.
own_namespaces() {
  local path
  for path in "/run/netns/$CLUSTER_NAME-cp" "/run/netns/$CLUSTER_NAME-node"[0-9]*; do
    [ ! -e "$path" ] || basename "$path"
  done
}

# delete_networks: ends whatever still runs in the instance's namespaces, then removes them
delete_networks() {
  local name pid
  for name in $(own_namespaces); do
    for pid in $(ip netns pids "$name" 2>/dev/null); do
      [ "$pid" = "$$" ] || kill -KILL "$pid" 2>/dev/null || true
    done
    ip netns del "$name" 2>/dev/null || true
  done
}

# free_ports N: N free ports of the loopback interface, below the range from which the kernel gives ports to
# outgoing connections, so that they are still free when the servers start
free_ports() {
  python3 - "$1" <<'P'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(20000, 32000)))
        held.append(s)
    except OSError:
        s.close()
print(*(s.getsockname()[1] for s in held))
P
}
