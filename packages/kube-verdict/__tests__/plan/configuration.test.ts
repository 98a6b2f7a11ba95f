/** What will not happen, though a reader of the change would think so. */
import { configMap, daemonSet, deployment, pod, replicaSet, secret } from './manifests';
import { found, planned } from './planned';

type Mount = 'file' | 'subPath' | 'environment' | 'key';

/** A workload that gets at the ConfigMap conf. */
function reader(how: Mount, image = 'web:1') {
  const mount = { name: 'c', mountPath: '/c', ...(how === 'subPath' && { subPath: 'a' }) };
  const container = {
    environment: { envFrom: [{ configMapRef: { name: 'conf' } }] },
    key: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }] },
    file: { volumeMounts: [mount] },
    subPath: { volumeMounts: [mount] },
  }[how];
  return deployment({
    container: { image, ...container },
    podSpec:
      'volumeMounts' in container ? { volumes: [{ name: 'c', configMap: { name: 'conf' } }] } : {},
  });
}

const conf = (data: object) => configMap('conf', { data });

async function finds(old: object[], now: object[]): Promise<string[]> {
  return found(await planned(old, now));
}

describe('a ConfigMap that changed', () => {
  it.each<[Mount, string]>([
    [
      'environment',
      'config-not-reread ConfigMap conf: Deployment default/web reads it as environment: its Pods keep the old values until they are restarted (kubectl rollout restart)',
    ],
    [
      'subPath',
      'config-not-reread ConfigMap conf: Deployment default/web mounts it with subPath: its Pods keep the old file until they are restarted (kubectl rollout restart)',
    ],
    [
      'file',
      'config-reread ConfigMap conf: Deployment default/web sees the new files within 60 to 90 s, without a restart',
    ],
  ])('and is read as %s', async (how, expected) => {
    expect(await finds([conf({ a: '1' }), reader(how)], [conf({ a: '2' }), reader(how)])).toEqual([
      expected,
    ]);
  });

  it('is read anew by what rolls out as well', async () => {
    const old = [conf({ a: '1' }), reader('environment')];
    expect(await finds(old, [conf({ a: '2' }), reader('environment', 'web:2')])).toEqual([
      'config-reread ConfigMap conf: Deployment default/web reads it anew with the rollout',
    ]);
  });

  it('is nothing to who reads another key', async () => {
    const old = [conf({ a: '1', b: '1' }), reader('key')];
    expect(await finds(old, [conf({ a: '1', b: '2' }), reader('key')])).toEqual([]);
    expect(await finds(old, [conf({ a: '2', b: '1' }), reader('key')])).toHaveLength(1);
  });

  it('is nothing to anybody where only its labels change', async () => {
    const now = { ...conf({ a: '1' }), metadata: { name: 'conf', labels: { x: '1' } } };
    expect(await finds([conf({ a: '1' }), reader('file')], [now, reader('file')])).toEqual([]);
  });

  it('is told of all that read it, and how each gets at the new one', async () => {
    const container = { envFrom: [{ configMapRef: { name: 'conf' } }] };
    const readers = [
      deployment({ name: 'one', container }),
      daemonSet({ name: 'two', container }),
      replicaSet({ name: 'three', container }),
      pod('four', {}, { containers: [{ name: 'main', image: 'web:1', ...container }] }),
    ];
    expect(await finds([conf({ a: '1' }), ...readers], [conf({ a: '2' }), ...readers])).toEqual([
      'config-not-reread ConfigMap conf: Deployment default/one and DaemonSet default/two read it as environment: their Pods keep the old values until they are restarted (kubectl rollout restart)',
      'config-not-reread ConfigMap conf: ReplicaSet default/three and Pod default/four read it as environment, and keep the old values until they are deleted and made anew',
    ]);
  });

  it('is not read by Pods that a paused Deployment keeps', async () => {
    const paused = { ...reader('environment', 'web:2') };
    const now = [conf({ a: '2' }), { ...paused, spec: { ...paused.spec, paused: true } }];
    expect(await finds([conf({ a: '1' }), reader('environment')], now)).toEqual([
      expect.stringMatching(/^config-not-reread /),
      'template-waits Deployment web: 3 Pods keep the old template: it is paused (kubectl rollout resume)',
    ]);
  });
});

describe('an immutable ConfigMap', () => {
  it('is refused, and a new name is the way out', async () => {
    const of = (a: string) => configMap('conf', { immutable: true, data: { a } });
    const { objects } = await planned([of('1')], [of('2')]);
    expect(objects[0]).toMatchObject({ action: 'refused' });
    expect(objects[0]?.refusal?.waysOut.map(({ way }) => way)).toEqual([
      'keep',
      'new-name',
      'delete-and-create',
      'replace-force',
    ]);
  });
});

describe('a CronJob', () => {
  const cronJob = (spec: object, image = 'job:1') => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } };
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly' },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } }, ...spec },
    };
  };

  it('takes another image at its next run', async () => {
    expect(await finds([cronJob({})], [cronJob({}, 'job:2')])).toEqual([
      'next-run CronJob nightly: takes effect at the next run; Jobs that run now keep what they have',
    ]);
  });

  it('does not run while it is suspended', async () => {
    const suspend = true;
    expect(await finds([cronJob({ suspend })], [cronJob({ suspend }, 'job:2')])).toEqual([
      'suspended CronJob nightly: does not run: it is suspended',
    ]);
  });

  it('runs again once it is no longer suspended', async () => {
    expect(await finds([cronJob({ suspend: true })], [cronJob({})])).toEqual([
      'next-run CronJob nightly: runs at its schedule again: it is no longer suspended',
    ]);
  });
});

describe('a Secret', () => {
  const values = ['hunter2', 'aHVudGVyMg==', 'correct horse', 'Y29ycmVjdCBob3JzZQ=='];

  it.each([
    ['that changes', { stringData: { a: 'hunter2' } }, { stringData: { a: 'correct horse' } }],
    ['that comes', undefined, { data: { a: 'aHVudGVyMg==' } }],
    ['that goes', { data: { a: 'aHVudGVyMg==' } }, undefined],
    [
      'that is refused',
      { immutable: true, data: { a: 'aHVudGVyMg==' } },
      { immutable: true, stringData: { a: 'correct horse' } },
    ],
    [
      'of a wrong type',
      { data: { a: 'aHVudGVyMg==' } },
      { type: 'kubernetes.io/tls', data: { a: 'Y29ycmVjdCBob3JzZQ==' } },
    ],
    ['that is not encoded', { data: { a: 'aHVudGVyMg==' } }, { data: { a: 'hunter2' } }],
    [
      'of a wrong shape',
      { data: { a: 'aHVudGVyMg==' } },
      { data: { a: { b: 'hunter2' } }, stringData: 'hunter2' },
    ],
    [
      'of docker',
      { data: {} },
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'hunter2' } },
    ],
    [
      'with what was applied before',
      { data: { a: 'aHVudGVyMg==' } },
      {
        metadata: {
          name: 'db',
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"hunter2"}}',
          },
        },
        data: { a: 'aHVudGVyMg==' },
      },
    ],
  ])('%s keeps its values to itself', async (_what, old, now) => {
    const side = (fields?: object) => (fields === undefined ? [] : [secret('db', { ...fields })]);
    const plan = await planned(side(old), side(now));
    const shown = JSON.stringify(plan);
    for (const value of values) expect(shown).not.toContain(value);
    expect(plan.objects).toHaveLength(1);
  });

  it('tells which keys changed, and how', async () => {
    const [one, two] = [
      { kept: 'eA==', changed: 'eA==', gone: 'eA==' },
      { kept: 'eA==', changed: 'eQ==' },
    ];
    const plan = await planned(
      [secret('db', { data: one })],
      [secret('db', { data: { ...two, added: 'eA==' } })],
    );
    expect(plan.objects[0]?.fields).toEqual([
      { path: 'data[added]', old: null, new: true, hidden: true },
      { path: 'data[changed]', old: true, new: true, hidden: true },
      { path: 'data[gone]', old: true, new: null, hidden: true },
    ]);
  });

  it('keeps a key that is taken out of stringData, as kubectl apply leaves it', async () => {
    const plan = await planned(
      [secret('db', { stringData: { kept: 'x', gone: 'x' } })],
      [secret('db', { stringData: { kept: 'x' } })],
    );
    expect(plan.objects[0]).toMatchObject({ action: 'none', fields: [] });
  });
});
