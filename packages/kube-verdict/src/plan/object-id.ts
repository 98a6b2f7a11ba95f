import type { Identity } from '../verdict/identity';
import { groupOf } from './workload';

/**
 * What a cluster knows an object by, whatever its version, as text: group, kind, namespace (empty
 * for none) and name, each written as in a URL. It holds nothing that could break out of anything.
 */
export function objectId({ apiVersion, kind, namespace, name }: Identity): string {
  return idOf(groupOf(apiVersion), kind, namespace, name);
}

export function idOf(group: string, kind: string, namespace: string | null, name: string): string {
  return [group, kind, namespace ?? '', name].map(part).join('/');
}

/** The text with its lone surrogates replaced, which are no text. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}

function part(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
