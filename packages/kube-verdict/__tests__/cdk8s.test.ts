import { ApiObject, App, Chart, JsonPatch, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BlockingWorker } from '../src/workers/blocking-worker';
import { judge, ObjectJudge } from '../src/cdk8s/judge';
import { folderOf } from './command';
import { deployment, pod, service } from './manifests';

let printed: string[];

beforeEach(() => {
  printed = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

function add(scope: Construct, id: string, manifest: object): ApiObject {
  return new ApiObject(scope, id, manifest as never);
}

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

class WebSite extends Construct {
  readonly deployment: ApiObject;

  constructor(scope: Construct, id: string, replicas: number) {
    super(scope, id);
    this.node.addMetadata('kube-verdict:made', id, { stackTrace: true });
    this.deployment = add(this, 'deployment', deployment('web', { replicas }));
  }
}

describe('a judged app', () => {
  it('is written when Kubernetes accepts everything', () => {
    const outdir = folderOf({});
    const app = new App({ outdir });
    judge(app);
    add(new Chart(app, 'shop'), 'service', service('web'));
    app.synth();
    expect(existsSync(join(outdir, 'shop.k8s.yaml'))).toBe(true);
    expect(printed).toEqual([]);
  });

  it('is not written when Kubernetes refuses anything', () => {
    const outdir = folderOf({});
    const app = new App({ outdir });
    judge(app);
    add(new Chart(app, 'shop'), 'service', service('web'));
    add(new Chart(app, 'blog'), 'pod', pod('web', { image: '' }));
    const message = failure(() => {
      app.synth();
    });
    expect(message).toContain(
      '[blog/pod] Pod default/web: spec.containers[0].image: Required value',
    );
    expect(existsSync(join(outdir, 'shop.k8s.yaml'))).toBe(false);
  });

  it('names where the construct was created, as its nearest parent recorded it', () => {
    const app = Testing.app();
    judge(app);
    const [, line] = /cdk8s\.test\.ts:(\d+)/.exec(new Error().stack ?? '') ?? [];
    new WebSite(new Chart(app, 'shop'), 'site', -1);
    const message = failure(() => app.synthYaml());
    const created = `cdk8s.test.ts:${Number(line) + 1}:`;
    expect(message).toContain('[shop/site/deployment] Deployment default/web: spec.replicas: ');
    expect(message).toContain(`(created at __tests__/${created}`);
  });

  it('judges every object once, however often cdk8s validates', () => {
    const asked = jest.spyOn(BlockingWorker.prototype, 'ask');
    const app = Testing.app();
    judge(app);
    const charts = [new Chart(app, 'a'), new Chart(app, 'b')];
    charts.forEach((chart, i) => add(chart, 'pod', pod(`web-${i}`)));
    for (const chart of charts) Testing.synth(chart);
    app.synthYaml();
    const counts = asked.mock.results.map(({ value }) => (value as unknown[]).length);
    expect(counts.filter((count) => count > 0)).toEqual([2]);
  });

  it('says once how many objects of which kinds are not judged', () => {
    const app = Testing.app();
    judge(app);
    const chart = new Chart(app, 'shop');
    for (const id of ['a', 'b']) {
      add(chart, id, { apiVersion: 'example.com/v1', kind: 'Backup', metadata: { name: id } });
    }
    app.synthYaml();
    app.synthYaml();
    expect(printed).toEqual(['not judged: 2 example.com/v1 Backup\n']);
  });

  it('judges an object again that has changed since', () => {
    const app = Testing.app();
    judge(app);
    const { deployment: web } = new WebSite(new Chart(app, 'shop'), 'site', 2);
    app.synthYaml();
    web.addJsonPatch(JsonPatch.replace('/spec/replicas', -2));
    expect(failure(() => app.synthYaml())).toContain('Invalid value: -2');
    web.addJsonPatch(JsonPatch.replace('/spec/replicas', 3));
    app.synthYaml();
  });

  it('refuses Pods that a Namespace of the app would refuse', () => {
    const app = Testing.app();
    judge(app);
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    add(chart, 'deployment', deployment('web'));
    app.synthYaml();
    add(chart, 'namespace', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'shop',
        namespace: undefined,
        labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    });
    expect(failure(() => app.synthYaml())).toMatch(
      /\[shop\/deployment\] Deployment shop\/web: its Pods are refused: /,
    );
  });

  it('refuses Pods by the level that is asked for', () => {
    const app = Testing.app();
    judge(app, { podSecurity: 'baseline' });
    add(new Chart(app, 'shop'), 'pod', pod('web', { securityContext: { privileged: true } }));
    expect(failure(() => app.synthYaml())).toMatch(/its Pods are refused: .*privileged/);
  });

  it('says each mistake once, however often judge is called', () => {
    const app = Testing.app();
    const chart = new Chart(app, 'shop');
    add(chart, 'deployment', deployment('web', { replicas: -1 }));
    const privileged = { securityContext: { privileged: true } };
    add(chart, 'pod', pod('web', privileged));
    add(chart, 'shop', { apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'web' } });
    judge(app);
    judge(app);
    judge(chart);
    judge(app, { podSecurity: 'baseline' });
    const lines = failure(() => app.synthYaml())
      .split('\n')
      .slice(1);
    expect(lines).toEqual([
      expect.stringContaining('[shop/deployment] Deployment default/web: spec.replicas: '),
      expect.stringContaining('[shop/pod] Pod default/web: its Pods are refused: '),
    ]);
    expect(printed).toEqual(['not judged: 1 example.com/v1 Shop\n']);
  });

  it('says of objects without a namespace that are one and differ which they are', () => {
    const app = Testing.app();
    judge(app);
    const roles = ['a', 'b'].map((namespace) =>
      add(new Chart(app, namespace, { namespace }), 'role', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'reader', labels: { of: namespace } },
        rules: [],
      }),
    );
    expect(
      failure(() => app.synthYaml())
        .split('\n')
        .slice(1),
    ).toEqual([
      '  [b/role] ClusterRole reader: a/role is the same object, for its kind has no namespace, and differs: give one of them another name',
    ]);
    roles[1]?.addJsonPatch(JsonPatch.replace('/metadata/labels/of', 'a'));
    app.synthYaml();
  });

  it('is refused where what is written is no object', () => {
    const app = Testing.app();
    judge(app, { stringify: () => '' });
    add(new Chart(app, 'shop'), 'pod', pod('web'));
    expect(failure(() => app.synthYaml())).toMatch(
      /\[shop\/pod\] Pod default\/web: its YAML cannot be read: there is no object in its YAML/,
    );
  });

  it('is judged by no option that is mistaken', () => {
    const options = { podSecurity: 'strict' } as never;
    expect(() => {
      judge(new App(), options);
    }).toThrow(new RangeError('podSecurity takes baseline or restricted; received strict'));
  });

  it('has mistakes and warnings of one line each, whatever its objects are called', () => {
    const app = new App({ outdir: folderOf({}) });
    judge(app);
    const forged = 'a\n::error::forged\u001b[31m';
    const chart = new Chart(app, 'shop');
    add(chart, 'map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: forged } });
    add(chart, 'key', {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'key' } },
      data: { [forged]: '' },
    });
    add(chart, 'shop', { apiVersion: 'example.com/v1', kind: forged, metadata: { name: 'a' } });
    const lines = failure(() => {
      app.synth();
    }).split('\n');
    expect(lines).toHaveLength(3);
    for (const line of [...lines, ...printed.map((text) => text.trimEnd())]) {
      expect(line).not.toMatch(/\p{Cc}/u);
    }
    expect(printed).toHaveLength(1);
  });

  it('prints warnings once', () => {
    const app = Testing.app();
    judge(app);
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    add(new Chart(app, 'shop'), 'pod', pod('web', { env }));
    app.synthYaml();
    app.synthYaml();
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(/^\[shop\/pod\] .*hides previous definition/);
  });

  it('judges a thousand objects', () => {
    const app = Testing.app();
    judge(app);
    const chart = new Chart(app, 'shop');
    for (let i = 0; i < 1_000; i++) {
      add(
        chart,
        String(i),
        i === 777 ? service('web', { ports: [{ port: 0, targetPort: 80 }] }) : service('web'),
      );
    }
    expect(
      failure(() => app.synthYaml())
        .split('\n')
        .slice(1),
    ).toEqual([
      expect.stringContaining(
        '[shop/777] Service default/web: spec.ports[0].port: Invalid value: 0',
      ),
    ]);
  });
});

describe('an app that tells by itself what is refused', () => {
  it('is given the verdict on each object, and nothing is printed', () => {
    const app = new App({ outdir: folderOf({}) });
    const chart = new Chart(app, 'shop');
    add(chart, 'service', service('web'));
    const refused = add(chart, 'deployment', deployment('web', { replicas: -1 }));
    add(chart, 'shop', { apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'web' } });
    const judging = new ObjectJudge();
    const judged = judging.judge(app);
    expect(judged.map(({ judgement }) => judgement.accepted)).toEqual([true, false, null]);
    expect(judged.map(({ kindIsKnown }) => kindIsKnown)).toEqual([true, true, false]);
    expect(judging.judged(refused)?.judgement.errors[0]?.field).toBe('spec.replicas');
    expect(judging.kubernetes).toMatch(/^\d+\.\d+\.\d+$/);
    expect(printed).toEqual([]);
    app.synth();
  });
});
