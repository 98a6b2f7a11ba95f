import fc from 'fast-check';
import { parseImageReference } from '../../lib';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image reference', () => {
  it.each([
    ['redis', { path: 'redis' }],
    ['redis:5.0', { path: 'redis', tag: '5.0' }],
    ['library/redis', { path: 'library/redis' }],
    ['localhost/redis', { registry: 'localhost', path: 'redis' }],
    ['registry.example/redis', { registry: 'registry.example', path: 'redis' }],
    [
      'registry.example:5000/a/b__c.d-e:V_1',
      { registry: 'registry.example:5000', path: 'a/b__c.d-e', tag: 'V_1' },
    ],
    ['[::1]:5000/redis', { registry: '[::1]:5000', path: 'redis' }],
    ['Registry/redis', { registry: 'Registry', path: 'redis' }],
    [`redis@${DIGEST}`, { path: 'redis', digest: DIGEST }],
    [`redis:5.0@${DIGEST}`, { path: 'redis', tag: '5.0', digest: DIGEST }],
  ])('%j has its parts as they were written', (text, parts) => {
    expect(parseImageReference(text)).toEqual(parts);
  });

  it.each([
    '',
    'Redis',
    'redis:',
    'redis@',
    'redis :5.0',
    'redis\n',
    ':5.0',
    '/redis',
    'redis/',
    'a//b',
    'a..b',
    'a.b_c/d',
    '[ab]/redis',
    'redis@sha1:' + '0'.repeat(40),
    'a___b',
    '-redis',
    'redis:-1',
    `redis:${'1'.repeat(129)}`,
    'redis@sha256:0123',
    `redis@${DIGEST.toUpperCase().replace('SHA256', 'sha256')}`,
    `redis@${DIGEST}00`,
    'http://registry.example/redis',
    'registry.example:port/redis',
    'a/'.repeat(127) + 'redis',
    // With `library/` before it, more than 255 characters.
    'a'.repeat(248),
    '0123456789abcdef'.repeat(4),
  ])('is not %j', (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });

  const component = fc.stringMatching(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/, { maxLength: 12 });
  const parts = fc.record(
    {
      registry: fc.constantFrom(
        'localhost',
        'localhost:5000',
        'r.example',
        'R',
        '10.0.0.1:80',
        '[fd00::1]',
      ),
      path: fc
        .array(component, { minLength: 1, maxLength: 4 })
        .map((components) => components.join('/')),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
      digest: fc.constant(DIGEST),
    },
    { requiredKeys: ['path'] },
  );

  it('is parsed into the parts that it was made of, unless its first part reads as a registry', () => {
    fc.assert(
      fc.property(parts, ({ registry, path, tag, digest }) => {
        const [first = '', ...rest] = path.split('/');
        fc.pre(
          registry !== undefined ||
            rest.length === 0 ||
            !(first.includes('.') || first === 'localhost'),
        );
        const text = `${registry === undefined ? '' : `${registry}/`}${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
        expect(parseImageReference(text)).toEqual({ registry, path, tag, digest });
      }),
    );
  });
});
