# shellcheck shell=bash
# Starts and kills the daemons of a test bed. Each has its process id in run/NAME.pid.

# Becomes a program that loads its spooling library from where the packages would be installed. If they are not, it sees a
# /usr/lib of links that has it too. This is in a mount namespace of the program's own: where the directory of the test bed
# is removed in the end, /usr/lib is not mounted in it.
with_spooling() {
  [[ $library != /usr/lib/gridengine ]] || exec "$@"
  # shellcheck disable=SC2016 # For the other shell.
  exec unshare --mount sh -c 'cd "$0" && mount --bind -o ro /usr/lib usr-lib && mount --bind links /usr/lib && exec "$@"' \
    "$directory" "$@"
}

prepare_spooling() {
  local path
  mkdir "$directory"/{usr-lib,links}
  for path in /usr/lib/*; do ln -s "$directory/usr-lib/${path##*/}" "$directory/links/"; done
  ln -sfn "$library" "$directory/links/gridengine"
}

# The clients, in a directory for PATH, for whatever user and whatever other qsub there is.
write_clients() {
  local name
  mkdir "$directory/bin"
  for name in qsub qstat qacct qdel qselect qconf qhost qalter qhold qrls qmod qrsh; do
    printf '#!/bin/sh\nexport %s\nexec %s "$@"\n' \
      "SGE_ROOT=$SGE_ROOT SGE_CELL=$SGE_CELL SGE_QMASTER_PORT=$port SGE_EXECD_PORT=$SGE_EXECD_PORT" \
      "${libraries:+env LD_LIBRARY_PATH='$libraries' }$library/$name" >"$directory/bin/$name"
    chmod 755 "$directory/bin/$name"
  done
}

start_qmaster() {
  ! alive qmaster || return 0
  # shellcheck disable=SC2016 # For the other shell.
  with_spooling unshare --mount sh -c 'mount --bind "$0" /etc/hosts && exec "$1"' \
    "$directory/hosts.submit" "$library/sge_qmaster" >>"$directory/log/qmaster" 2>&1 4>&- &
  disown
  echo $! >"$directory/run/qmaster.pid"
  await 'sge_qmaster does not answer' "$directory/bin/qconf" -sh
}

# start_host INDEX. Its first process is this script, so that what jobs leave behind is waited for.
start_host() {
  ! alive "exec$1" || return 0
  export host_index=$1
  unshare --mount --uts --net --pid --fork --kill-child --mount-proc -- "$0" host >>"$directory/log/exec$1" 2>&1 4>&- &
  disown
  echo $! >"$directory/run/exec$1.pid"
  connect $! "$1"
}

# The first process of an execution host.
host() {
  hostname "exec$host_index"
  mount --bind "$directory/hosts.execution" /etc/hosts
  # Jobs have login shells. What root's own profile does is root's business, and bears no SIGKILL.
  for profile in ~root/.{profile,bash_profile,bash_login,bashrc}; do
    [[ ! -e $profile ]] || mount --bind /dev/null "$profile"
  done
  configure_host "$network.$((10 + host_index))"
  "$library/sge_execd" &
  wait
}

# A host that reports has its load, and no letter for a state, in the last columns.
await_host() {
  await "sge_execd of exec$1 does not report; see $directory/log" host_reports "exec$1"
}

host_reports() {
  "$directory/bin/qstat" -f -q "all.q@$1" | grep -qE "^all.q@$1 .* [0-9.]+ +$arch *$"
}

# slay NAME: kills a daemon and, if it is a host, all that runs there.
slay() {
  ! alive "$1" || kill -KILL "$(<"$directory/run/$1.pid")"
  await "$1 does not end" dead "$1"
}

alive() {
  local pid
  pid=$(cat "$directory/run/$1.pid" 2>/dev/null) && grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$pid/status"
}

dead() {
  ! alive "$1"
}

# await COMPLAINT CONDITION…
await() {
  local complaint=$1 deadline=$((SECONDS + 30))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "$complaint"
    sleep 0.02
  done
}
