import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App as Cdk8sApp, Chart, Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import {
  addValidation,
  App,
  describeSynthesis,
  Folder,
  synthesize,
  ValidationError,
} from '../../lib';

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

/**
 * Some charts, each in another or at the top, with objects, and dependencies from later objects to earlier ones and from
 * charts to objects, their own among them.
 */
const layout = fc.record({
  parents: fc.array(fc.option(fc.nat(9)), { minLength: 1, maxLength: 6 }),
  objects: fc.array(fc.nat(9), { maxLength: 12 }),
  dependencies: fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 5 }),
  chartDependencies: fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 2 }),
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

function fill(
  app: Cdk8sApp,
  { parents, objects, dependencies, chartDependencies }: Layout,
): Cdk8sApp {
  const charts: Chart[] = [];
  for (const parent of parents) {
    const scope = parent === null ? undefined : charts[parent % (charts.length || 1)];
    charts.push(new Chart(scope ?? app, `chart-${charts.length}`));
  }
  const nodes = objects.flatMap((chart, index) => {
    const scope = charts[chart % charts.length];
    return scope === undefined ? [] : [configMap(scope, `object-${index}`)];
  });
  for (const [a, b] of dependencies) {
    const [from, to] = [Math.max(a, b) % (nodes.length || 1), Math.min(a, b) % (nodes.length || 1)];
    const [source, target] = [nodes[from], nodes[to]];
    if (source !== undefined && target !== undefined && from > to) source.addDependency(target);
  }
  for (const [chart, object] of chartDependencies) {
    const target = nodes[object % (nodes.length || 1)];
    if (target !== undefined) charts[chart % charts.length]?.addDependency(target);
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
      addValidation(new Chart(app, `chart-${index}`), () => {
        validations++;
        return [];
      });
    }
    app.synth();
    expect(validations).toBe(20);
  });

  it('writes the charts of a folder to a folder, and numbers its files alone', () => {
    const app = new App({ outdir: folder });
    configMap(new Chart(app, 'user-service'), 'a');
    const production = new Folder(app, 'production');
    const first = new Chart(production, 'redis');
    const second = new Chart(production, 'user');
    configMap(second, 'b');
    second.addDependency(first);
    configMap(new Chart(new Folder(production, 'monitoring'), 'rules'), 'c');
    app.synth();
    const files = readdirSync(folder, { recursive: true }).filter((file) =>
      file.toString().endsWith('.yaml'),
    );
    expect(files.sort()).toEqual([
      'production/0000-redis.k8s.yaml',
      'production/0001-user.k8s.yaml',
      'production/monitoring/rules.k8s.yaml',
      'user-service.k8s.yaml',
    ]);
  });

  it('has no folder whose name leads elsewhere', () => {
    const app = new App({ outdir: join(folder, 'dist') });
    configMap(new Chart(new Folder(app, '..'), 'a'), 'a');
    expect(() => {
      app.synth();
    }).toThrow('[..] id: must be the name of a folder');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has no two objects of one kind, namespace and name, in whatever charts', () => {
    const app = new App({ outdir: folder });
    configMap(new Chart(app, 'one'), 'a', { name: 'settings' });
    const two = new Chart(app, 'two', { namespace: 'default' });
    configMap(two, 'b', { name: 'settings' });
    configMap(two, 'c', { name: 'settings', namespace: 'staging' });
    expect(() => {
      app.synth();
    }).toThrow(
      '[two/b] metadata.name: must be unique among objects of kind ConfigMap in namespace default, and one/a already has it; received "settings"; give',
    );
  });

  it('reports every error with its construct path, and writes nothing', () => {
    const app = new App({ outdir: join(folder, 'dist') });
    for (const id of ['one', 'two']) {
      addValidation(new Chart(app, id), () => [
        { field: id, rule: 'must be x', received: undefined, fix: 'fix it' },
      ]);
    }
    let error: unknown;
    try {
      app.synth();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).errors).toEqual([
      '[one] one: must be x; received undefined; fix it',
      '[two] two: must be x; received undefined; fix it',
    ]);
    expect((error as ValidationError).message).toContain('2 validation errors, nothing written:\n');
    expect(readdirSync(folder)).toEqual([]);
  });

  const itself: Record<string, unknown> = {};
  itself.self = itself;
  it.each<[what: string, received: unknown, said: string]>([
    ['has no JSON', Symbol('s'), 'Symbol(s)'],
    ['is a function', () => 1, 'a function'],
    ['refers to itself', itself, '[object Object]'],
    ['is long', 'x'.repeat(300), `"${'x'.repeat(199)}…`],
    ['is a span of time', Duration.minutes(2), '120 seconds'],
    ['is a size', Size.mebibytes(3), '3Mi'],
  ])('says in one line what was received that %s', (_, received, said) => {
    const app = new App({ outdir: join(folder, 'dist') });
    const error = { field: 'it', rule: 'must be x', received, fix: 'fix it' };
    addValidation(new Chart(app, 'one'), () => [error]);
    expect(() => {
      app.synth();
    }).toThrow(`[one] it: must be x; received ${said}; fix it`);
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

  it('tells what it has written, and what Kubernetes says of that', () => {
    const warned = jest.spyOn(console, 'error').mockImplementation();
    const app = new App({ outdir: folder, judge: {} });
    const chart = new Chart(app, 'shop');
    configMap(chart, 'settings');
    new ApiObject(chart, 'shop', { apiVersion: 'example.com/v1', kind: 'Shop' });
    new ApiObject(new Chart(app, 'web'), 'pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web.example' },
      spec: { containers: [{ name: 'web', image: 'web' }] },
    });
    app.synth();
    expect(describeSynthesis(app.synthesis)).toMatch(
      /^2 files, 3 objects, 2 accepted by Kubernetes \d+\.\d+\.\d+, 1 not judged$/,
    );
    expect(warned.mock.calls.flat()).toEqual([
      expect.stringMatching(/^\[web\/pod\] metadata\.name: this is used in the Pod's hostname/),
      'not judged: 1 example.com/v1 Shop',
    ]);
    warned.mockRestore();
  });

  it.each([
    [{ files: 1, objects: 1, accepted: 0 }, '1 file, 1 object, not judged'],
    [
      { files: 2, objects: 3, accepted: 3, kubernetes: '1.34.10' },
      '2 files, 3 objects, accepted by Kubernetes 1.34.10',
    ],
  ])('tells of %j as %j', (synthesis, text) => {
    expect(describeSynthesis(synthesis)).toBe(text);
  });
});

describe('synthesize', () => {
  const send = process.send?.bind(process);
  beforeEach(() => {
    jest.replaceProperty(process, 'env', { CDK8S_OUTDIR: join(folder, 'dist') });
    process.send = undefined;
  });
  afterEach(() => {
    process.send = send;
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });

  const define = (app: App) => configMap(new Chart(app, 'shop'), 'settings');

  it('writes what Kubernetes accepts, and says so', () => {
    const printed = jest.spyOn(console, 'log').mockImplementation();
    synthesize(define);
    expect(readdirSync(join(folder, 'dist'))).toEqual(['shop.k8s.yaml']);
    expect(printed.mock.calls).toEqual([
      [expect.stringMatching(/^1 file, 1 object, accepted by Kubernetes \d+\.\d+\.\d+$/)],
    ]);
  });

  it('tells the process that asked for it, and prints nothing', () => {
    const printed = jest.spyOn(console, 'log').mockImplementation();
    const told: unknown[] = [];
    process.send = (message: unknown) => told.push(message) > 0;
    synthesize(define);
    expect(told).toMatchObject([{ synthesis: { files: 1, objects: 1, accepted: 1 } }]);
    expect(printed).not.toHaveBeenCalled();
  });

  it('says without a stack that the output cannot be written', () => {
    writeFileSync(join(folder, 'dist'), 'a file where a folder is to be');
    const printed = jest.spyOn(console, 'error').mockImplementation();
    synthesize(define);
    expect(printed.mock.calls).toEqual([[expect.stringMatching(/^EEXIST: [^\n]*dist'$/)]]);
    expect(process.exitCode).toBe(1);
  });
});
