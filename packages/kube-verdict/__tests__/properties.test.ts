import * as fc from 'fast-check';
import { loadVerdict, type Verdict } from '../src/index';
import { deployments, manifests } from './arbitraries';

let verdict: Verdict;

beforeAll(async () => {
  verdict = await loadVerdict();
});

afterAll(() => verdict.close());

const serverSide = fc.boolean();

describe('a manifest that is accepted', () => {
  it('is unchanged when it is applied again', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(manifests, serverSide, async (manifest, server) => {
        const created = await verdict.create(manifest);
        fc.pre(created.accepted === true);
        accepted++;
        const judgement = await verdict.apply(manifest, manifest, { serverSide: server });
        expect(judgement).toMatchObject({ accepted: true, change: { kind: 'none', fields: [] } });
      }),
      { numRuns: 300, maxSkipsPerRun: 20 },
    );
    expect(accepted).toBeGreaterThanOrEqual(300);
  });
});

describe('defaults', () => {
  it('are no change when they are written out', async () => {
    await fc.assert(
      fc.asyncProperty(deployments, serverSide, async ({ written, defaulted }, server) => {
        for (const [previous, next] of [
          [written, defaulted],
          [defaulted, written],
        ] as const) {
          const judgement = await verdict.apply(previous, next, { serverSide: server });
          expect(judgement.errors).toEqual([]);
          expect(judgement.change).toEqual({ kind: 'none', fields: [] });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('whatever is asked', () => {
  it('is answered alike every time', async () => {
    await fc.assert(
      fc.asyncProperty(manifests, async (manifest) => {
        const first = await verdict.create(manifest);
        expect(await verdict.create(structuredClone(manifest))).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });

  it('is answered with a judgement that contradicts itself nowhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.object({ maxDepth: 4 }), manifests, async (nonsense, manifest) => {
        for (const asked of [nonsense, { ...manifest, spec: nonsense }]) {
          const { accepted, errors, warnings } = await verdict.create(asked);
          expect(accepted === false).toBe(errors.length > 0);
          if (accepted === null) expect(warnings).not.toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of an apply, has a change exactly when it is accepted', async () => {
    await fc.assert(
      fc.asyncProperty(manifests, manifests, serverSide, async (previous, next, server) => {
        const judgement = await verdict.apply(previous, next, { serverSide: server });
        expect(judgement.change !== undefined).toBe(judgement.accepted === true);
      }),
      { numRuns: 300 },
    );
  });
});
