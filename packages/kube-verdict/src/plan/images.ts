import type { JudgedPair } from './judged-pairs';
import type { ImageChange } from './plan-types';
import { listAt, textAt } from './read';
import { workloadOf } from './workload';

/** Containers whose image changes, alike ones together. */
export function imageChanges(pairs: readonly JudgedPair[]): ImageChange[] {
  const changes = new Map<string, { change: Omit<ImageChange, 'objects'>; objects: string[] }>();
  for (const pair of pairs) {
    if (pair.same || pair.new === undefined) continue;
    const isNew = pair.before === undefined;
    const [before, after] = [imagesOf(pair.before), imagesOf(pair.after ?? pair.new.object)];
    if (after.size === 0) continue;
    for (const container of new Set([...before.keys(), ...after.keys()])) {
      const [old = '', now = ''] = [before.get(container), after.get(container)];
      if (old === now) continue;
      const change = { container, old, new: now, ...movement(old, now) };
      // That what is new has images says nothing; that one of them moves by itself does.
      if (isNew && change.caution === '') continue;
      const key = JSON.stringify([container, old, now]);
      const known = changes.get(key);
      if (known === undefined) {
        changes.set(key, { change, objects: [pair.id] });
      } else {
        known.objects.push(pair.id);
      }
    }
  }
  return [...changes.values()].map(({ change, objects }) => ({ ...change, objects }));
}

function imagesOf(object: unknown): Map<string, string> {
  const images = new Map<string, string>();
  const spec =
    typeof object === 'object' && object !== null
      ? workloadOf(object as Record<string, unknown>)?.podSpec
      : undefined;
  for (const list of ['initContainers', 'containers']) {
    for (const container of listAt(spec, list))
      images.set(textAt(container, 'name'), textAt(container, 'image'));
  }
  return images;
}

interface ImageReference {
  readonly name: string;
  /** Empty for none. */
  readonly tag: string;
  readonly digest: string;
}

/** The parts of an image reference; its name as container runtimes complete it. */
export function imageReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const [tagged, digest] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const [name, tag] = colon < 0 ? [tagged, ''] : [tagged.slice(0, colon), tagged.slice(colon + 1)];
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const complete = hasRegistry ? name : `docker.io/${rest.length > 0 ? name : `library/${name}`}`;
  return { name: complete, tag, digest };
}

function movement(old: string, now: string): Pick<ImageChange, 'moved' | 'caution'> {
  if (now === '') return { moved: 'removed', caution: '' };
  const to = imageReference(now);
  const floating = to.digest === '' && (to.tag === '' || to.tag === 'latest');
  const latest = floating
    ? 'latest is whatever it is at each pull: Pods may run different images'
    : '';
  if (old === '') return { moved: 'added', caution: latest };
  const from = imageReference(old);
  if (from.name !== to.name) return { moved: 'name', caution: latest };
  const [tag, digest] = [from.tag !== to.tag, from.digest !== to.digest];
  if (tag && digest) return { moved: 'tag-and-digest', caution: latest };
  if (digest) {
    const pinned =
      to.digest === '' ? 'no longer pinned by a digest' : 'the same tag, another image';
    return {
      moved: 'digest',
      caution: from.digest === '' ? 'now pinned by a digest' : latest || pinned,
    };
  }
  const unmoved =
    to.digest === '' ? latest : 'the digest decides: it is the same image under another tag';
  return { moved: 'tag', caution: unmoved };
}
