import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ApiObject,
  App as Cdk8sApp,
  type AppProps as Cdk8sAppProps,
  type Chart,
  Names,
} from 'cdk8s';
import { Construct } from 'constructs';
import {
  createdAt,
  type JudgedObject,
  type JudgeOptions,
  ObjectJudge,
  warningsOf,
} from 'kube-verdict/cdk8s';
import { SEPARATOR, toYaml } from '../yaml';
import { objectsOf, resolveDependencies } from './dependencies';
import { addValidation, describeErrors, describeFieldError, ValidationError } from './validation';

/** Those of cdk8s, but for the layout of the output: always one file for each chart, named after it. */
export interface AppProps extends Omit<
  Cdk8sAppProps,
  'yamlOutputType' | 'recordConstructMetadata'
> {
  /**
   * Has Kubernetes judge the text that is written, and accept every object in it.
   *
   * @default - nobody judges the objects
   */
  readonly judge?: Omit<JudgeOptions, 'stringify'>;
}

/** Groups of the kinds that constructs here write and that Kubernetes does not judge: tests hold them to their projects. */
const OTHER_PROJECTS: ReadonlySet<string> = new Set([
  'external-secrets.io',
  'gateway.networking.k8s.io',
  'monitoring.coreos.com',
]);

/** What an app has written. */
export interface Synthesis {
  readonly files: number;
  readonly objects: number;
  /** The version of Kubernetes that judged the objects. @default - they were not judged */
  readonly kubernetes?: string;
  /** How many objects it accepted; it knows nothing of the others' kinds. */
  readonly accepted: number;
}

/**
 * A cdk8s app whose synthesis takes time in proportion to its charts, and which accepts no two objects of one kind,
 * namespace and name.
 *
 * `cdk8s.App` validates and resolves the dependencies of the whole app anew for each chart, so that its time grows
 * with the square of charts. This one does both once, and writes the same files.
 */
export class App extends Cdk8sApp {
  private readonly judge: ObjectJudge | undefined;
  private judged: readonly JudgedObject[] = [];

  constructor({ judge, ...props }: AppProps = {}) {
    super(props);
    // Loading begins here, beside the building of constructs.
    this.judge = judge && new ObjectJudge({ ...judge, stringify: toYaml });
  }

  /**
   * Writes a file for each chart to `outdir`.
   *
   * @throws {ValidationError} if anything in the app is not valid; nothing is written then.
   */
  override synth(): void {
    this.validate();
    const ordered = foldersInOrder(resolveDependencies(this));
    const counts = new Map<string, number>();
    const judged = new Map(this.judged.map(({ object, text }) => [object, text]));
    // All are rendered before any is written, so that one which cannot be leaves no half of an app behind.
    const manifests = this.charts.map((chart) => {
      const folder = folderOf(chart);
      const index = counts.get(folder) ?? 0;
      counts.set(folder, index + 1);
      const order = ordered.has(folder) ? `${String(index).padStart(4, '0')}-` : '';
      return {
        folder: join(this.outdir, folder),
        file: order + fileStem(chart) + this.outputFileExtension,
        text: objectsOf(chart)
          .map((object) => judged.get(object) ?? toYaml(object.toJson()))
          .join(SEPARATOR),
      };
    });
    mkdirSync(this.outdir, { recursive: true });
    for (const { folder, file, text } of manifests) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, file), text);
    }
  }

  /** Counts what there is. */
  get synthesis(): Synthesis {
    return {
      files: this.charts.length,
      objects: this.objects().length,
      ...(this.judge && { kubernetes: this.judge.kubernetes }),
      accepted: this.judged.filter(({ judgement }) => judgement.accepted === true).length,
    };
  }

  private objects(): ApiObject[] {
    return this.node.findAll().filter((c) => ApiObject.isApiObject(c));
  }

  private validate(): void {
    this.judged = this.judge?.judge(this) ?? [];
    const errors = describeErrors(this, this.judged, duplicateObjects(this.objects(), this.judged));
    if (errors.length > 0) throw new ValidationError(errors);
    // Only now: what is refused has often been warned of too.
    const expected = this.judged.filter(({ object }) => !OTHER_PROJECTS.has(object.apiGroup));
    for (const warning of warningsOf(expected)) console.error(warning);
  }
}

/**
 * A folder of the output: each chart in it is written to `<outdir>/<id of the folder>/<id of the chart>.k8s.yaml`.
 * `kubectl apply -f` on a folder leaves the folders in it alone. Folders nest.
 */
export class Folder extends Construct {
  /** @param id name of the folder: lower-case letters, digits and `-` */
  constructor(scope: Construct, id: string) {
    super(scope, id);
    addValidation(this, () =>
      FILE_NAME.test(id)
        ? []
        : [
            {
              field: 'id',
              rule: 'must be the name of a folder, of 1 to 63 lower-case letters, digits or "-"',
              received: id,
              fix: 'use a name such as "production"',
            },
          ],
    );
  }
}

const FILE_NAME = /^[0-9a-z-]{1,63}$/;

/** The folder of a chart's file, as a path from `outdir`. */
function folderOf(chart: Chart): string {
  const folders = chart.node.scopes.filter((scope) => scope instanceof Folder);
  return join('.', ...folders.map(({ node }) => node.id));
}

/** Name of a chart's file without its extension: as cdk8s makes it, but for the path of the folder that it lies in. */
function fileStem(chart: Chart): string {
  const { scope, id } = chart.node;
  return scope instanceof Folder && FILE_NAME.test(id) ? id : Names.toDnsLabel(chart);
}

/** Folders whose files have to be applied in order: cdk8s numbers the files once any chart depends on another. */
function foldersInOrder(dependencies: readonly (readonly [Chart, Chart])[]): Set<string> {
  return new Set(
    dependencies.flatMap(([from, to]) => {
      const folder = folderOf(from);
      return folder === folderOf(to) ? [folder] : [];
    }),
  );
}

/** Where verdicts are kept, so that what has not changed since is not judged again: beside `dist`, which is relative too. */
const VERDICTS = join('.cache', 'verdicts');

/**
 * Synthesizes an app: makes one that Kubernetes judges, has `define` fill it, and writes its manifests. What was written
 * is printed, or sent to the process that asked for it as `{ synthesis }`. Errors that say all there is to say are
 * printed without a stack, and the exit code is 1.
 *
 * @param props @default - written to `dist`, and judged with verdicts that are kept in `.cache`
 */
export function synthesize(define: (app: App) => void, props: AppProps = {}): void {
  try {
    const app = new App({ judge: { cache: VERDICTS }, ...props });
    define(app);
    app.synth();
    const { synthesis } = app;
    if (process.send === undefined) console.log(describeSynthesis(synthesis));
    else process.send({ synthesis });
  } catch (error) {
    if (!(error instanceof ValidationError || isSystemError(error))) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** A file that cannot be read, or a disk that is full: the message of such an error tells all there is to say. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'syscall' in error;
}

/** `2 files, 2 objects, accepted by Kubernetes 1.34.10`. */
export function describeSynthesis({ files, objects, kubernetes, accepted }: Synthesis): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const verdict =
    kubernetes === undefined
      ? 'not judged'
      : accepted === objects
        ? `accepted by Kubernetes ${kubernetes}`
        : `${accepted} accepted by Kubernetes ${kubernetes}, ${objects - accepted} not judged`;
  return `${count(files, 'file')}, ${count(objects, 'object')}, ${verdict}`;
}

/** Objects that share kind, namespace and name with an earlier one: applied, each would overwrite the one before. */
function duplicateObjects(
  objects: readonly ApiObject[],
  judged: readonly JudgedObject[],
): { readonly construct: ApiObject; readonly message: string }[] {
  // Kubernetes knows which kinds are of no namespace.
  const namespaces = new Map(judged.map(({ object, identity }) => [object, identity.namespace]));
  const firsts = new Map<string, ApiObject>();
  return objects.flatMap((object) => {
    const { apiGroup, kind, name } = object;
    const namespace =
      namespaces.get(object) === null ? null : (object.metadata.namespace ?? 'default');
    const identity = `${apiGroup}/${kind} ${namespace ?? ''}/${name}`;
    const first = firsts.get(identity);
    if (first === undefined) {
      firsts.set(identity, object);
      return [];
    }
    const place = createdAt(first);
    const message = describeFieldError({
      field: 'metadata.name',
      rule:
        `must be unique among objects of kind ${kind}${namespace === null ? '' : ` in namespace ${namespace}`}, ` +
        `and ${first.node.path}${place === undefined ? '' : ` (created at ${place})`} already has it`,
      received: name,
      fix:
        namespace === null
          ? 'give one of them another name, or remove it'
          : 'give one of them another name or namespace, or remove it',
    });
    return [{ construct: object, message }];
  });
}
