import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ApiObject,
  App as Cdk8sApp,
  type AppProps as Cdk8sAppProps,
  type Chart,
  Names,
  Yaml,
} from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { objectsOf, resolveDependencies } from './dependencies';
import { addValidation, type FieldError, ValidationError } from './validation';

/** Those of cdk8s, but for the layout of the output: always one file for each chart, named after it. */
export type AppProps = Omit<Cdk8sAppProps, 'yamlOutputType' | 'recordConstructMetadata'>;

/**
 * A cdk8s app whose synthesis takes time in proportion to its charts, and which accepts no two objects of one kind,
 * namespace and name.
 *
 * `cdk8s.App` validates and resolves the dependencies of the whole app anew for each chart, so that its time grows
 * with the square of charts. This one does both once, and writes the same files.
 */
export class App extends Cdk8sApp {
  constructor(props: AppProps = {}) {
    super(props);
    addValidation(this, () => duplicateObjects(this));
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
    // All are rendered before any is written, so that one which cannot be leaves no half of an app behind.
    const manifests = this.charts.map((chart) => {
      const folder = folderOf(chart);
      const index = counts.get(folder) ?? 0;
      counts.set(folder, index + 1);
      const order = ordered.has(folder) ? `${String(index).padStart(4, '0')}-` : '';
      return {
        folder: join(this.outdir, folder),
        file: order + fileStem(chart) + this.outputFileExtension,
        text: Yaml.stringify(...objectsOf(chart).map((object): unknown => object.toJson())),
      };
    });
    mkdirSync(this.outdir, { recursive: true });
    for (const { folder, file, text } of manifests) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, file), text);
    }
  }

  private validate(): void {
    const errors = this.node
      .findAll()
      .flatMap((construct) =>
        construct.node.validate().map((error) => `[${construct.node.path}] ${error}`),
      );
    if (errors.length > 0) throw new ValidationError(errors);
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

/**
 * Synthesizes an app: makes one, has `define` fill it, and writes its manifests. Validation errors are printed without
 * a stack, all of them, and the exit code is 1.
 */
export function synthesize(define: (app: App) => void): void {
  try {
    const app = new App();
    define(app);
    app.synth();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Objects that share kind, namespace and name with an earlier one: applied, each would overwrite the one before. */
function duplicateObjects(root: IConstruct): FieldError[] {
  const firsts = new Map<string, ApiObject>();
  return root.node
    .findAll()
    .filter((c) => ApiObject.isApiObject(c))
    .flatMap((object) => {
      const namespace = object.metadata.namespace ?? 'default';
      const identity = `${object.apiGroup}/${object.kind} ${namespace}/${object.name}`;
      const first = firsts.get(identity);
      if (first === undefined) {
        firsts.set(identity, object);
        return [];
      }
      return {
        field: 'metadata.name',
        rule: `must be unique among objects of kind ${object.kind} in namespace ${namespace}, and ${first.node.path} already has it (this one: ${object.node.path})`,
        received: object.name,
        fix: 'give one of them another name or namespace, or remove it',
      };
    });
}
