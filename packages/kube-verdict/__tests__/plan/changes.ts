/** Tests of what is told of a change, and only where this change makes it so. */
import { found, planned } from './planned';

/** What changes, beside what stays, and what is found. */
export type Change = [what: string, old: object[], now: object[], stays: object[], finds: string[]];

/** That each change has what it finds told, and the next change of the same objects has not. */
export function tellsOnce(changes: readonly Change[]): void {
  it.each(changes)('finds %s', async (_what, old, now, stays, finds) => {
    expect(found(await planned([...stays, ...old], [...stays, ...now]))).toEqual(finds);
  });

  it.each(changes)('does not tell of what was so before: %s', async (_what, _old, now, stays) => {
    const after = [...stays, ...now];
    expect(found(await planned(after, after.map(relabelled)))).toEqual([]);
  });
}

/** The object with another label of its own, which changes nothing for others. */
function relabelled(object: object): object {
  const { kind, metadata } = object as { kind: string; metadata: object };
  return kind === 'Pod' ? object : { ...object, metadata: { ...metadata, labels: { x: '1' } } };
}
