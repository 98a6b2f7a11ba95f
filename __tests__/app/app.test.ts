import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App as Cdk8sApp, Chart } from 'cdk8s';
import fc from 'fast-check';
import { addValidation, App, ValidationError } from '../../lib';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function configMap(
  chart: Chart,
  id: string,
  metadata: { name?: string; namespace?: string } = {},
): ApiObject {
  return new ApiObject(chart, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
}
function filesOf(app: Cdk8sApp): Record<string, string> {
  app.synth();
  return Object.fromEntries(
    readdirSync(app.outdir).map((file) => [file, readFileSync(join(app.outdir, file), 'utf8')]),
  );
}

/** Some charts, each in another or at the top, with objects, and dependencies from later ones to earlier ones. */
const layout = fc.record({
  parents: fc.array(fc.option(fc.nat(9)), { minLength: 1, maxLength: 6 }),
  objects: fc.array(fc.nat(9), { maxLength: 12 }),
  dependencies: fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 5 }),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

function fill(app: Cdk8sApp, { parents, objects, dependencies }: Layout): Cdk8sApp {
  const charts: Chart[] = [];
  for (const parent of parents) {
    const scope = parent === null ? undefined : charts[parent % (charts.length || 1)];
    charts.push(new Chart(scope ?? app, `chart-${String(charts.length)}`));
  }
  const nodes = objects.flatMap((chart, index) => {
    const scope = charts[chart % charts.length];
    return scope === undefined ? [] : [configMap(scope, `object-${String(index)}`)];
  });
  for (const [a, b] of dependencies) {
    const [from, to] = [Math.max(a, b) % (nodes.length || 1), Math.min(a, b) % (nodes.length || 1)];
    const [source, target] = [nodes[from], nodes[to]];
    if (source !== undefined && target !== undefined && from > to) source.addDependency(target);
  }
  return app;
}

describe('an App', () => {
  it('writes the same files as cdk8s.App, whatever the charts and dependencies', () => {
    const outcome = (app: Cdk8sApp, of: Layout): unknown => {
      try {
        return filesOf(fill(app, of));
      } catch (error) {
        return (error as Error).message; // both refuse charts that depend on each other
      }
    };
    fc.assert(
      fc.property(layout, (of) => {
        const outdirs = [mkdtempSync(join(folder, 'a-')), mkdtempSync(join(folder, 'b-'))];
        const [ours, theirs] = [
          new App({ outdir: outdirs[0] }),
          new Cdk8sApp({ outdir: outdirs[1] }),
        ];
        expect(outcome(ours, of)).toEqual(outcome(theirs, of));
      }),
    );
  });

  it('validates each construct once, however many charts there are', () => {
    const app = new App({ outdir: folder });
    let validations = 0;
    for (let index = 0; index < 20; index++) {
      addValidation(new Chart(app, `chart-${String(index)}`), () => {
        validations++;
        return [];
      });
    }
    app.synth();
    expect(validations).toBe(20);
  });

  it('refuses two objects of one kind, namespace and name, in whatever charts', () => {
    const app = new App({ outdir: folder });
    configMap(new Chart(app, 'one'), 'a', { name: 'settings' });
    const two = new Chart(app, 'two', { namespace: 'default' });
    configMap(two, 'b', { name: 'settings' });
    configMap(two, 'c', { name: 'settings', namespace: 'staging' });
    expect(() => {
      app.synth();
    }).toThrow(
      '[] metadata.name: must be unique among objects of kind ConfigMap in namespace default, and one/a already has it (this one: two/b); received "settings"; give',
    );
  });

  it('reports every refusal with its construct path, and writes nothing', () => {
    const app = new App({ outdir: join(folder, 'dist') });
    for (const id of ['one', 'two']) {
      addValidation(new Chart(app, id), () => [
        { field: 'f', rule: 'must be x', received: undefined, fix: 'fix it' },
      ]);
    }
    let refused: unknown;
    try {
      app.synth();
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ValidationError);
    expect((refused as ValidationError).errors).toEqual([
      '[one] f: must be x; received undefined; fix it',
      '[two] f: must be x; received undefined; fix it',
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes nothing when one chart of several cannot be rendered', () => {
    const app = new App({ outdir: join(folder, 'dist') });
    configMap(new Chart(app, 'good'), 'a');
    new ApiObject(new Chart(app, 'bad'), 'b', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { bad: () => 1 },
    });
    expect(() => {
      app.synth();
    }).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });
});
