import fc from 'fast-check';
import { secretIn } from '../../lib';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ALPHANUMERIC = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;

/** Values are made here: written out, they would be found by whoever looks for secrets in this repository. */
const from = (alphabet: string, length: number, longest = length) =>
  fc
    .array(fc.constantFrom(...Array.from(alphabet)), { minLength: length, maxLength: longest })
    .map((characters) => characters.join(''));
const alphanumeric = (length: number, longest?: number) => from(ALPHANUMERIC, length, longest);
const upper = (length: number) => from(`${LETTERS.toUpperCase()}234567`, length);
const digits = (length: number) => from('0123456789', length);
const word = from(LETTERS, 3, 10);
/** Secretlint takes the commonest passwords for placeholders. */
const password = fc.oneof(alphanumeric(4, 20), fc.constantFrom('password', 'root', 'hunter2'));

const after = (prefix: string, rest: fc.Arbitrary<string>) => rest.map((text) => prefix + text);
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a text with one of these is taken for a secret', () => {
  it.each<[string, fc.Arbitrary<string>]>([
    ['AWS access key id', after('AKIA', upper(16))],
    ['AWS temporary access key id', after('ASIA', upper(16))],
    ['GitHub token', after('ghp_', alphanumeric(36))],
    ['GitHub application token', after('ghs_', alphanumeric(36))],
    ['GitLab token', after('glpat-', alphanumeric(20))],
    [
      'Slack token',
      fc.tuple(digits(12), digits(12), alphanumeric(24)).map((parts) => `xoxb-${parts.join('-')}`),
    ],
    [
      'Slack webhook',
      fc
        .tuple(upper(8), upper(8), alphanumeric(24))
        .map(([team, hook, key]) => `https://hooks.slack.com/services/T${team}/B${hook}/${key}`),
    ],
    ['Stripe key', after('sk_live_', alphanumeric(24))],
    ['restricted Stripe key', after('rk_test_', alphanumeric(24))],
    ['Google API key', after('AIza', alphanumeric(35))],
    ['npm token', after('npm_', alphanumeric(36))],
    [
      'SendGrid key',
      fc.tuple(alphanumeric(22), alphanumeric(43)).map(([id, key]) => `SG.${id}.${key}`),
    ],
    [
      'JSON Web Token',
      fc
        .tuple(fc.record({ sub: word }), alphanumeric(43))
        .map(([claims, signature]) =>
          [base64url({ alg: 'HS256' }), base64url(claims), signature].join('.'),
        ),
    ],
    [
      'private key',
      fc
        .constantFrom('', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ')
        .map((kind) => `-----BEGIN ${kind}PRIVATE KEY-----\nMIIE`),
    ],
    [
      'password in the URL of a database',
      fc
        .tuple(fc.constantFrom('mysql', 'postgres', 'mongodb+srv', 'amqp', 'https'), word, password)
        .map(([scheme, user, secret]) => `${scheme}://${user}:${secret}@${user}.example/app`),
    ],
    ['password without a user', password.map((secret) => `redis://:${secret}@redis:6379/0`)],
  ])('%s', (_, secrets) => {
    fc.assert(
      fc.property(secrets, fc.constantFrom('', 'key=', '{"a": "', ' '), (secret, before) => {
        expect(secretIn(before + secret)).toEqual(expect.any(String));
      }),
    );
  });

  it('AWS secret access key, by the name of its variable', () => {
    fc.assert(
      fc.property(alphanumeric(40), (secret) => {
        expect(secretIn(secret, 'AWS_SECRET_ACCESS_KEY')).toEqual(expect.any(String));
      }),
    );
  });

  it('nineteen of twenty keys that a generator made, of 24 characters or more', () => {
    const keys = fc.sample(fc.oneof(alphanumeric(24), alphanumeric(32), alphanumeric(43)), 3000);
    const missed = keys.filter((key) => secretIn(key) === undefined);
    expect(missed.length).toBeLessThan(keys.length / 20);
  });
});

describe('a text of nothing but these is not', () => {
  const hex = (length: number) => from('0123456789abcdef', length);
  const base64 = (length: number) =>
    fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => Buffer.from(bytes).toString('base64'));
  const capital = from(LETTERS, 4, 10).map((text) => text.charAt(0).toUpperCase() + text.slice(1));
  const words = (of: fc.Arbitrary<string>, between: string) =>
    fc.array(of, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(between));

  it.each<[string, fc.Arbitrary<string>]>([
    ['hashes', fc.oneof(hex(32), hex(40), hex(64), hex(128))],
    ['digests of images', hex(64).map((digest) => `registry.example:5000/user@sha256:${digest}`)],
    ['digests of resources', base64(48).map((digest) => `sha384-${digest}`)],
    ['digests of keys', base64(32).map((digest) => `SHA256:${digest}`)],
    ['UUIDs', fc.uuid()],
    ['names with hyphens', words(word, '-')],
    [
      'names with underscores',
      words(
        word.map((text) => text.toUpperCase()),
        '_',
      ),
    ],
    ['names in capitals, one word after another', words(capital, '')],
    ['class names with a version', words(capital, '').map((name) => `${name}V1Beta2`)],
    ['host names', words(word, '.').map((name) => `${name}.svc.cluster.local:3306`)],
    ['paths', words(word, '/').map((name) => `/etc/secrets/${name}/password`)],
    ['URLs', words(word, '.').map((host) => `https://${host}/v1/users?sort=name&limit=10`)],
    [
      'dates and numbers',
      fc.oneof(
        fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
        fc.double().map(String),
      ),
    ],
    ['other variables', word.map((user) => `mysql://${user}:$(MYSQL_PASSWORD)@mysql:3306/user`)],
  ])('%s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(secretIn(text)).toBeUndefined();
      }),
    );
  });
});
