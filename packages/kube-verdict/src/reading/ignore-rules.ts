import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Never manifests, and often larger than all of them. */
const NEVER = new Set(['.git', 'node_modules']);

interface Rules {
  readonly folder: string;
  readonly rules: Ignore;
}

/** What of a folder is not to be read: by --exclude and by the .gitignore files of its repository. */
export class IgnoreRules {
  private constructor(
    private readonly excluded: Rules,
    private readonly inherited: readonly Rules[],
  ) {}

  /**
   * The rules for a folder that was given. Where a .gitignore above excludes the folder itself, what
   * stands in it was asked for all the same.
   * @param exclude patterns of .gitignore, from the folder
   */
  static async of(given: string, exclude: readonly string[]): Promise<IgnoreRules> {
    const folder = resolve(given);
    const excluded = { folder, rules: ignore().add([...exclude]) };
    const above: Rules[] = [];
    for (let at = dirname(folder), below = folder; ; below = at, at = dirname(at)) {
      if (await isRepository(below)) break;
      if (at === below) {
        // In no repository: nothing above speaks for it.
        return new IgnoreRules(excluded, []);
      }
      above.unshift(...(await rulesIn(at)));
    }
    const rules = new IgnoreRules(excluded, above);
    return rules.ignores(folder, true) ? new IgnoreRules(excluded, []) : rules;
  }

  /** With those of a folder that is being entered. */
  async entering(folder: string): Promise<IgnoreRules> {
    const own = await rulesIn(resolve(folder));
    return own.length === 0 ? this : new IgnoreRules(this.excluded, [...this.inherited, ...own]);
  }

  ignores(path: string, isFolder: boolean): boolean {
    const at = resolve(path);
    if (isFolder && NEVER.has(at.slice(at.lastIndexOf(sep) + 1))) return true;
    if (verdictOf(this.excluded, at, isFolder) === true) return true;
    for (const rules of this.inherited.toReversed()) {
      const ignored = verdictOf(rules, at, isFolder);
      if (ignored !== undefined) return ignored;
    }
    return false;
  }
}

function verdictOf({ folder, rules }: Rules, path: string, isFolder: boolean): boolean | undefined {
  const inside = relative(folder, path).split(sep).join('/');
  if (inside === '' || inside.startsWith('../')) return undefined;
  const { ignored, unignored } = rules.test(isFolder ? `${inside}/` : inside);
  return ignored ? true : unignored ? false : undefined;
}

async function rulesIn(folder: string): Promise<Rules[]> {
  const text = await readFile(join(folder, '.gitignore'), 'utf8').catch(() => '');
  return text === '' ? [] : [{ folder, rules: ignore().add(text) }];
}

async function isRepository(folder: string): Promise<boolean> {
  return stat(join(folder, '.git')).then(
    () => true,
    () => false,
  );
}
