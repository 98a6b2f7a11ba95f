import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App as Cdk8sApp, type AppProps as Cdk8sAppProps, Names, Yaml } from 'cdk8s';
import { objectsOf, resolveDependencies } from './dependencies';
import { duplicateObjects } from './duplicate-objects';
import { refuseWhen } from './refusal';
import { RefusedError } from './refused-error';

/** Those of cdk8s, but for the layout of the output: always one file for each chart, named after it. */
export type AppProps = Omit<Cdk8sAppProps, 'yamlOutputType' | 'recordConstructMetadata'>;

/**
 * A cdk8s app whose synthesis takes time in proportion to its charts, and which refuses two objects of one kind,
 * namespace and name.
 *
 * `cdk8s.App` validates and resolves the dependencies of the whole app anew for each chart, so that its time grows
 * with the square of charts. This one does both once, and writes the same files.
 */
export class App extends Cdk8sApp {
  constructor(props: AppProps = {}) {
    super(props);
    refuseWhen(this, () => duplicateObjects(this));
  }

  /**
   * Writes a file for each chart to `outdir`.
   *
   * @throws {RefusedError} if anything in the app is refused; nothing is written then.
   */
  override synth(): void {
    this.validate();
    const chartsDepend = resolveDependencies(this);
    // All are rendered before any is written, so that one which cannot be leaves no half of an app behind.
    const manifests = this.charts.map((chart, index) => {
      // cdk8s numbers the files in the order to apply, once any chart depends on another.
      const order = chartsDepend ? `${String(index).padStart(4, '0')}-` : '';
      return {
        file: order + Names.toDnsLabel(chart) + this.outputFileExtension,
        text: Yaml.stringify(...objectsOf(chart).map((object): unknown => object.toJson())),
      };
    });
    mkdirSync(this.outdir, { recursive: true });
    for (const { file, text } of manifests) writeFileSync(join(this.outdir, file), text);
  }

  private validate(): void {
    const refusals = this.node
      .findAll()
      .flatMap((construct) =>
        construct.node.validate().map((refusal) => `[${construct.node.path}] ${refusal}`),
      );
    if (refusals.length > 0) throw new RefusedError(refusals);
  }
}
