import type { Reader } from '../../reading/reader';
import type { About } from '../../verdict/judgement';
import type { Member } from '../side';
import { membersOfCluster } from './cluster';
import { membersAt } from './files';
import { membersOfCommit } from './git';
import { type ObjectSet, parseSource, type Source, SourceError } from './source';

/**
 * The two sets of a plan. What a cluster holds is read for the kinds and namespaces of the other side.
 * @throws SourceError
 */
export async function readSets(
  reader: Reader,
  about: Promise<About>,
  old: string,
  now: string,
): Promise<readonly [ObjectSet, ObjectSet]> {
  const sources = [parseSource(old), parseSource(now)] as const;
  const [first, second] = sources;
  if (isStandardInput(first) && isStandardInput(second)) {
    throw new SourceError('standard input can be one side only');
  }
  if (first.kind === 'live' && second.kind === 'live') {
    throw new SourceError(
      'one side has to say which objects of the cluster are meant: live: can be one side only',
    );
  }
  const [before, after] = await bothOf(sources.map((source) => written(source, reader)));
  const read = async (
    members: Member[] | undefined,
    other: Member[] | undefined,
    source: Source,
  ): Promise<Member[]> => {
    if (members !== undefined) return members;
    return membersOfCluster(
      source.kind === 'live' ? source.context : undefined,
      other ?? [],
      await about,
    );
  };
  return [
    { name: old, members: await read(before, after, first) },
    { name: now, members: await read(after, before, second) },
  ];
}

/**
 * What both sides are, or what is wrong with either.
 * @throws SourceError
 */
async function bothOf<T>(sides: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(sides);
  const reasons = settled.flatMap((side): unknown[] =>
    side.status === 'rejected' ? [side.reason] : [],
  );
  if (reasons.length > 0 && reasons.every((reason) => reason instanceof SourceError)) {
    // Both sides may be the same.
    throw new SourceError([...new Set(reasons.map(({ message }) => message))].join('\n'));
  }
  return Promise.all(sides);
}

function isStandardInput(source: Source): boolean {
  return source.kind === 'path' && source.path === '-';
}

/** The members of a source that is no cluster. */
async function written(source: Source, reader: Reader): Promise<Member[] | undefined> {
  switch (source.kind) {
    case 'path':
      return membersAt(source.path, reader);
    case 'git':
      return membersOfCommit(source.ref, source.path, reader);
    case 'live':
      return undefined;
  }
}
