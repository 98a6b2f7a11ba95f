/** What a set does of which something is refused, and the ways out. */
import { claim, configMap, deployment, service, statefulSet, withSpec } from './manifests';
import { actions, found, planned, text } from './planned';

const moved = { labels: { app: 'shop' } };
const OLD = [deployment(), service()];
/** The selector of a Deployment never changes; that of its Service does. */
const NEW = [deployment(moved), service(moved.labels)];

describe('a set of which something is refused', () => {
  it.each(['kubectl', 'server-side'] as const)(
    'is half applied by %s, which is an outage',
    async (applier) => {
      const plan = await planned(OLD, NEW, { applier });
      expect(actions(plan)).toEqual(['Deployment web: refused', 'Service web: update']);
      expect(found(plan)).toEqual([
        'half-applied Service web: has no endpoints any more: its selector no longer matches the Pods of Deployment default/web; this comes from applying half of the set, for Deployment default/web is refused',
      ]);
      expect(plan.outcomes).toEqual(['refused', 'downtime', 'any']);
      expect(plan.notes).toEqual([
        'kubectl applies the rest: 1 of 2 is refused, 1 other is applied',
      ]);
      expect(plan.verdict).toBe(
        '1 refused, downtime of 1 object, 1 changed in place, no data lost',
      );
    },
  );

  it('is not applied at all by Flux', async () => {
    const plan = await planned(OLD, NEW, { applier: 'flux' });
    expect(found(plan)).toEqual([]);
    expect(plan.outcomes).toEqual(['refused', 'any']);
    expect(plan.notes).toEqual([
      'Flux tries the whole set first: as 1 of 2 is refused, nothing of it is applied',
    ]);
    expect(plan.verdict).toBe('1 refused, so nothing of the set is applied, no data lost');
  });

  it('loses by Flux nothing that it would delete', async () => {
    const plan = await planned([...OLD, claim('data')], NEW, { applier: 'flux' });
    expect(plan.outcomes).not.toContain('data-loss');
  });
});

describe('what is deleted', () => {
  it('stays where it is, as kubectl apply leaves it', async () => {
    expect((await planned([configMap('old')], [])).notes).toEqual([
      'kubectl apply leaves what is deleted where it is, until --prune or kubectl delete takes it away',
    ]);
    expect((await planned([configMap('old')], [], { applier: 'flux' })).notes).toEqual([]);
  });
});

describe('what Flux is told not to prune', () => {
  const annotations = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' };
  const kept = { ...claim('data'), metadata: { name: 'data', annotations } };

  it('stays, with its data', async () => {
    const plan = await planned([kept], [], { applier: 'flux' });
    expect(found(plan)).toEqual([
      'not-pruned PersistentVolumeClaim data: is no longer in the set and stays: Flux is told not to prune it (kustomize.toolkit.fluxcd.io/prune: disabled)',
    ]);
    expect(actions(plan)).toEqual([]);
    expect(plan.outcomes).toEqual([]);
  });

  it('is deleted by kubectl', async () => {
    expect((await planned([kept], [])).outcomes).toEqual(['data-loss', 'any']);
  });
});

describe('what Flux is told to force', () => {
  const FORCE = 'kustomize.toolkit.fluxcd.io/force';
  const forced = <T extends { readonly metadata: object }>(of: T, where = 'annotations'): T => ({
    ...of,
    metadata: { ...of.metadata, [where]: { [FORCE]: 'Enabled' } },
  });
  const flux = { applier: 'flux' } as const;

  it.each([
    ['by an annotation', [deployment(), forced(deployment(moved))]],
    ['by a label', [deployment(), forced(deployment(moved), 'labels')]],
    ['by what the old one says', [forced(deployment()), deployment(moved)]],
  ])('is deleted and created anew, %s', async (_, [old = {}, now = {}]) => {
    const plan = await planned([old, service()], [now, service(moved.labels)], flux);
    expect(actions(plan)).toEqual(['Deployment web: replace', 'Service web: update']);
    expect(plan.objects[0]?.summary).toBe(
      'is deleted and created anew: nothing of it is available from the deletion until new Pods are',
    );
    expect(found(plan)).toContain(
      'replaced Deployment web: none of its Pods is available; Service default/web has no endpoints meanwhile',
    );
    expect(plan.outcomes).toEqual(['downtime', 'restart', 'any']);
    expect(plan.counts).toMatchObject({ replace: 1, refused: 0 });
    // Not what the API server adds to both.
    const fields = plan.objects[0]?.fields.map(({ path }) => path) ?? [];
    expect(fields.filter((path) => !path.startsWith('metadata'))).toEqual([
      'spec.selector.matchLabels[app]',
      'spec.template.metadata.labels[app]',
    ]);
  });

  it('is refused where the applier is another', async () => {
    const plan = await planned([deployment()], [forced(deployment(moved))]);
    expect(actions(plan)).toEqual(['Deployment web: refused']);
  });

  it('is updated where it can be', async () => {
    const plan = await planned(
      [forced(deployment())],
      [forced(deployment({ container: { image: 'web:2' } }))],
      flux,
    );
    expect(actions(plan)).toEqual(['Deployment web: rollout']);
  });

  it('takes the data of a claim along', async () => {
    const other = withSpec(claim('data'), { accessModes: ['ReadWriteMany'] });
    const plan = await planned([claim('data')], [forced(other)], flux);
    expect(actions(plan)).toEqual(['PersistentVolumeClaim data: replace']);
    expect(plan.outcomes).toEqual(['data-loss', 'any']);
  });

  it('is gone, where what is invalid was taken for immutable', async () => {
    const plan = await planned(
      [deployment()],
      [forced(deployment({ spec: { replicas: -1 } }))],
      flux,
    );
    expect(actions(plan)).toEqual(['Deployment web: refused']);
    expect(found(plan)).toEqual([
      'replaced Deployment web: Flux deletes it first (kustomize.toolkit.fluxcd.io/force: enabled), and finds then that the new one is refused as well: it stays away until the whole set is accepted; none of its Pods is available',
    ]);
    expect(plan.outcomes).toEqual(['refused', 'downtime', 'restart', 'any']);
  });

  it('is not deleted for a manifest that cannot be read', async () => {
    const plan = await planned(
      [deployment()],
      [forced(deployment({ spec: { replicas: 'many' } }))],
      flux,
    );
    expect(found(plan)).toEqual([]);
  });

  it('is deleted, and not made anew, where something else of the set is refused', async () => {
    const plan = await planned(
      [deployment(), service()],
      [forced(deployment(moved)), withSpec(service(), { ports: [{ port: 0 }] })],
      flux,
    );
    expect(plan.outcomes).toEqual(['refused', 'downtime', 'restart', 'any']);
    expect(plan.verdict).toBe(
      '1 refused, so nothing of the set is applied, 1 deleted before that is found, no data lost',
    );
  });

  it('is a way out of a refusal', async () => {
    const { objects } = await planned([deployment()], [deployment(moved)], flux);
    expect(objects[0]?.refusal?.waysOut.at(-1)?.message).toBe(
      'annotate it kustomize.toolkit.fluxcd.io/force: enabled: Flux does the same, with the same outage',
    );
  });
});

it('is not planned where an object of a kind that is judged cannot be', async () => {
  const container = { resources: { requests: { memory: '1e99999' } } };
  await expect(planned([deployment()], [service(), deployment({ container })])).rejects.toThrow(
    'Deployment default/web: what happens to it cannot be told: ',
  );
});

describe('a refusal', () => {
  it('has the field, the rule, and the ways out with what each costs', async () => {
    const { objects } = await planned([deployment()], [deployment(moved)]);
    const { refusal } = objects[0] ?? {};
    expect(refusal?.errors.map(({ field, type }) => `${field}: ${type}`)).toEqual([
      'spec.selector: FieldValueInvalid',
    ]);
    expect(objects[0]?.summary).toBe(
      'is refused: spec.selector: Invalid value: {"matchLabels":{"app":"shop"}}: field is immutable',
    );
    expect(refusal?.waysOut.map(({ way }) => way)).toEqual([
      'keep',
      'new-name',
      'delete-and-create',
      'replace-force',
    ]);
  });

  it('names the other kind of apply where that is accepted', async () => {
    const [old, now] = [deployment(), deployment({ spec: { strategy: { type: 'Recreate' } } })];
    const waysOf = async (applier: 'kubectl' | 'server-side'): Promise<string[] | undefined> => {
      const { objects } = await planned([old], [now], { applier });
      return objects[0]?.refusal?.waysOut.map(({ way }) => way);
    };
    expect(await waysOf('kubectl')).toBeUndefined();
    expect(await waysOf('server-side')).toContain('client-side');
  });

  it('of a hook of Helm says that it is none of the set', async () => {
    const job = (image: string) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'migrate', annotations: { 'helm.sh/hook': 'pre-upgrade' } },
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } },
      },
    });
    const { objects } = await planned([job('web:1')], [job('web:2')]);
    expect(objects[0]?.refusal?.waysOut[0]?.way).toBe('leave-out');
  });

  it('tells how long a Deployment that is made anew is away', async () => {
    const readinessProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 30 };
    const { objects } = await planned(
      [deployment({ container: { readinessProbe } })],
      [deployment({ ...moved, container: { readinessProbe } })],
    );
    const way = objects[0]?.refusal?.waysOut.find((one) => one.way === 'delete-and-create');
    expect(way?.message).toBe(
      'kubectl delete deployment web, then apply: nothing of it is available from the deletion until new Pods are, at least 30 s',
    );
  });

  it('keeps the Pods and claims of a StatefulSet that is made anew', async () => {
    const of = (name: string) => statefulSet({ spec: { volumeClaimTemplates: [claim(name)] } });
    const { objects } = await planned([of('data')], [of('more')]);
    const way = objects[0]?.refusal?.waysOut.find((one) => one.way === 'delete-and-create');
    expect(way?.message).toBe(
      'kubectl delete statefulset web --cascade=orphan, then apply: its Pods and claims stay, and the new set adopts those that its selector matches: no outage of its own; claims of more are new and empty, old ones stay unused',
    );
  });

  it.each(['kubectl', 'server-side'] as const)(
    'for what kubectl get wrote is got out of by taking that away, with %s',
    async (applier) => {
      const left = { name: 'web', resourceVersion: '7', uid: 'a' };
      const got = (image: string) => ({ ...deployment({ container: { image } }), metadata: left });
      const { objects } = await planned([got('web:1')], [got('web:2')], { applier });
      expect(objects[0]?.refusal?.waysOut).toEqual([
        {
          way: 'fix',
          message:
            'take metadata.resourceVersion and metadata.uid out of the manifest: only the API server sets that, for one state of the object',
        },
      ]);
    },
  );

  it('of a new object is to be fixed, and no apply accepts it', async () => {
    const { objects } = await planned([], [deployment({ spec: { replicas: -1 } })]);
    expect(objects[0]?.refusal?.waysOut).toEqual([
      { way: 'fix', message: 'fix spec.replicas: no kind of apply accepts it' },
    ]);
  });

  it('of what was no object of its kind before is a creation once it is right', async () => {
    const plan = await planned([deployment({ spec: { replicas: 'three' } })], [deployment()]);
    expect(actions(plan)).toEqual(['Deployment web: create']);
  });
});

describe('where peers err', () => {
  const set = (spec: Record<string, unknown>) => statefulSet({ spec });
  const secret = (type?: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    type,
  });
  const job = (spec: object, image = 'job:1') => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job' },
    spec: {
      ...spec,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } },
    },
  });
  const pod = (image: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod' },
    spec: { containers: [{ name: 'main', image }] },
  });
  const conf = (a: string) => configMap('conf', { immutable: true, data: { a } });
  const suspended = (nodeSelector: object) => {
    const { spec, ...one } = job({ suspend: true });
    return {
      ...one,
      spec: { ...spec, template: { spec: { ...spec.template.spec, nodeSelector } } },
    };
  };

  it.each([
    [
      'revisionHistoryLimit of a StatefulSet changes',
      set({ revisionHistoryLimit: 5 }),
      set({ revisionHistoryLimit: 3 }),
      'update',
    ],
    ['the nodes of a suspended Job change', suspended({}), suspended({ disk: 'ssd' }), 'update'],
    ['the type of a Secret is immutable', secret(), secret('example/other'), 'refused'],
    ['an immutable ConfigMap is immutable', conf('1'), conf('2'), 'refused'],
    [
      'completions of a Job are immutable',
      job({ completions: 1 }),
      job({ completions: 2 }),
      'refused',
    ],
    ['parallelism of a Job changes', job({ parallelism: 1 }), job({ parallelism: 2 }), 'update'],
    ['the image of a Pod changes', pod('web:1'), pod('web:2'), 'update'],
    [
      'an added default is no change',
      deployment(),
      deployment({ spec: { progressDeadlineSeconds: 600 } }),
      'none',
    ],
  ])('%s', async (_what, old, now, action) => {
    expect((await planned([old], [now])).objects.map((one) => one.action)).toEqual([action]);
  });
});

describe('a custom resource', () => {
  const backup = (schedule: string) => ({
    apiVersion: 'example.com/v1',
    kind: 'Backup',
    metadata: { name: 'nightly' },
    spec: { schedule },
  });

  it('is planned by its fields, and not judged', async () => {
    expect(await text([backup('a')], [backup('b')])).toMatchSnapshot();
  });
});

describe('images', () => {
  const digest = (c: string) => `sha256:${c.repeat(64)}`;

  it.each([
    ['web:1', 'web:2', 'tag', ''],
    ['web:1', 'docker.io/library/web:2', 'tag', ''],
    ['web:1', `web:1@${digest('a')}`, 'digest', 'now pinned by a digest'],
    [`web:1@${digest('a')}`, `web:1@${digest('b')}`, 'digest', 'the same tag, another image'],
    [`web:1@${digest('a')}`, `web:2@${digest('b')}`, 'tag-and-digest', ''],
    [
      `web:1@${digest('a')}`,
      `web:2@${digest('a')}`,
      'tag',
      'the digest decides: it is the same image under another tag',
    ],
    [`web:1@${digest('a')}`, 'web:1', 'digest', 'no longer pinned by a digest'],
    ['web:1', 'web', 'tag', 'latest is whatever it is at each pull: Pods may run different images'],
    ['web:1', 'registry.example:5000/web:1', 'name', ''],
  ])('%s to %s is a change of %s', async (from, to, moved, caution) => {
    const plan = await planned(
      [deployment({ container: { image: from } })],
      [deployment({ container: { image: to } })],
    );
    expect(plan.images).toMatchObject([{ container: 'main', old: from, new: to, moved, caution }]);
  });

  it('of what is new are told where they move by themselves', async () => {
    const of = (name: string, image: string) => deployment({ name, container: { image } });
    const plan = await planned([], [of('a', 'web'), of('b', 'web:1'), of('c', 'web:latest')]);
    expect(plan.images.map(({ new: now, moved }) => [now, moved])).toEqual([
      ['web', 'added'],
      ['web:latest', 'added'],
    ]);
  });

  it('are told once for all objects that move alike', async () => {
    const of = (image: string) => [
      deployment({ container: { image } }),
      statefulSet({ container: { image } }),
    ];
    expect((await planned(of('web:1'), of('web:2'))).images).toMatchObject([
      { objects: ['apps/Deployment/default/web', 'apps/StatefulSet/default/web'] },
    ]);
  });
});
