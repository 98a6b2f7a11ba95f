import type { Member } from '../side';

/** A set cannot be had: the text says what is wrong and what to do about it. */
export class SourceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SourceError';
  }
}

/** One of the two sets that a plan is of. */
export interface ObjectSet {
  /** As it is shown. */
  readonly name: string;
  readonly members: readonly Member[];
}

/** What a set is to be read from. */
export type Source =
  /** A file, a folder, or `-` for standard input. */
  | { readonly kind: 'path'; readonly path: string }
  /** A file or folder as a commit has it; of the repository that holds the working folder. */
  | { readonly kind: 'git'; readonly ref: string; readonly path: string }
  /** What a cluster holds of the namespaces and kinds of the other side. */
  | { readonly kind: 'live'; readonly context: string | undefined };

/**
 * `git:REF:PATH`, `live:` or `live:CONTEXT/`, or else a path.
 * @throws SourceError when a prefix is not followed by what it needs
 */
export function parseSource(text: string): Source {
  if (text.startsWith('git:')) {
    const colon = text.indexOf(':', 4);
    const [ref, path] = colon < 0 ? ['', ''] : [text.slice(4, colon), text.slice(colon + 1)];
    if (ref === '' || path === '') {
      throw new SourceError(`${text}: must be git:REF:PATH, as git:main:dist`);
    }
    return { kind: 'git', ref, path };
  }
  if (text.startsWith('live:')) {
    const context = text.slice(5).replace(/\/$/, '');
    return { kind: 'live', context: context === '' ? undefined : context };
  }
  return { kind: 'path', path: text };
}
