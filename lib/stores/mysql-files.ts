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

/**
 * Makes the accounts as their Secrets say, on the first start of an empty data folder, and again whenever it is run:
 *
 *     kubectl exec mysql-0 -- bash /docker-entrypoint-initdb.d/accounts.sh
 *
 * The server's image sources it, so it must end in no `exit`.
 */
export function accountsScript(name: string, database: string, tls: boolean): string {
  const account = (secret: string) => `account ${secretFolder(`${name}-${secret}`)}`;
  return `# Makes the accounts of the schema ${database}, each with no more rights than its work needs.
account() {
  local user password
  user=$(cat "$1/username")
  password=$(sed "s/\\\\\\\\/&&/g; s/'/''/g" "$1/password")
  echo "CREATE USER IF NOT EXISTS '$user'@'%';"
  echo "ALTER USER '$user'@'%' IDENTIFIED BY '$password'${tls ? ' REQUIRE SSL' : ''} ACCOUNT UNLOCK;"
  shift
  local rights
  for rights in "$@"; do echo "GRANT $rights TO '$user'@'%';"; done
}
{
  ${account('user')} "SELECT, INSERT, UPDATE, DELETE ON \\\`${database}\\\`.*"
  # The second pattern is for databases that a backup is restored to.
  ${account('owner')} "ALL ON \\\`${database}\\\`.*" "ALL ON \\\`${restoredPattern(database)}\\\`.*"
  ${account('backup')} "SELECT, SHOW VIEW, TRIGGER, LOCK TABLES, EVENT ON \\\`${database}\\\`.*"
} | MYSQL_PWD=$(cat ${secretFolder(`${name}-root`)}/password) mysql --user=root
`;
}

/** Databases that the owner may restore to; `_` and `%` are wildcards in grants. */
function restoredPattern(database: string): string {
  return `${database.replaceAll('_', '\\\\_')}\\\\_restored%`;
}
