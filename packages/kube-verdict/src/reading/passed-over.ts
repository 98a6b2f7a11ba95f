import type { ReadDocument, ReadObject } from './reader';
import type { SourceDocument } from './source-document';

/** Why what stands in a folder is not judged. */
export type PassedOverReason = 'no manifest' | 'template' | 'kustomization' | 'patch' | 'content';

/** For each reason: what so many files are, and what to do about them. */
const WORDS: Readonly<Record<PassedOverReason, readonly [one: string, many: string]>> = {
  'no manifest': ['is no manifest', 'are no manifests'],
  template: ['is a template', 'are templates'],
  kustomization: ['is a kustomization', 'are kustomizations'],
  patch: ['is a patch of a kustomization', 'are patches of a kustomization'],
  content: ['is read by a kustomization', 'are read by a kustomization'],
};

export const RENDER_IT = 'render it first: helm template … | kube-verdict check -';

const ADVICE: Partial<Record<PassedOverReason, string>> = {
  template: RENDER_IT,
  kustomization: '--kustomize judges what kustomize makes of it',
};

/** `12 are no manifests, 1 is a template (render it first: …)` */
export function describePassedOver(counts: ReadonlyMap<PassedOverReason, number>): string {
  return [...counts]
    .map(([reason, count]) => {
      const advice = ADVICE[reason];
      const words = WORDS[reason][count === 1 ? 0 : 1];
      return `${count} ${words}${advice === undefined ? '' : ` (${advice})`}`;
    })
    .join(', ');
}

/** What is wrong with it, where it was given by name. */
export function mistakeOf(reason: PassedOverReason): string {
  const advice = ADVICE[reason];
  return `it ${WORDS[reason][0]}${advice === undefined ? '' : `: ${advice}`}`;
}

const IN_BRACES = /\{\{|\{%/;
/** What Go templates are full of, and the text of an annotation is not. */
const DIRECTIVE =
  /\{\{-?\s*(?:if|else|end|range|with|include|define|template|\.Values|\.Release|\/\*)/;
const NAMES = /^[ \t]*["']?(?:apiVersion|kind)["']?[ \t]*:/m;
/** As most JSON has them that stands on one line. */
const NAMES_INLINE = [/[{,]\s*["']?apiVersion["']?\s*:/, /[{,]\s*["']?kind["']?\s*:/];

export function isTemplate(text: string): boolean {
  return IN_BRACES.test(text);
}

/** Why a document that no object can be read from was never meant to be read as it is. */
export function reasonOfUnread(
  document: SourceDocument,
  read: ReadDocument,
): PassedOverReason | undefined {
  if (read.noManifest === true) return 'no manifest';
  const { text } = document;
  if (IN_BRACES.test(text) || DIRECTIVE.test(document.wholeText)) return 'template';
  const isNamed = NAMES.test(text) || NAMES_INLINE.every((name) => name.test(text));
  return isNamed ? undefined : 'no manifest';
}

/** Why an object that can be read is none for a cluster. */
export function reasonOfObject(object: ReadObject): PassedOverReason | undefined {
  const { apiVersion, kind, name = '', namespace = '', generateName = '' } = object;
  if (IN_BRACES.test([apiVersion, kind, name, namespace, generateName].join('\n'))) {
    return 'template';
  }
  return apiVersion.startsWith('kustomize.config.k8s.io/') ? 'kustomization' : undefined;
}
