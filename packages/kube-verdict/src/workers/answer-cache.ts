import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../module/make-folder';
import { PACKAGE_MODULE } from '../module/package-module';
import type { About } from '../verdict/judgement';
import type { Answer } from './give-up';

/** Characters of answers that are kept: what was written first goes first. */
const MAX_LENGTH = 48 * 1024 * 1024;
/** Files of answers, with which they become one. */
const MAX_FILES = 8;

const ABOUT = '{"op":"about"}';

/**
 * Answers of the module, kept in a folder from one run to the next. An answer is that of one module
 * to one request, all that it is judged by included, so that it never goes stale. Any number of
 * processes may use a folder at once; what is damaged in it is not used.
 */
export class AnswerCache {
  private readonly module: string;
  private readonly known = new Map<string, string>();
  private readonly fresh = new Map<string, string>();
  private readonly files: readonly string[];
  private knownAbout: About | undefined;

  /** A folder that is not there, or cannot be read, holds nothing. */
  constructor(private readonly folder: string) {
    this.module = readFileSync(join(PACKAGE_MODULE, 'verdict.wasm.sha256'), 'utf8').slice(0, 64);
    this.files = this.filesThere();
    let room = MAX_LENGTH;
    for (const file of this.files.toReversed()) room -= this.read(file, room);
  }

  /** What the module says of itself, if it was ever asked. */
  about(): About | undefined {
    const json = this.get(ABOUT)?.json;
    if (json !== undefined) this.knownAbout ??= JSON.parse(json) as About;
    return this.knownAbout;
  }

  keepAbout(about: About): void {
    if (this.about() === undefined) this.set(ABOUT, { json: JSON.stringify(about) });
  }

  get(request: string): { readonly json: string } | undefined {
    const key = digestOf(request);
    const json = this.known.get(key) ?? this.fresh.get(key);
    return json === undefined ? undefined : { json };
  }

  /** Keeps an answer, unless the module gave up: the next time it may not. */
  set(request: string, answer: Answer): void {
    if ('json' in answer) this.fresh.set(digestOf(request), answer.json);
  }

  /**
   * Writes what is new.
   * @throws Error of the file system
   */
  save(): void {
    if (this.fresh.size === 0) return;
    const merges = this.files.length >= MAX_FILES;
    const lines: string[] = [];
    let room = MAX_LENGTH;
    for (const [key, json] of [...this.fresh, ...(merges ? this.known : [])]) {
      const line = `${key} ${checkOf(key, json)} ${json}\n`;
      room -= line.length;
      if (room >= 0) lines.push(line);
    }
    makeFolder(this.folder);
    const name = `${this.module}-${String(Date.now()).padStart(15, '0')}-${randomUUID()}.answers`;
    const temporary = join(this.folder, `${name}.tmp`);
    try {
      writeFileSync(temporary, lines.join(''), { flag: 'wx' });
      renameSync(temporary, join(this.folder, name));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    if (merges) this.remove(this.files);
    for (const [key, json] of this.fresh) this.known.set(key, json);
    this.fresh.clear();
  }

  private filesThere(): string[] {
    let names: string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return [];
    }
    const answers = names.filter((name) => name.endsWith('.answers'));
    this.remove(answers.filter((name) => !name.startsWith(this.module)));
    return answers.filter((name) => name.startsWith(this.module)).sort();
  }

  /** How long it is; nothing of one is taken that there is no room for. */
  private read(name: string, room: number): number {
    let text: string;
    try {
      const path = join(this.folder, name);
      if (statSync(path).size > room) return 0;
      text = readFileSync(path, 'utf8');
    } catch {
      return 0; // Another process has merged it meanwhile.
    }
    for (const line of text.split('\n')) {
      const [key = '', check = ''] = line.split(' ', 2);
      const json = line.slice(key.length + check.length + 2);
      if (json !== '' && check === checkOf(key, json)) this.known.set(key, json);
    }
    return text.length;
  }

  private remove(names: readonly string[]): void {
    for (const name of names) {
      try {
        rmSync(join(this.folder, name), { force: true });
      } catch {
        // What is left costs room alone.
      }
    }
  }
}

function checkOf(key: string, json: string): string {
  return digestOf(`${key} ${json}`).slice(0, 16);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
