import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from './command';

const DAYS = 825;

/**
 * A certificate of a server for these hosts, by an authority of its own whose key is thrown away: nobody can make a
 * second one that its clients would believe. Made by openssl.
 *
 * @param name of the authority
 * @param hosts names and addresses
 */
export function certificate(name: string, hosts: readonly string[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const at = (file: string) => join(folder, file);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const names = hosts.map((host) => `${isIP(host) > 0 ? 'IP' : 'DNS'}:${host}`).join(',');
  try {
    writeFileSync(
      at('server.cnf'),
      `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=${names}\n`,
    );
    openssl([
      ...['req', '-x509', ...key, '-days', `${DAYS}`, '-subj', `/CN=${name} authority`],
      ...[
        '-addext',
        'basicConstraints=critical,CA:TRUE',
        '-addext',
        'keyUsage=critical,keyCertSign',
      ],
      ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
    ]);
    openssl([
      ...['req', '-new', ...key, '-subj', `/CN=${hosts[0] ?? name}`],
      ...['-keyout', at('tls.key'), '-out', at('server.csr')],
    ]);
    openssl([
      ...['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key')],
      ...[
        '-CAcreateserial',
        '-days',
        `${DAYS}`,
        '-extfile',
        at('server.cnf'),
        '-out',
        at('tls.crt'),
      ],
    ]);
    return Object.fromEntries(
      ['ca.crt', 'tls.crt', 'tls.key'].map((file) => [file, readFileSync(at(file), 'utf8')]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openssl(args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new CommandError(`openssl ${args[0] ?? ''} failed: ${(error as Error).message}`);
  }
}
