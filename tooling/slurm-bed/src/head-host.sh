# The host of the controller, in namespaces of its own: bash head-host.sh LINK HEAD SUBMIT HOST
#   LINK    name of the network interface that this machine gets
#   HEAD    address of the head
#   SUBMIT  address of this machine on the bed's network
#   HOST    a process id of this machine outside of these namespaces
# It holds the bridge that all nodes are plugged into, and does nothing else. When it ends, nothing of the network is left.
set -euo pipefail
link=$1 head=$2 submit=$3 host=$4

hostname head
ip link set lo up
# An address of its own: otherwise it has the lowest of its ports', which changes as nodes come and go, and whoever has
# learnt the old one reaches the head no more for a while.
IFS=. read -r a b c d <<<"$head"
ip link add bridge0 address "$(printf '02:00:%02x:%02x:%02x:%02x' "$a" "$b" "$c" "$d")" type bridge
ip addr add "$head/24" dev bridge0
ip link set bridge0 up
ip link add uplink type veth peer name "$link" netns "$host"
ip link set uplink master bridge0 up
nsenter --target "$host" --net ip addr add "$submit/24" dev "$link"
nsenter --target "$host" --net ip link set "$link" up
exec sleep infinity
