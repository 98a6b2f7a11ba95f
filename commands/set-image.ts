/**
 * `npm run set-image -- [KIND/NAME] CONTAINER=IMAGE…`: changes images in the catalog and synthesizes again.
 *
 * The catalog is shared, so every manifest that uses an image changes. KIND/NAME, which `kubectl set image` takes in
 * this place, only makes sure that the object exists and has those containers.
 */
import { readFileSync } from 'node:fs';
import { applyEdits, modify, parse, type ParseError, printParseErrorCode } from 'jsonc-parser';
import { describeRefusal } from '../lib/app/refusal';
import { refuseImage } from '../lib/workload/image-reference';
import { describeWorkload, isReferenceTo, readWorkloads, type Workload } from './manifests';
import { parseArguments, program, Refusal, WrongUsage } from './program';
import { describeChanges, IMAGE_CATALOG, stageSynthesis } from './synthesis';

const USAGE = 'npm run set-image -- [KIND/NAME] CONTAINER=IMAGE…';

interface Assignment {
  readonly container: string;
  readonly image: string;
}

program(async (argv) => {
  const { positionals } = parseArguments(argv, {
    usage: USAGE,
    options: {},
    allowPositionals: true,
  });
  const { reference, assignments } = parsePositionals(positionals);
  const before = readFileSync(IMAGE_CATALOG, 'utf8');
  const images = parseCatalog(before);
  refuseAssignments(assignments, images);

  await stageSynthesis(
    process.cwd(),
    ({ dist, changes, replace }) => {
      const workloads = readWorkloads(dist);
      if (reference !== undefined) refuseReference(reference, assignments, workloads);
      const changed = assignments.filter(({ container, image }) => images[container] !== image);
      if (changed.length === 0) {
        console.log(
          `unchanged: ${assignments.map(({ container, image }) => `${container}=${image}`).join(' ')}`,
        );
        return;
      }
      if (readFileSync(IMAGE_CATALOG, 'utf8') !== before) {
        throw new Refusal(
          `${IMAGE_CATALOG} was changed meanwhile, and is left as it is now. Run the command again.`,
        );
      }
      replace();
      for (const { container, image } of changed) {
        console.log(`${container}: ${images[container] ?? ''} → ${image}`);
        for (const workload of workloads.filter(
          (workload) => workload.images.get(container) === image,
        )) {
          console.log(`  in ${describeWorkload(workload)}, dist/${workload.file}`);
        }
      }
      if (reference !== undefined) {
        console.log(
          `The catalog is shared: every manifest that uses the image changes, not only ${reference}.`,
        );
      }
      console.log(describeChanges(changes));
    },
    assignments.reduce(assign, before),
  );
});

function parsePositionals(positionals: readonly string[]): {
  readonly reference: string | undefined;
  readonly assignments: readonly Assignment[];
} {
  const [first = ''] = positionals;
  const reference = first.includes('/') && !first.includes('=') ? first : undefined;
  const assignments = positionals.slice(reference === undefined ? 0 : 1).map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1)
      throw new WrongUsage(`${text}: not of the form CONTAINER=IMAGE\nusage: ${USAGE}`);
    return { container: text.slice(0, equals), image: text.slice(equals + 1) };
  });
  const containers = assignments.map(({ container }) => container);
  const repeated = containers.find((container, index) => containers.indexOf(container) < index);
  if (repeated !== undefined) throw new WrongUsage(`${repeated}: given twice\nusage: ${USAGE}`);
  if (assignments.length === 0) throw new WrongUsage(`no CONTAINER=IMAGE given\nusage: ${USAGE}`);
  return { reference, assignments };
}

function parseCatalog(text: string): Readonly<Record<string, string>> {
  const errors: ParseError[] = [];
  const catalog: unknown = parse(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error === undefined && typeof catalog === 'object' && catalog !== null)
    return catalog as Record<string, string>;
  const line = text.slice(0, error?.offset ?? 0).split('\n').length;
  const reason = error === undefined ? 'not an object' : printParseErrorCode(error.error);
  throw new Refusal(
    `${IMAGE_CATALOG}:${String(line)}: ${reason}; correct it, then run the command again.`,
  );
}

function refuseAssignments(
  assignments: readonly Assignment[],
  images: Readonly<Record<string, string>>,
): void {
  const known = Object.keys(images);
  const reasons = assignments.flatMap(({ container, image }) =>
    known.includes(container)
      ? refuseImage(container, image).map(describeRefusal)
      : [`${container}: no such container in ${IMAGE_CATALOG}; there are ${known.join(', ')}`],
  );
  if (reasons.length > 0) throw new Refusal(`${reasons.join('\n')}\nNothing was changed.`);
}

function refuseReference(
  reference: string,
  assignments: readonly Assignment[],
  workloads: readonly Workload[],
): void {
  const named = workloads.filter((workload) => isReferenceTo(reference, workload));
  if (named.length === 0) {
    const known = workloads.map(describeWorkload).join(', ');
    throw new Refusal(`${reference}: no such object; there are ${known}\nNothing was changed.`);
  }
  const containers = new Set(named.flatMap(({ images }) => [...images.keys()]));
  const missing = assignments
    .map(({ container }) => container)
    .filter((container) => !containers.has(container));
  if (missing.length > 0) {
    const known = [...containers].join(', ');
    throw new Refusal(
      `${reference} has no container ${missing.join(', ')}; it has ${known}\nNothing was changed.`,
    );
  }
}

/** The catalog with one image replaced, formatted as before. */
function assign(catalog: string, { container, image }: Assignment): string {
  return applyEdits(catalog, modify(catalog, [container], image, {}));
}
