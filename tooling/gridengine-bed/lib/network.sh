# shellcheck shell=bash
# The network of a test bed: a switch in a network namespace of its own, with a cable to this host and one to each
# execution host. When the last process in the namespace has gone, all of it has.

# Makes the switch. Sets cable, once there is one, network, the first three parts of its addresses, and port, one that is free
# with the next.
plug_in() {
  unshare --net sleep infinity 4>&- &
  switch=$!
  await 'no network namespace' other_network "$switch"
  local try number
  for ((try = 0; try < 200; try++)); do
    # The name of an interface is taken by one test bed only, so it stands for the rest.
    number=$((RANDOM % 250 + 1)) network=198.18.$number port=$((20000 + 2 * number))
    [[ -z $(ip -4 route show to match "$network.1" | grep -v '^default') ]] || continue
    ! listens "$port" || continue
    ip link add "gebed$number" type veth peer name uplink netns "$switch" 2>/dev/null || continue
    cable=gebed$number
    break
  done
  [[ -n ${cable-} ]] || die 'no network of 198.18.0.0/16 is free'
  ip address add "$network.1/24" dev "$cable"
  ip link set "$cable" up
  in_switch ip link add switch type bridge
  in_switch ip link set switch up
  in_switch ip link set uplink master switch up
}

# connect PID INDEX: gives the network namespace of a process the interface eth0.
connect() {
  await 'no network namespace' other_network "$1"
  await "exec$2 could not be connected" plug "$2" "$1"
  in_switch ip link set "port$2" master switch up
}

# The cable of a host that has died goes some time after its last process, and is only half there meanwhile.
plug() {
  in_switch ip link delete "port$1" || :
  in_switch ip link add "port$1" type veth peer name eth0 netns "$2"
}

# Run in the network namespace of a host; its interface comes in a moment. The default route reaches this host under all
# of its addresses, and nothing else.
configure_host() {
  await 'no interface came' ip link show eth0
  ip link set lo up
  ip address add "$1/24" dev eth0
  ip link set eth0 up
  ip route add default via "$network.1"
}

# What daemons have for /etc/hosts. Grid Engine wants one name for each address, and this host's own first.
write_hosts() {
  local address index
  address=$(getent ahostsv4 "$submit_host" | awk '{print $1; exit}')
  submit_host_aliases=$(getent hosts "$address" 127.0.0.1 | awk '{$1 = ""; print}' | tr -s ' ' '\n' |
    grep -vxE "$submit_host|localhost|" | sort -u | tr '\n' ' ' || true)
  {
    for ((index = 1; index <= hosts; index++)); do echo "$network.$((10 + index)) exec$index"; done
  } >"$directory/hosts.of-bed"
  { printf '%s '"$submit_host"'\n' "$address" "$network.1" 127.0.0.1 && cat "$directory/hosts.of-bed"; } >"$directory/hosts.submit"
  { printf '%s\n' '127.0.0.1 localhost' "$network.1 $submit_host" && cat "$directory/hosts.of-bed"; } >"$directory/hosts.execution"
}

in_switch() {
  nsenter --target "$switch" --net -- "$@"
}

other_network() {
  [[ $(readlink "/proc/$1/ns/net") != $(readlink /proc/self/ns/net) ]]
}

listens() {
  local each
  for each in "$1" $(($1 + 1)); do
    ! (exec 5<>"/dev/tcp/127.0.0.1/$each") 2>/dev/null || return 0
  done
  return 1
}
