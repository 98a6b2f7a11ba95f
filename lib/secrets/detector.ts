import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretLintRuleContext, SecretLintSourceCode } from '@secretlint/types';

/** What secretlint's rules leave out (https://github.com/secretlint/secretlint), or take for a placeholder. */
const FURTHER: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/,
  // Kubernetes puts the value of a variable in the place of $(NAME).
  'the password of a URL': /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(?!\$\([A-Za-z_]\w*\)@)[^\s/@]+@/i,
  'an AWS access key': /(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  'a Stripe key': /(?<![A-Za-z0-9])((sk|rk)_(live|test)|whsec)_[A-Za-z0-9]{16,}/,
  'a Google API key': /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/,
  'a JSON Web Token': /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}/,
};

/* istanbul ignore next -- rules of the preset have no need of it */
const nothing = () => undefined;

/* istanbul ignore next -- rules look at the text; places in it are for reports that show it, which this one does not */
const nowhere = (): never => {
  throw new Error('a rule of secretlint asks for a place in the text');
};

const found: string[] = [];
const context: SecretLintRuleContext = {
  sharedOptions: {},
  createTranslator: () => (id, data) => ({ messageId: String(id), message: String(id), data }),
  report: ({ message }) => found.push(message.messageId),
  ignore: nothing,
};
const scanners = rules
  // A filter lets the text itself say that nothing is to be reported.
  .filter(({ meta }) => meta.type === 'scanner')
  .map((rule) => rule.create(context, {}));

/**
 * What a text seems to hold that only its owner should know: credentials of a known format, or characters that only a
 * generator puts so. Hashes in hexadecimal, digests and UUIDs are random too, and no secrets.
 *
 * @param name what the text is the value of, which tells some secrets from other random characters. @default - none
 * @returns undefined if it seems to hold none
 */
export function secretIn(text: string, name = ''): string | undefined {
  for (const [what, pattern] of Object.entries(FURTHER)) if (pattern.test(text)) return what;
  const source = sourceCode(name === '' ? text : `${name}=${text}`);
  found.length = 0;
  // The rules of the preset are synchronous: tests hold each to what it finds.
  for (const scanner of scanners) void scanner.file?.(source);
  const [rule] = found;
  if (rule !== undefined) return `what secretlint calls ${rule}`;
  return text.split(BETWEEN_TOKENS).some(isGenerated) ? 'a generated key' : undefined;
}

function sourceCode(content: string): SecretLintSourceCode {
  return {
    content,
    contentType: 'text',
    ext: '',
    hasBOM: false,
    filePath: undefined,
    physicalFilePath: undefined,
    getFilePath: nothing,
    getPhysicalFilePath: nothing,
    locationToRange: nowhere,
    rangeToLocation: nowhere,
    positionToIndex: nowhere,
    indexToPosition: nowhere,
  };
}

const BETWEEN_TOKENS = /[^A-Za-z0-9+/_=:-]+|(?<=[^=])=(?=[^=])/;
/** A digest by its algorithm: `sha256:…` of images, `sha256-…` of subresource integrity, `SHA256:…` of SSH. */
const DIGEST = /^sha(1|256|384|512)[:-]/i;

/**
 * Whether these are characters of base64 that nobody would put in this order: of upper case, lower case and digits, all
 * mixed. Names of many words, however they are written, change from one to another far less often.
 */
function isGenerated(token: string): boolean {
  if (token.length < 20 || DIGEST.test(token)) return false;
  if (!/[a-z]/.test(token) || !/[A-Z]/.test(token) || !/[0-9]/.test(token)) return false;
  const words = token.match(/[a-z]{3,}/g) ?? [];
  if (words.join('').length > token.length / 2) return false;
  // From one letter of a word to the next, and from its first, a capital, is no change.
  const changes = token.match(/(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]/g) ?? [];
  return changes.length > token.length / 5 && entropy(token) > 0.8 * largest(token.length);
}

/** Bits for each character, by how often each is in the text (Shannon). */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
  return [...counts.values()].reduce(
    (bits, count) => bits - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}

/** The entropy of so many characters of base64, all different as long as there are others. */
function largest(length: number): number {
  return Math.log2(Math.min(length, 64));
}
