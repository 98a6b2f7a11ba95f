import type { Size } from 'cdk8s';
import { secretFolder } from '../secrets/secret';

export interface ServerOptions {
  /** Limit of the container: half of it is for InnoDB's pages. */
  readonly memory: Size;
  readonly maxConnections: number;
  /** Folder of ca.crt, tls.crt and tls.key. @default - connections without TLS are taken */
  readonly tlsFolder?: string | undefined;
}

/**
 * Options that MySQL 8.4 and MariaDB 10.11 both take. An option of MySQL alone has the prefix `loose_`, with which
 * MariaDB goes on without it: https://dev.mysql.com/doc/refman/8.4/en/option-modifiers.html
 */
export function serverOptions({ memory, maxConnections, tlsFolder }: ServerOptions): string {
  return `[mysqld]
# An acknowledged commit is on disk.
innodb_flush_log_at_trx_commit = 1
innodb_doublewrite = ON
# Backups are dumps; nothing reads a binary log here.
skip_log_bin
innodb_buffer_pool_size = ${Math.floor(memory.toKibibytes() / 1024 / 2)}M
max_connections = ${maxConnections}
character_set_server = utf8mb4
skip_name_resolve
local_infile = OFF
loose_mysqlx = OFF
${
  tlsFolder === undefined
    ? ''
    : `require_secure_transport = ON
tls_version = TLSv1.2,TLSv1.3
ssl_ca = ${tlsFolder}/ca.crt
ssl_cert = ${tlsFolder}/tls.crt
ssl_key = ${tlsFolder}/tls.key
`
}`;
}

/** Options of the clients mysql and mysqldump that ask for the server's certificate; `loose-` as above. */
export function clientOptions(caFile: string): string {
  return `[client]
ssl-ca = ${caFile}
loose-ssl-mode = VERIFY_IDENTITY
loose-ssl-verify-server-cert
`;
}

/** Folder of {@link accountScripts}: the server's image runs those that end with .sh once, on an empty data folder. */
export const SCRIPTS = '/docker-entrypoint-initdb.d';

/** The roles of the accounts, each with no more rights than its work needs. */
export const ROLES = ['user', 'owner', 'backup'] as const;

/**
 * `account`, which {@link SecretSource} describes, and `accounts.sh`, which makes the accounts as their Secrets say, and
 * makes them so again whenever it is run:
 *
 *     kubectl exec mysql-0 -- bash /docker-entrypoint-initdb.d/accounts.sh
 *
 * The server's image sources it, so it must end in no `exit`.
 */
export function accountScripts(
  name: string,
  database: string,
  tls: boolean,
): Readonly<Record<string, string>> {
  const rights: Readonly<Record<(typeof ROLES)[number], readonly string[]>> = {
    user: [`SELECT, INSERT, UPDATE, DELETE ON \`${database}\`.*`],
    // The second pattern is for databases that a backup is restored to.
    owner: [`ALL ON \`${database}\`.*`, `ALL ON \`${restoredPattern(database)}\`.*`],
    backup: [`SELECT, SHOW VIEW, TRIGGER, LOCK TABLES, EVENT ON \`${database}\`.*`],
  };
  const grants = ROLES.map(
    (role) =>
      `  ${role}_*)\n${rights[role].map((right) => `    echo "GRANT ${right.replaceAll(/[\\`]/g, String.raw`\$&`)} TO '$account'@'%';"\n`).join('')}    ;;\n`,
  ).join('');
  return {
    account: `# account make|callers|lock NAME: one of the accounts of the schema ${database}.
set -euo pipefail
account=$2
sql() { MYSQL_PWD=$(cat ${secretFolder(`${name}-root`)}/password) mysql --user=root --batch --skip-column-names; }
grants() {
  case $account in
${grants}  *) echo "$account: no account of ${ROLES.join(', ')}" >&2; exit 1 ;;
  esac
}
case $1 in
make)
  rights=$(grants)
  # Quotes and backslashes are escaped.
  password=$(sed "s/\\\\\\\\/&&/g; s/'/''/g")
  sql <<SQL
CREATE USER IF NOT EXISTS '$account'@'%';
ALTER USER '$account'@'%' IDENTIFIED BY '$password'${tls ? ' REQUIRE SSL' : ''} ACCOUNT UNLOCK;
$rights
SQL
  ;;
callers) echo "SELECT DISTINCT SUBSTRING_INDEX(host, ':', 1) FROM information_schema.processlist WHERE user = '$account'" | sql ;;
lock) echo "ALTER USER '$account'@'%' ACCOUNT LOCK" | sql ;;
esac
`,
    'accounts.sh': `for role in ${ROLES.join(' ')}; do
  bash ${SCRIPTS}/account make "$(cat ${secretFolder(`${name}-$role`)}/username)" <${secretFolder(`${name}-$role`)}/password
done
`,
  };
}

/** Databases that the owner may restore to; `_` and `%` are wildcards in grants. */
function restoredPattern(database: string): string {
  return `${database.replaceAll('_', String.raw`\_`)}${String.raw`\_`}restored%`;
}
