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
# A node that comes back has the card that it had, so that the others, which remember it, go on talking to it.
IFS=. read -r a b c d <<<"$address"
card=$(printf '02:00:%02x:%02x:%02x:%02x' "$a" "$b" "$c" "$d")
# The cable of a node that has died goes some time after its last process, and is only half there meanwhile.
for ((tries = 1; ; tries++)); do
  nsenter --target "$head" --net ip link delete "$name" 2>/dev/null || :
  ! ip link add eth0 address "$card" type veth peer name "$name" netns "$head" || break
  ((tries < 100))
  sleep 0.1
done
ip addr add "$address/24" dev eth0
ip link set eth0 up
ip route add default via "$submit"
nsenter --target "$head" --net ip link set "$name" master bridge0 up
mount --bind "$hosts" /etc/hosts
# There is nobody to ask for other names, and programs had better know that at once.
mount --bind /dev/null /etc/resolv.conf
while [ "$1" != -- ]; do
  mount -t tmpfs tmpfs "$1"
  shift
done
shift
# bash is the first process of the node and collects what jobs leave behind.
exec unshare --pid --mount-proc --fork --kill-child bash -c '"$@" & wait "$!"' init "$@"
