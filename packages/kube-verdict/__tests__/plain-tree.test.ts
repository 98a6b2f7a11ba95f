import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { decodeText } from '../src/reading/decode-text';
import { libraryTree } from '../src/reading/document-tree';
import { plainTree } from '../src/reading/plain-tree';
import { manifests } from './arbitraries';
import { anyFile, SEED } from './files';

/** The tree without what only the library's has: classes and functions. */
function plain(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree ?? null));
}

it('is the tree that the library reads, wherever there is one', () => {
  let quick = 0;
  const files = fc.sample(anyFile, { numRuns: 5_000, seed: SEED });
  for (const bytes of files) {
    const { text } = decodeText(bytes);
    const tree = plainTree(text);
    if (tree === undefined) continue;
    quick++;
    const differs = { seed: SEED, text, tree: plain(tree) };
    expect(differs).toEqual({ ...differs, tree: plain(libraryTree(text)) });
  }
  // Half of them have mistakes, or more than one document.
  expect(quick).toBeGreaterThan(files.length / 6);
});

it.each([
  'b:\n\n\t@',
  '  -\n  >\n',
  'a:\n- b\nc:\n  -\n  d: 1\n',
  'a: b\n  c: d\n',
  '"a\nb": c\n',
  'a: |\n\n  b\n c: d\n',
])('is that of the library, or none, of %j', (text) => {
  expect([null, plain(libraryTree(text))]).toContainEqual(plain(plainTree(text)));
});

it('is there for what programs write', () => {
  const list = manifests.map((one) => ({ apiVersion: 'v1', kind: 'List', items: [one, one] }));
  const writings: ((value: object) => string)[] = [
    (value) => JSON.stringify(value),
    (value) => JSON.stringify(value, undefined, 2),
    (value) => JSON.stringify(value, undefined, '\t'),
    (value) => stringify(value, { aliasDuplicateObjects: false }),
    (value) => stringify(value, { aliasDuplicateObjects: false, indentSeq: false }),
    (value) =>
      stringify(value, { aliasDuplicateObjects: false, defaultStringType: 'QUOTE_DOUBLE' }),
    (value) => stringify(value, { aliasDuplicateObjects: false, lineWidth: 20 }),
  ];
  fc.assert(
    fc.property(list, fc.constantFrom(...writings), (value, write) => {
      const text = write(value);
      expect(plain(plainTree(text))).toEqual(plain(libraryTree(text)));
    }),
    { numRuns: 300, seed: SEED },
  );
});
