# The database of the accounting: bash database.sh DIRECTORY SOCKET
# What it keeps need not outlive the bed, so that it takes care of nothing.
set -euo pipefail
directory=$1 socket=$2

common=(--no-defaults --user=root --datadir="$directory/data" --innodb-log-file-size=8M)
[ -e "$directory/data/mysql" ] ||
  mariadb-install-db "${common[@]}" --skip-test-db --auth-root-authentication-method=normal >&2
exec mariadbd "${common[@]}" --socket="$socket" --skip-networking --pid-file="$directory/pid" \
  --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=32M
