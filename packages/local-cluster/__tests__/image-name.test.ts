import fc from 'fast-check';
import { imageNameIn, normalizeImageName } from '../image-name';
import { ClusterError } from '../cluster-error';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('/'));
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,20}$/);
const domain = fc.oneof(
  word.map((host) => `${host}.example`),
  fc.tuple(word, fc.nat(65_535)).map(([host, port]) => `${host}:${port}`),
  fc.constant('localhost'),
);

describe('normalizeImageName', () => {
  // What k8s.io's image service resolves each of them to.
  it.each([
    ['user', 'docker.io/library/user:latest'],
    ['mysql-for-user', 'docker.io/library/mysql-for-user:latest'],
    ['redis:5.0', 'docker.io/library/redis:5.0'],
    ['team/user', 'docker.io/team/user:latest'],
    ['docker.io/user', 'docker.io/library/user:latest'],
    ['index.docker.io/user', 'docker.io/library/user:latest'],
    ['docker.io/library/user:1', 'docker.io/library/user:1'],
    ['localhost/user', 'localhost/user:latest'],
    ['localhost:5000/user', 'localhost:5000/user:latest'],
    ['Upper/user', 'Upper/user:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['[::1]:5000/user:2', '[::1]:5000/user:2'],
    [`user@${DIGEST}`, `docker.io/library/user@${DIGEST}`],
    [`user:1@${DIGEST}`, `docker.io/library/user@${DIGEST}`],
  ])('resolves %s to %s', (name, full) => {
    expect(normalizeImageName(name)).toBe(full);
  });

  it.each([
    ['', 'path'],
    ['User', 'path'],
    ['team//user', 'path'],
    ['user_', 'path'],
    ['/user', 'path'],
    ['user:', 'tag'],
    ['user:.hidden', 'tag'],
    [`user:${'t'.repeat(129)}`, 'tag'],
    ['user@sha256:short', 'digest'],
    ['user@', 'digest'],
    [`user@sha256:${'a'.repeat(32)}`, 'digest'],
    [`user@sha256:${'A'.repeat(64)}`, 'digest'],
    [`user@md5:${'a'.repeat(64)}`, 'digest'],
    ['-bad.example/user', 'registry'],
    ['a'.repeat(256), '255'],
    ['0123456789abcdef'.repeat(4), 'identifier'],
  ])('refuses %j and says what is wrong with its %s', (name, part) => {
    expect(() => normalizeImageName(name)).toThrow(ClusterError);
    expect(() => normalizeImageName(name)).toThrow(part);
    expect(() => normalizeImageName(name)).toThrow(JSON.stringify(name));
  });

  it('leaves a full name as it is', () => {
    fc.assert(
      fc.property(domain, path, tag, (host, where, which) => {
        const full = `${host}/${where}:${which}`;
        expect(normalizeImageName(full)).toBe(full);
      }),
    );
  });

  it('is the same twice as once, for whatever it takes', () => {
    fc.assert(
      fc.property(fc.oneof(path, fc.string({ maxLength: 30 })), (name) => {
        let once: string;
        try {
          once = normalizeImageName(name);
        } catch (error) {
          expect(error).toBeInstanceOf(ClusterError);
          return;
        }
        expect(normalizeImageName(once)).toBe(once);
      }),
    );
  });
});

describe('imageNameIn', () => {
  it.each([
    ['user', 'registry.example', 'registry.example/user:latest'],
    ['redis:5.0', 'localhost:5000/team/', 'localhost:5000/team/redis:5.0'],
    ['quay.io/team/user:1', 'registry.example', 'registry.example/team/user:1'],
    [`user:1@${DIGEST}`, 'registry.example', 'registry.example/user:1'],
  ])('puts %s into %s as %s', (name, registry, full) => {
    expect(imageNameIn(registry, name)).toBe(full);
  });

  it('refuses a digest without a tag, because a push needs one', () => {
    expect(() => imageNameIn('registry.example', `user@${DIGEST}`)).toThrow('name its tag');
  });
});
