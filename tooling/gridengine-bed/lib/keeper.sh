# shellcheck shell=bash
# The first process of a test bed: starts everything, obeys, and ends everything when its standard input ends.

keep() {
  exec 3<&0 </dev/null
  trap end EXIT
  submit_host=$(hostname -s)
  host_names=()
  local index
  for ((index = 1; index <= hosts; index++)); do host_names+=("exec$index"); done
  export SGE_ROOT=$directory/sge SGE_CELL=default SGE_ND=1 directory library network port
  libraries=$(library_path)
  show_libraries
  mkdir "$directory/run"
  mkfifo -m 600 "$directory/control"
  exec 4<>"$directory/control"
  { cat <&3 && echo quit >&4; } >/dev/null &
  plug_in
  export SGE_QMASTER_PORT=$port SGE_EXECD_PORT=$((port + 1))
  prepare_spooling
  write_hosts
  write_cell
  write_clients
  start_qmaster
  for ((index = 1; index <= hosts; index++)); do start_host "$index"; done
  for ((index = 1; index <= hosts; index++)); do await_host "$index"; done
  about
  obey
}

# Kills all that is left in this process-id namespace. With the last process its networks and mounts go as well, a little
# later; the cable to this host goes now.
end() {
  local code=$?
  trap - EXIT
  exec 2>/dev/null
  set +e
  kill -KILL -1
  wait
  [[ -z ${cable-} ]] || ip link delete "$cable"
  rm -rf --one-file-system "$directory"
  exit "$code"
}

about() {
  local names
  names=$(printf ',"%s"' "${host_names[@]}")
  printf '{"directory":"%s","address":"%s","hosts":[%s]}\n' "$directory" "$network.1" "${names:1}"
}

obey() {
  local command argument reply answer
  while read -r -u 4 command argument reply; do
    [[ $command != quit ]] || break
    ! answer=$(order "$command" "$argument" 2>&1) || answer=ok
    echo "${answer//$'\n'/ }" >"$reply"
  done
}

order() {
  case $1 in
    start-qmaster) start_qmaster ;;
    kill-qmaster) slay qmaster ;;
    freeze-qmaster) kill -STOP "$(<"$directory/run/qmaster.pid")" ;;
    thaw-qmaster) kill -CONT "$(<"$directory/run/qmaster.pid")" ;;
    start-host | kill-host)
      [[ -e $directory/run/$2.pid && $2 == exec* ]] || die "there is no execution host $2"
      if [[ $1 == kill-host ]]; then slay "$2"; else start_host "${2#exec}" && await_host "${2#exec}"; fi
      ;;
    *) die "there is no order $1" ;;
  esac
}
