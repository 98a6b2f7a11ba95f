#!/bin/bash
# Does what the mysql image's entrypoint does with MYSQL_ROOT_PASSWORD or
# MYSQL_ROOT_PASSWORD_FILE, MYSQL_ROOT_HOST, MYSQL_DATABASE and
# /docker-entrypoint-initdb.d: once, on an empty data folder, as root or not.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
# Made last, so that an initialisation that was cut short is made again.
initialised=$data/.initialised

# The server runs in the foreground and takes further options: `mysqld --opt`, or `--opt` alone.
if [ "${1:-}" = mysqld ] || [ "${1:-}" = mariadbd ]; then shift; elif [ "${1:-}" ] && [ "${1:0:1}" != - ]; then exec "$@"; fi

mkdir -p "$(dirname "$socket")"
as=()
if [ "$(id -u)" = 0 ]; then
  as=(--user=mysql)
  chown mysql:mysql "$(dirname "$socket")" "$data"
fi
if [ -n "${MYSQL_ROOT_PASSWORD_FILE:-}" ]; then MYSQL_ROOT_PASSWORD=$(cat "$MYSQL_ROOT_PASSWORD_FILE"); fi

sql() { mariadb --protocol=socket --socket="$socket" --user=root --password="${1-}" "${@:2}"; }

# A string in SQL: quotes and backslashes are escaped.
quoted() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\'\'}"; }

# root's account for other hosts, unless MYSQL_ROOT_HOST keeps it to this one.
from_elsewhere() {
  local host=${MYSQL_ROOT_HOST:-%}
  if [ "$host" = localhost ]; then return; fi
  echo "CREATE USER 'root'@'$host' IDENTIFIED BY $(quoted "$1");"
  echo "GRANT ALL PRIVILEGES ON *.* TO 'root'@'$host' WITH GRANT OPTION;"
}

initialise() {
  if [ -z "${MYSQL_ROOT_PASSWORD:-}" ] && [ -z "${MYSQL_ALLOW_EMPTY_PASSWORD:-}" ]; then
    echo 'entrypoint: set MYSQL_ROOT_PASSWORD, or MYSQL_ALLOW_EMPTY_PASSWORD=1' >&2
    exit 1
  fi
  local password=${MYSQL_ROOT_PASSWORD:-} server script
  find "$data" -mindepth 1 -delete
  mariadb-install-db "${as[@]}" --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  # Nobody connects from outside before the scripts are through.
  mariadbd "${as[@]}" --datadir="$data" --socket="$socket" --skip-networking &
  server=$!
  for _ in $(seq 600); do
    if sql '' --execute='DO 0' 2>/dev/null; then break; fi
    kill -0 "$server" 2>/dev/null || { echo 'entrypoint: the server ended while it was initialised' >&2; exit 1; }
    sleep 0.1
  done
  sql '' <<SQL
DELETE FROM mysql.global_priv WHERE User NOT IN ('mariadb.sys', 'root') OR User = 'root' AND Host <> 'localhost';
FLUSH PRIVILEGES;
$(from_elsewhere "$password")
ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$password");
SQL
  if [ -n "${MYSQL_DATABASE:-}" ]; then sql "$password" --execute="CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`"; fi
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
    *.sql) echo "entrypoint: running $script"; sql "$password" ${MYSQL_DATABASE:+"$MYSQL_DATABASE"} <"$script" ;;
    *.sh) echo "entrypoint: running $script"; bash "$script" ;;
    esac
  done
  kill "$server"
  wait "$server"
  touch "$initialised"
}

if [ ! -e "$initialised" ]; then initialise; fi
exec mariadbd "${as[@]}" --datadir="$data" --socket="$socket" --bind-address=0.0.0.0 --skip-name-resolve "$@"
