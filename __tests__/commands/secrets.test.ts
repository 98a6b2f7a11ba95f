import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { certificate } from '../../commands/certificate';
import { Repository } from './repository';

describe('a generated certificate', () => {
  const files = certificate('mysql-tls', ['mysql', 'mysql.user-test.svc', '127.0.0.1']);
  const server = new X509Certificate(files['tls.crt'] ?? '');
  const authority = new X509Certificate(files['ca.crt'] ?? '');

  it('is believed for each of its hosts, and for no other', () => {
    expect(server.checkHost('mysql')).toBe('mysql');
    expect(server.checkHost('mysql.user-test.svc')).toBe('mysql.user-test.svc');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkHost('redis')).toBeUndefined();
  });

  it('is signed by the authority that comes with it, which it is not itself', () => {
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
  });

  it('has its own key, while that of the authority is gone', () => {
    expect(Object.keys(files)).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    const key = execFileSync('openssl', ['pkey', '-pubout'], { input: files['tls.key'] ?? '' });
    expect(server.publicKey.export({ type: 'spki', format: 'pem' })).toBe(key.toString());
  });
});

describe('npm run secrets', () => {
  let repository: Repository;
  beforeAll(() => {
    repository = new Repository();
  });
  afterAll(() => {
    repository.remove();
  });

  it.each([
    [2, [], 'one ENVIRONMENT is needed'],
    [2, ['production', 'staging'], 'one ENVIRONMENT is needed'],
    [2, ['production', '--force'], "Unknown option '--force'"],
    [1, ['prod'], 'prod: no such environment; there are production, staging'],
    [1, ['../dist/production'], 'no such environment'],
    [1, ['production', '--from', 's3/key=/etc/hostname'], 's3/key: no value that is given'],
    [2, ['production', '--from', 's3'], 's3: not of the form SECRET/KEY=FILE'],
    [
      2,
      ['production', '--check', '--rotate', 'mysql-user'],
      '--check changes nothing and --rotate does',
    ],
    [
      2,
      ['production', '--rotate', 'mysql-user', '--timeout', 'soon'],
      '--timeout soon: not a number',
    ],
    [
      1,
      ['production', '--rotate', 'mysql-root'],
      'mysql-root: no Secret with an account; there are mysql-backup, mysql-owner, mysql-user, redis-user',
    ],
    [1, ['production', '--check', '--context', 'nowhere'], 'context "nowhere" does not exist'],
  ])('ends with %d for %j', (code, args, message) => {
    const result = repository.run('secrets', ...args);
    expect(result.output).toContain(message);
    expect(result.code).toBe(code);
  });
});
