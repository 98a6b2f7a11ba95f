import { secretFolder } from '../secrets/secret';

/** How many backups are kept, of each of that many days, weeks and months the last. */
export interface Retention {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

// Clients take passwords from an option file: an argument could be seen by every process. A network path may open some
// seconds after the Pod that it leads from has started.
const login = (store: string, account: string) => `umask 077
{
  cat /etc/backup/client.cnf
  printf 'user = %s\\npassword = "%s"\\n' "$(cat ${secretFolder(account)}/username)" "$(sed 's/[\\\\"]/\\\\&/g' ${secretFolder(account)}/password)"
} >/tmp/client.cnf
for _ in $(seq 60); do
  if mysqladmin --defaults-file=/tmp/client.cnf --host=${store} --connect-timeout=5 ping; then break; fi
  sleep 2
done
`;

/** Dumps one schema as of one moment, without locks, as statements that fit any database. */
export function dumpScript(store: string, database: string): string {
  return `set -euo pipefail
${login(store, `${store}-backup`)}
mysqldump --defaults-file=/tmp/client.cnf --host=${store} --single-transaction --quick --triggers --events \\
  --hex-blob --no-tablespaces --default-character-set=utf8mb4 ${database} >/dump/${store}.sql
# A dump that was cut short has no such line.
tail --lines=1 /dump/${store}.sql | grep --quiet '^-- Dump completed'
ls -l /dump/${store}.sql
`;
}

/** Keeps the dump, drops those that are too old, and reads all that is kept. */
export function backupScript(
  host: string,
  keep: Retention = { daily: 7, weekly: 5, monthly: 12 },
): string {
  return `set -eu
restic cat config >/dev/null 2>&1 || restic init
restic backup --host ${host} --tag mysql /dump
restic forget --host ${host} --tag mysql --group-by host,tags --keep-last 1 \\
  --keep-daily ${keep.daily} --keep-weekly ${keep.weekly} --keep-monthly ${keep.monthly} --prune
# What was damaged where it is kept is noticed here, not when it is needed.
restic check --read-data
`;
}

/** Brings the backup SNAPSHOT, by default the latest. */
export function fetchScript(host: string): string {
  return `set -eu
restic restore "\${SNAPSHOT:-latest}" --host ${host} --tag mysql --target /dump/restored
`;
}

/** Loads the dump into DATABASE, which must not be there; by default its name says when it was made. */
export function loadScript(store: string, database: string): string {
  return `set -euo pipefail
${login(store, `${store}-owner`)}
database=\${DATABASE:-${database}_restored_$(date -u +%Y%m%d%H%M%S)}
run() { mysql --defaults-file=/tmp/client.cnf --host=${store} --default-character-set=utf8mb4 "$@"; }
run --execute="CREATE DATABASE \\\`$database\\\` CHARACTER SET utf8mb4"
run "$database" </dump/restored/dump/${store}.sql
echo "restored to the database $database:"
run --batch --skip-column-names --execute="SHOW TABLES" "$database" | while read -r table; do
  echo "$table $(run --batch --skip-column-names --execute="SELECT COUNT(*) FROM \\\`$table\\\`" "$database" </dev/null) rows"
done
`;
}
