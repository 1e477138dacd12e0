# shellcheck shell=bash
# Where Grid Engine's programs are. Debian's packages cannot be installed beside slurm-wlm-torque, and would bring a mail
# system along, so they are unpacked into a cache, with those of their libraries that are missing here.

packages=(gridengine-common gridengine-client gridengine-master gridengine-exec)
cache=$(dirname "$(dirname "$here")")/.cache/gridengine-bed

# Sets library and share, the directories of the programs and of what else the packages have.
software() {
  library=/usr/lib/gridengine share=/usr/share/gridengine
  [[ -x $library/sge_qmaster && -x $library/sge_execd && -x $library/qsub ]] && return
  library=$cache/root$library share=$cache/root$share
  mkdir -p "$cache"
  local lock
  exec {lock}>"$cache/lock"
  flock "$lock"
  [[ -e $cache/complete ]] || fetch >&2 || return
  exec {lock}>&-
}

fetch() {
  rm -rf "$cache/root" "$cache/debs"
  mkdir -p "$cache/root" "$cache/debs"
  unpack "${packages[@]}" || { apt-get update -qq && unpack "${packages[@]}"; } || return
  if [[ $(ldd "$library"/{sge_qmaster,sge_execd,spooldefaults.bin,qsub}) == *'not found'* ]]; then
    # What apt would add, but for anything that is not a library.
    mapfile -t missing < <(apt-get -s --no-install-recommends install "${packages[@]}" | sed -nE 's/^Inst (lib[^ ]*) .*/\1/p')
    unpack "${missing[@]}" || return
  fi
  touch "$cache/complete"
}

# A subshell, since apt-get downloads to the current directory; as root, since its user _apt may not write there.
unpack() (
  cd "$cache/debs" && rm -f -- *.deb && apt-get -qq -o APT::Sandbox::User=root download "$@" || exit
  for deb in *.deb; do dpkg -x "$deb" "$cache/root" || exit; done
)

# Brings what was unpacked to the directory of the test bed, where every user can run it.
bring_software() {
  [[ $library != /usr/lib/gridengine ]] || return 0
  cp --archive --link "$cache/root" "$directory/packages" 2>/dev/null || cp --archive "$cache/root" "$directory/packages"
  library=$directory/packages/usr/lib/gridengine share=$directory/packages/usr/share/gridengine
}

# Has every process of the test bed find these libraries, without a variable that jobs would not have.
show_libraries() {
  [[ -n $libraries ]] || return 0
  # shellcheck disable=SC2086 # Several directories, without blanks.
  ldconfig -X -C "$directory/ld.so.cache" ${libraries//:/ }
  mount --bind "$directory/ld.so.cache" /etc/ld.so.cache
}

# Directories of shared libraries that were unpacked, with colons between them.
library_path() {
  [[ ! -d $directory/packages ]] || find "$directory/packages" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -sd :
}
