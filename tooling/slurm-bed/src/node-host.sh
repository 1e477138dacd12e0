# A node, in namespaces of its own: bash node-host.sh NAME ADDRESS SUBMIT HEAD HOSTS HIDE… -- COMMAND…
#   NAME     its host name
#   ADDRESS  its address
#   SUBMIT   address of the host where jobs are submitted
#   HEAD     process id of the head
#   HOSTS    what stands in its /etc/hosts
#   HIDE     directories that are empty ones here
#   COMMAND  what runs on it. When that ends, or this is killed, everything on the node ends.
set -euo pipefail
name=$1 address=$2 submit=$3 head=$4 hosts=$5
shift 5

hostname "$name"
ip link set lo up
ip link add eth0 type veth peer name "$name" netns "$head"
ip addr add "$address/24" dev eth0
ip link set eth0 up
ip route add default via "$submit"
nsenter --target "$head" --net ip link set "$name" master bridge0 up
mount --bind "$hosts" /etc/hosts
while [ "$1" != -- ]; do
  mount -t tmpfs tmpfs "$1"
  shift
done
shift
# bash is the first process of the node and collects what jobs leave behind.
exec unshare --pid --mount-proc --fork --kill-child bash -c '"$@" & wait "$!"' init "$@"
