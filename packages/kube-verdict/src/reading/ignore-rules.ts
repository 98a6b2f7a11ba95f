import { isAscii } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Never manifests, and often larger than all of them. */
const NEVER = new Set(['.git', 'node_modules']);

/** Patterns of .gitignore, as they are written in one folder. */
class Patterns {
  private readonly matcher: Ignore;

  constructor(
    readonly folder: string,
    private readonly lines: readonly string[],
  ) {
    // As git has it where file names differ by their case.
    this.matcher = ignore({ ignorecase: false }).add(lines.map(byBytes));
  }

  /** With those of a folder in it, which come later and win. */
  with(folder: string, lines: readonly string[]): Patterns {
    if (lines.length === 0) return this;
    const inside = this.inside(folder);
    const placed = inside === '' ? lines : lines.map((line) => placedIn(inside, line));
    return new Patterns(this.folder, [...this.lines, ...placed]);
  }

  match(path: string, isFolder: boolean): boolean {
    const inside = this.inside(path);
    return inside !== '' && this.matcher.ignores(byBytes(isFolder ? `${inside}/` : inside));
  }

  private inside(path: string): string {
    return relative(this.folder, path).split(sep).join('/');
  }
}

/** What of a folder is not to be read: by --exclude and by the .gitignore files of its repository. */
export class IgnoreRules {
  private constructor(
    private readonly excluded: Patterns,
    private readonly ignored: Patterns,
  ) {}

  /**
   * The rules for a folder that was given. Where a .gitignore above excludes the folder itself, what
   * stands in it was asked for all the same.
   * @param exclude patterns of .gitignore, from the folder
   */
  static async of(given: string, exclude: readonly string[]): Promise<IgnoreRules> {
    const folder = resolve(given);
    const excluded = new Patterns(folder, exclude);
    const none = new IgnoreRules(excluded, new Patterns(folder, []));
    const above: string[] = [];
    for (let at = folder; !(await isRepository(at)); at = dirname(at)) {
      // In no repository: nothing above speaks for it.
      if (at === dirname(at)) return none;
      above.unshift(dirname(at));
    }
    let ignored = new Patterns(above[0] ?? folder, []);
    for (const at of above) ignored = ignored.with(at, await linesIn(at));
    return ignored.match(folder, true) ? none : new IgnoreRules(excluded, ignored);
  }

  /** With those of a folder that is being entered. */
  async entering(given: string): Promise<IgnoreRules> {
    const folder = resolve(given);
    const ignored = this.ignored.with(folder, await linesIn(folder));
    return ignored === this.ignored ? this : new IgnoreRules(this.excluded, ignored);
  }

  ignores(path: string, isFolder: boolean): boolean {
    const at = resolve(path);
    if (isFolder && NEVER.has(at.slice(at.lastIndexOf(sep) + 1))) return true;
    return this.excluded.match(at, isFolder) || this.ignored.match(at, isFolder);
  }
}

/** The pattern of a folder's .gitignore as it would be written further up. */
function placedIn(folder: string, line: string): string {
  if (line.startsWith('#')) return '';
  const sign = line.startsWith('!') ? '!' : '';
  const pattern = line.slice(sign.length).replace(/^\//, '');
  if (pattern.trim() === '') return '';
  const isAnchored = /^\/|\/\s*\S/.test(line.slice(sign.length));
  const from = folder.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
  return `${sign}/${from}/${isAnchored ? '' : '**/'}${pattern}`;
}

/** With a character for each byte, as git sees it: to `?`, é is two. */
function byBytes(text: string): string {
  if (isAscii(Buffer.from(text))) return text;
  return Array.from(Buffer.from(text), (byte) =>
    String.fromCharCode(byte < 0x80 ? byte : PRIVATE_USE + byte),
  ).join('');
}

const PRIVATE_USE = 0xe000;

async function linesIn(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, '.gitignore'), 'utf8').catch(() => '');
  return text === '' ? [] : text.replace(/^\uFEFF/, '').split(/\r?\n/);
}

async function isRepository(folder: string): Promise<boolean> {
  return stat(join(folder, '.git')).then(
    () => true,
    () => false,
  );
}
