import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
   * Writes a file for each chart to `outdir`, or to the folder of it that the chart is in.
   *
   * @throws {ValidationError} if anything in the app is not valid; nothing is written then.
   */
  override synth(): void {
    this.validate();
    const chartsDepend = resolveDependencies(this);
    // All are rendered before any is written, so that one which cannot be leaves no half of an app behind.
    const manifests = this.charts.map((chart, index) => {
      // cdk8s numbers the files in the order to apply, once any chart depends on another.
      const order = chartsDepend ? `${String(index).padStart(4, '0')}-` : '';
      return {
        file: join(
          OutputFolder.of(chart)?.node.id ?? '',
          order + fileName(chart) + this.outputFileExtension,
        ),
        text: Yaml.stringify(...objectsOf(chart).map((object): unknown => object.toJson())),
      };
    });
    for (const { file, text } of manifests) {
      const path = join(this.outdir, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
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

/** A folder of the output, named by its id: charts in it are written there, each as `ID.k8s.yaml`. */
export class OutputFolder extends Construct {
  /** The folder that a construct is in; none at the top of the output. */
  static of(construct: IConstruct): OutputFolder | undefined {
    return construct.node.scopes.find((scope) => scope instanceof OutputFolder);
  }
}

function fileName(chart: Chart): string {
  return OutputFolder.of(chart) === undefined ? Names.toDnsLabel(chart) : chart.node.id;
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
