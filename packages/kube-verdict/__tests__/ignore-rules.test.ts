import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { sep } from 'node:path';
import { inputsOf } from '../src/reading/inputs';
import { InputError } from '../src/reading/input-error';
import { folderOf } from './command';

const RUNS = 60;
const FOLDERS = ['', 'a/', 'a/b/', 'build/', 'Build/', 'sub/a/'];
const NAMES = [
  'a.yaml',
  'ABC.yaml',
  'abc.yaml',
  'é.yaml',
  'à.yml',
  'foo bar.json',
  'trail .yaml',
  '#hash.yaml',
  '!bang.yaml',
  '[br].yaml',
  'a\\b.yaml',
  'a*b.yaml',
  '.hidden.yaml',
];

const pattern = fc.oneof(
  fc.constantFrom(
    ...['*.yaml', '/a.yaml', 'a/', '/a/', 'a', 'a/*', 'a/**', '**/b', 'a/**/abc.yaml', '/*', '**'],
    ...['!a.yaml', '!/a.yaml', '!a/', '!*.yaml', '!/a', 'foo\\ bar.json', 'trail .yaml', 'a.yaml '],
    ...[
      'trail\\ .yaml',
      '\\#hash.yaml',
      '#hash.yaml',
      '\\!bang.yaml',
      '!!bang.yaml',
      '\\[br\\].yaml',
    ],
    ...['[br].yaml', '[a-c]*.yaml', '[!a]*', '[^a].yaml', '?.yaml', '??.yaml', 'a?c.yaml', '***'],
    ...[
      '[[:upper:]]*.yaml',
      '[]a].yaml',
      '[',
      '[a',
      'a\\*b.yaml',
      'a*b.yaml',
      'a\\\\b.yaml',
      'à.yml',
    ],
    ...[
      '{a,b}.yaml',
      ' a.yaml',
      'a.yaml\t',
      'a//b',
      './a.yaml',
      '../a.yaml',
      'build/',
      'Build',
      '.*',
    ],
    ...[
      '!build/a.yaml',
      'build/*',
      '*.y?ml',
      '*.y[am]*l',
      '\\a.yaml',
      '*/',
      '*/*',
      '!*/',
      'sub/**/',
    ],
    ...[
      'abc',
      'ABC.yaml',
      '[A-Z]*.yaml',
      '[z-a].yaml',
      'a[/]b',
      '/',
      '',
      '\\',
      '**/a/**',
      'a**c.yaml',
    ],
  ),
  fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      '*',
      '?',
      '/',
      '!',
      '[',
      ']',
      '\\',
      '.',
      '^',
      '-',
      'A',
      'B',
      'é',
      '#',
    ),
    minLength: 1,
    maxLength: 6,
  }),
);

const patterns = fc
  .tuple(fc.array(pattern, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\n', '\r\n'))
  .map(([lines, ending]) => lines.join(ending));

/** What git would add: the tracked files are none. */
function gitLists(folder: string): string[] {
  execFileSync('git', ['init', '--quiet', folder]);
  const list = ['ls-files', '-z', '--others', '--exclude-per-directory=.gitignore'];
  return execFileSync('git', ['-C', folder, ...list], { encoding: 'utf8' })
    .split('\0')
    .filter((file) => /\.(?:ya?ml|json)$/.test(file));
}

async function filesOf(folder: string, exclude: readonly string[]): Promise<string[]> {
  const options = { exclude, kustomize: false, valueOf: () => Promise.resolve(undefined) };
  const files: string[] = [];
  for await (const input of inputsOf({ path: folder, kind: 'folder' }, options)) {
    if (input instanceof InputError) throw input;
    files.push(input.file.slice(folder.length + 1).replaceAll(sep, '/'));
  }
  return files;
}

describe('what of a folder is not to be read', () => {
  it('is what git ignores', async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...FOLDERS), fc.constantFrom(...NAMES)), {
        minLength: 8,
        maxLength: 20,
        selector: (pair) => pair.join(''),
      }),
      patterns,
      fc.option(fc.tuple(fc.constantFrom('a/', 'a/b/', 'build/'), patterns)),
      async (files, root, nested) => {
        const folder = folderOf({
          ...Object.fromEntries(files.map((parts) => [parts.join(''), ''])),
          '.gitignore': root,
          ...(nested === null ? {} : { [`${nested[0]}.gitignore`]: nested[1] }),
        });
        try {
          const wanted = gitLists(folder).sort();
          expect((await filesOf(folder, [])).sort()).toEqual(wanted);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    );
    await fc.assert(property, {
      numRuns: RUNS,
      examples: [
        // What one folder excludes, a folder in it may take back.
        [[['a/b/', 'a.yaml']], 'b/', ['a/', '!b/']],
        [[['a/b/', 'a.yaml']], 'b/\n*.yaml', ['a/', '!b/']],
      ],
    });
  });

  it('is what is excluded, of names that differ by their case', async () => {
    const folder = folderOf({ 'Build/a.yaml': '', 'build/a.yaml': '' });
    expect(await filesOf(folder, ['build/'])).toEqual(['Build/a.yaml']);
    rmSync(folder, { recursive: true });
  });
});
