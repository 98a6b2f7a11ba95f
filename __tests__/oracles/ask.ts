import { execFileSync } from 'node:child_process';

/** What a Go program of this folder answers to each of these texts. */
export function ask<Answer>(program: 'reference' | 'yaml', texts: readonly string[]): Answer[] {
  const printed = execFileSync('go', ['run', `./${program}`], {
    cwd: __dirname,
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  return JSON.parse(printed) as Answer[];
}
