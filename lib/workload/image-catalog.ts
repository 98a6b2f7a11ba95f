import type { Refusal } from '../app/refusal';
import { RefusedError } from '../app/refused-error';

/** An image reference for each container. */
export type ImageCatalog<Container extends string> = Readonly<Record<Container, string>>;

/**
 * Reads an image catalog: a JSON object that has a string for each of `containers`, and nothing else. Whether each
 * string is an image reference is for the workload to say that uses it.
 *
 * @param file name of the catalog, for messages
 * @throws {RefusedError} naming everything that is wrong
 */
export function parseImageCatalog<Container extends string>(
  file: string,
  text: string,
  containers: readonly Container[],
): ImageCatalog<Container> {
  const catalog = parseObject(file, text);
  const known: readonly string[] = containers;
  const refusals = [
    ...containers
      .filter((container) => typeof catalog[container] !== 'string')
      .map((container) =>
        refuse(container, 'must be given, as a string', catalog[container], 'give it an image'),
      ),
    ...Object.entries(catalog)
      .filter(([container]) => !known.includes(container))
      .map(([container, image]) =>
        refuse(
          container,
          `must be a container, one of ${known.join(', ')}`,
          image,
          'rename or remove it',
        ),
      ),
  ];
  if (refusals.length > 0) throw RefusedError.in(file, refusals);
  return catalog as ImageCatalog<Container>;
}

function parseObject(file: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw RefusedError.in(file, [
      refuse('catalog', `must be JSON (${(error as Error).message})`, text, 'correct it'),
    ]);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw RefusedError.in(file, [
    refuse(
      'catalog',
      'must be an object with an image for each container',
      value,
      'write it as {"redis": "redis:5.0"}',
    ),
  ]);
}

function refuse(field: string, rule: string, received: unknown, mend: string): Refusal {
  return { field, rule, received, mend };
}
