import { describeFieldError, parseImageCatalog, replaceImage, validateImage } from '../lib';
import { CommandError, UsageError } from './command';
import { describeWorkload, isReferenceTo, type Workload } from './manifests';

/** What `npm run set-image` is asked to do. */
export interface ImageChangeRequest {
  /** An object that must exist and have the containers: `deployment/user-service`. @default - any */
  readonly object?: string;
  readonly images: readonly RequestedImage[];
}

interface RequestedImage {
  readonly container: string;
  /** Key of the image catalog: the container's name, with the environment of the object in front. */
  readonly use: string;
  readonly image: string;
}

/** A catalog with other images. */
export interface ImageChange {
  readonly catalog: string;
  /** The images that are not what they were. */
  readonly changed: readonly (RequestedImage & { readonly from: string })[];
}

/**
 * Reads `[[ENVIRONMENT/]KIND/NAME] CONTAINER=IMAGE…`.
 *
 * @throws {UsageError} for anything else
 */
export function parseImageChange(positionals: readonly string[]): ImageChangeRequest {
  const [first = ''] = positionals;
  const object = first.includes('/') && !first.includes('=') ? first : undefined;
  const environment = object?.split('/').slice(0, -2) ?? [];
  const images = positionals.slice(object === undefined ? 0 : 1).map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`${text}: not of the form CONTAINER=IMAGE`);
    const use = [...environment, text.slice(0, equals)].join('/');
    return { use, container: containerOf(use), image: text.slice(equals + 1) };
  });
  const uses = images.map(({ use }) => use);
  const repeated = uses.find((use, index) => uses.indexOf(use) < index);
  if (repeated !== undefined) throw new UsageError(`${repeated}: given twice`);
  if (images.length === 0) throw new UsageError('no CONTAINER=IMAGE given');
  return { ...(object !== undefined && { object }), images };
}

/**
 * The catalog with the images that are asked for.
 *
 * @param file name of the catalog, for messages
 * @throws {CommandError} for an image that is none, or that the catalog has no place for
 * @throws {ValidationError} for a catalog that cannot be read
 */
export function changeImages(
  file: string,
  catalog: string,
  { images }: ImageChangeRequest,
): ImageChange {
  const current = parseImageCatalog(file, catalog);
  const known = Object.keys(current);
  const reasons = images.flatMap(({ use, image }) =>
    known.includes(use)
      ? validateImage(use, image).map(describeFieldError)
      : [`${use}: no such container in ${file}; there are ${known.join(', ')}`],
  );
  if (reasons.length > 0) throw new CommandError(`${reasons.join('\n')}\nNothing was changed.`);
  return {
    catalog: images.reduce((text, { use, image }) => replaceImage(text, use, image), catalog),
    changed: images.flatMap((requested) => {
      const from = current[requested.use] ?? '';
      return from === requested.image ? [] : [{ ...requested, from }];
    }),
  };
}

/**
 * Makes sure that the object which was asked for is there, and runs the images.
 *
 * @param workloads as they are to be
 * @throws {CommandError} naming those that are there
 */
export function validateObject(
  { object, images }: ImageChangeRequest,
  workloads: readonly Workload[],
): void {
  if (object === undefined) return;
  const named = workloads.filter((workload) => isReferenceTo(object, workload));
  const refuse = (reason: string) => new CommandError(`${object}${reason}\nNothing was changed.`);
  if (named.length === 0)
    throw refuse(`: no such object; there are ${workloads.map(describeWorkload).join(', ')}`);
  const running = new Map(named.flatMap((workload) => [...workload.images]));
  const missing = images.filter(({ container }) => !running.has(container));
  if (missing.length > 0) {
    const names = missing.map(({ container }) => container).join(', ');
    throw refuse(` has no container ${names}; it has ${[...running.keys()].join(', ')}`);
  }
  const other = images.find(({ container, image }) => running.get(container) !== image);
  if (other === undefined) return;
  const { container, use } = other;
  throw refuse(
    `: its container ${container} runs ${running.get(container) ?? ''}, which is not the image ${use} of the catalog`,
  );
}

/** What was changed, a line for each image and each workload that runs it. */
export function describeImageChange(
  { object }: ImageChangeRequest,
  { changed }: ImageChange,
  workloads: readonly Workload[],
): string[] {
  const runs = changed.map(({ use, container, image }) =>
    workloads.filter(
      (workload) =>
        [workload.environment, container].filter(Boolean).join('/') === use &&
        workload.images.get(container) === image,
    ),
  );
  const isShared = runs.flat().some((workload) => !isReferenceTo(object ?? '', workload));
  return [
    ...changed.flatMap(({ use, from, image }, index) => [
      `${use}: ${from} → ${image}`,
      ...(runs[index] ?? []).map(
        (workload) => `  in ${describeWorkload(workload)}, dist/${workload.file}`,
      ),
    ]),
    ...(object !== undefined && isShared
      ? [`The catalog is shared: every manifest that uses the image changes, not only ${object}.`]
      : []),
  ];
}

function containerOf(use: string): string {
  return use.slice(use.lastIndexOf('/') + 1);
}
