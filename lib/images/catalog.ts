import {
  applyEdits,
  getNodeValue,
  modify,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { describeFieldError, type FieldError, ValidationError } from '../app/validation';
import { validateImage } from './reference';

/**
 * An image reference for each use of an image. A container of the lesson uses `redis`; the same program elsewhere is
 * another use, with the place in front: `production/redis`.
 */
export type ImageCatalog<Use extends string = string> = Readonly<Record<Use, string>>;

/**
 * Reads an image catalog: a JSON object that has an image reference for each of `uses`, and nothing else.
 *
 * @param file name of the catalog, for messages
 * @param uses @default - whatever the catalog has
 * @throws {ValidationError} naming everything that is wrong, with its line
 */
export function parseImageCatalog<Use extends string>(
  file: string,
  text: string,
  uses?: readonly Use[],
): ImageCatalog<Use> {
  const entries = parseEntries(file, text);
  const errors = [
    ...validateEntries(entries),
    ...(uses === undefined ? [] : validateUses(entries, uses)),
  ];
  if (errors.length > 0) throw catalogError(file, errors);
  return Object.fromEntries(entries.map(({ use, image }) => [use, image])) as ImageCatalog<Use>;
}

/** The text of a catalog with the image of one use replaced, and all else as it was written. */
export function replaceImage(text: string, use: string, image: string): string {
  return applyEdits(text, modify(text, [use], image, {}));
}

interface Entry {
  readonly use: string;
  readonly image: unknown;
  readonly line: number;
}

/** An error in a catalog, and its line where it is one line's. */
interface CatalogError extends FieldError {
  readonly line?: number;
}

function catalogError(file: string, errors: readonly CatalogError[]): ValidationError {
  return new ValidationError(
    errors.map(({ line, ...error }) => {
      const place = line === undefined ? file : `${file}:${line}`;
      return `[${place}] ${describeFieldError(error)}`;
    }),
  );
}

function parseEntries(file: string, text: string): Entry[] {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const [error] = errors;
  if (error !== undefined) {
    const line = lineAt(error.offset);
    throw catalogError(file, [
      {
        line,
        field: 'catalog',
        // `CommaExpected` becomes "comma expected".
        rule: `must be JSON (${printParseErrorCode(error.error)
          .replace(/\B[A-Z]/g, ' $&')
          .toLowerCase()})`,
        received: text.split('\n')[line - 1]?.trim(),
        fix: 'correct it',
      },
    ]);
  }
  if (tree?.type !== 'object') {
    throw catalogError(file, [
      {
        field: 'catalog',
        rule: 'must be an object with an image for each use',
        received: text.trim(),
        fix: 'write it as {"redis": "redis:5.0"}',
      },
    ]);
  }
  return (tree.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined
      ? []
      : {
          use: key.value as string,
          image: value === undefined ? undefined : (getNodeValue(value) as unknown),
          line: lineAt(key.offset),
        },
  );
}

function validateEntries(entries: readonly Entry[]): CatalogError[] {
  const lines = new Map<string, number>();
  return entries.flatMap(({ use, image, line }) => {
    const first = lines.get(use);
    if (first === undefined) {
      lines.set(use, line);
      return validateImage(use, image).map((error) => ({ ...error, line }));
    }
    return [
      {
        line,
        field: use,
        rule: `must be given once, and line ${first} already gives it`,
        received: image,
        fix: 'remove one of the two',
      },
    ];
  });
}

/** A missing use and one that nobody knows are taken for one misspelt name. */
function validateUses(entries: readonly Entry[], uses: readonly string[]): CatalogError[] {
  const given = new Set(entries.map(({ use }) => use));
  const missing = uses.filter((use) => !given.has(use));
  const unknown = entries.filter(({ use }) => !uses.includes(use));
  return [
    ...unknown.map(({ use, image, line }, index) => {
      const meant = missing[index];
      return {
        line,
        field: use,
        rule: `must be one of ${uses.join(', ')}`,
        received: image,
        fix:
          meant === undefined ? 'rename or remove it' : `rename it to "${meant}", which is missing`,
      };
    }),
    ...missing.slice(unknown.length).map((use) => ({
      field: use,
      rule: 'must be given',
      received: undefined,
      fix: `add a line such as "${use}": "${use.slice(use.lastIndexOf('/') + 1)}:1.0"`,
    })),
  ];
}
