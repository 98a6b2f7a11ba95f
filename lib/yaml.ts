import { Yaml } from 'cdk8s';
import { Document, isScalar, visit } from 'yaml';

/** The line between two manifests of a file. */
export const SEPARATOR = '---\n';

const NUMBER = /^[-+]?(0[box][0-9a-f]*|(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]+)?)$/i;
const NOT_PLAIN = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** Whether any of these may be in a manifest, by its JSON: cdk8s itself minds numbers without `_` and letters. */
const SUSPICIOUS = new RegExp(`"[-+_]*0_*[boxBOX]|"[-+.0-9][-+.0-9eE]*_|${NOT_PLAIN.source}`);

/**
 * A manifest as text. It is that of `cdk8s.Yaml`, but for the few strings that kubectl would not read back as
 * they are: numbers in notations of YAML 1.2 or Go (`0o17`, `0B1`, `1_e3`), and characters that YAML takes for the end of a line.
 */
export function toYaml(manifest: unknown): string {
  if (!SUSPICIOUS.test(JSON.stringify(manifest))) return Yaml.stringify(manifest);
  // As cdk8s makes it.
  const document = new Document(manifest, { keepUndefined: true, version: '1.1' });
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar<string>(node) && typeof node.value === 'string' && isMisread(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .replace(NOT_PLAIN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isMisread(text: string): boolean {
  // No number begins with `_`, but `+_0` is one to Go.
  const isNumber = !text.startsWith('_') && NUMBER.test(text.replaceAll('_', ''));
  return isNumber || text.search(NOT_PLAIN) >= 0;
}
