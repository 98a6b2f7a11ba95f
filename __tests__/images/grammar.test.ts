import fc from 'fast-check';
import { normalizeImageName } from 'local-cluster';
import { parseImageReference } from '../../lib';
import { ask } from '../oracles/ask';

const HEX = '0123456789abcdef'.repeat(8);
const LONG = 'a'.repeat(246);

/** Things that references are made of, and things that they nearly are. */
const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const piece = fc.oneof(
  { weight: 5, arbitrary: word },
  fc.constantFrom(
    ...['redis', 'library', 'localhost', 'docker.io', 'index.docker.io', 'registry.example', 'R'],
    ...['10.0.0.1', '[::1]', '[fd00::1]', '[ab]', '-a', 'a-', 'a_b', 'a__b', 'a___b', 'a..b', 'A'],
    ...['5000', '5.0', 'latest', '_1', '.1', '-1', '1'.repeat(128), '1'.repeat(129), LONG, ''],
    ...['sha256', 'sha384', 'sha512', 'sha1', 'SHA256', 'a+b.c', 'md5'],
    ...[32, 64, 96, 128].map((length) => HEX.slice(0, length)),
    HEX.slice(0, 64).toUpperCase(),
  ),
  fc.string({ maxLength: 3 }),
  fc.integer({ min: 235, max: 260 }).map((length) => 'b'.repeat(length)),
);
const separator = fc.constantFrom('/', ':', '@', '.', '-', '', ' ');
const anything = fc
  .array(fc.tuple(piece, separator), { minLength: 1, maxLength: 5 })
  .map((pairs) => pairs.flat().slice(0, -1).join(''));
const shaped = fc
  .tuple(
    fc.option(fc.tuple(piece, fc.option(fc.constantFrom('5000', '80', 'port')))),
    fc.array(piece, { minLength: 1, maxLength: 3 }),
    fc.option(piece),
    fc.option(
      fc.constantFrom('sha256:64', 'sha256:32', 'sha384:96', 'sha512:128', 'sha1:40', 'md5:32'),
    ),
  )
  .map(([registry, path, tag, digest]) => {
    const [algorithm = '', length] = digest?.split(':') ?? [];
    return [
      registry === null ? '' : `${registry[0]}${registry[1] === null ? '' : `:${registry[1]}`}/`,
      path.join('/'),
      tag === null ? '' : `:${tag}`,
      digest === null ? '' : `@${algorithm}:${HEX.slice(0, Number(length))}`,
    ].join('');
  });

function normalized(text: string): string | null {
  try {
    return normalizeImageName(text);
  } catch {
    return null;
  }
}

describe('there is one grammar of image references, that of the kubelet and containerd:', () => {
  const texts = [...fc.sample(shaped, 5000), ...fc.sample(anything, 3000)];
  /** Its full name by Go's own parser, or null for none. */
  const answers = ask<string | null>('reference', texts);
  const isKnown = (text: string | null) => text !== null;

  it('it is asked of references and of what is none', () => {
    const share = answers.filter(isKnown).length / texts.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
  });

  it('lib takes what it takes', () => {
    const differing = texts.filter(
      (text, index) =>
        (parseImageReference(text) !== undefined) !== isKnown(answers[index] ?? null),
    );
    expect(differing).toEqual([]);
  });

  it('local-cluster takes what it takes, and gives it the same full name', () => {
    const differing = texts.flatMap((text, index) => {
      const [ours, theirs] = [normalized(text), answers[index] ?? null];
      return ours === theirs ? [] : [{ text, ours, theirs }];
    });
    expect(differing).toEqual([]);
  });
});
