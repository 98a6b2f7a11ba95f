import fc from 'fast-check';
import {
  appearedTooEarly,
  fewestAvailable,
  instantsOf,
  mostActive,
  mostWanted,
  orderOfAppearance,
  orderOfDeparture,
  type ObjectEvent,
  templatesOverlap,
} from '../../e2e/harness/history';
import type { Controller, Pod } from '../../e2e/harness/objects';
import { event, pod } from './pods';

const templateOf = (each: { metadata: { labels?: Readonly<Record<string, string>> } }) =>
  each.metadata.labels?.['pod-template-hash'] ?? '';

describe('fewest available', () => {
  it('sees a dip that lasts for one event', () => {
    const instants = instantsOf(
      [pod({ name: 'a' }), pod({ name: 'b' })],
      [event('MODIFIED', { name: 'a', ready: false }), event('MODIFIED', { name: 'a' })],
    );
    expect(fewestAvailable(instants)).toBe(1);
  });

  it('does not count a Pod that is being deleted, although it is still ready', () => {
    const instants = instantsOf([pod()], [event('MODIFIED', { deleting: true })]);
    expect(fewestAvailable(instants)).toBe(0);
  });

  it('counts what was there before the first event', () => {
    expect(fewestAvailable(instantsOf([], [event('ADDED', {})]))).toBe(0);
  });
});

describe('most active', () => {
  it('counts Pods that are not ready yet', () => {
    const instants = instantsOf(
      [pod({ name: 'a' })],
      [event('ADDED', { name: 'b', ready: false })],
    );
    expect(mostActive(instants)).toBe(2);
  });

  it('does not count Pods that are being deleted or have ended', () => {
    const instants = instantsOf(
      [pod({ name: 'a', deleting: true }), pod({ name: 'b', phase: 'Failed' })],
      [event('ADDED', { name: 'c' })],
    );
    expect(mostActive(instants)).toBe(1);
  });
});

describe('most wanted', () => {
  const replicaSet = (name: string, replicas: number): Controller => ({
    kind: 'ReplicaSet',
    metadata: { name, uid: `uid of ${name}`, resourceVersion: '1' },
    spec: { replicas },
  });

  it('adds up what the ReplicaSets of one instant are told, not those of two', () => {
    const instants = instantsOf(
      [replicaSet('old', 4)],
      [
        { type: 'ADDED', object: replicaSet('new', 1) },
        { type: 'MODIFIED', object: replicaSet('old', 3) },
        { type: 'MODIFIED', object: replicaSet('new', 2) },
      ],
    );
    expect(mostWanted(instants)).toBe(5);
  });
});

describe('Pods of two templates', () => {
  it('are together while the old one is being deleted', () => {
    const instants = instantsOf(
      [pod({ name: 'a', deleting: true })],
      [event('ADDED', { name: 'b', template: 'two' }), event('DELETED', { name: 'a' })],
    );
    expect(templatesOverlap(instants, templateOf)).toBe(true);
  });

  it('are not together when the new one comes after the old one has gone', () => {
    const instants = instantsOf(
      [pod({ name: 'a' })],
      [event('DELETED', { name: 'a' }), event('ADDED', { name: 'b', template: 'two' })],
    );
    expect(templatesOverlap(instants, templateOf)).toBe(false);
  });
});

describe('order', () => {
  const before = (name: string) => (name === 'b' ? ['a'] : []);

  it('of appearance is that of the first event of each Pod', () => {
    const events = [event('ADDED', { name: 'b' }), event('ADDED', { name: 'a' })];
    expect(orderOfAppearance(instantsOf([], events))).toEqual(['b', 'a']);
  });

  it('of departure is that of being told to go, not of being gone', () => {
    const instants = instantsOf(
      [pod({ name: 'a' }), pod({ name: 'b' })],
      [
        event('MODIFIED', { name: 'b', deleting: true }),
        event('MODIFIED', { name: 'a', deleting: true }),
        event('DELETED', { name: 'a' }),
        event('DELETED', { name: 'b' }),
      ],
    );
    expect(orderOfDeparture(instants)).toEqual(['b', 'a']);
  });

  it('names a Pod that came before its predecessor was ready', () => {
    const events = [event('ADDED', { name: 'a', ready: false }), event('ADDED', { name: 'b' })];
    expect(appearedTooEarly(instantsOf([], events), before)).toBe('b');
  });

  it('accepts a Pod that came once its predecessor was ready', () => {
    const events = [
      event('ADDED', { name: 'a', ready: false }),
      event('MODIFIED', { name: 'a' }),
      event('ADDED', { name: 'b', ready: false }),
    ];
    expect(appearedTooEarly(instantsOf([], events), before)).toBeUndefined();
  });
});

describe('every history', () => {
  const events = fc.array(
    fc.record({
      type: fc.constantFrom<ObjectEvent<Pod>['type']>('ADDED', 'MODIFIED', 'DELETED'),
      object: fc
        .record({
          name: fc.constantFrom('a', 'b', 'c', 'd'),
          ready: fc.boolean(),
          deleting: fc.boolean(),
          phase: fc.constantFrom('Pending', 'Running', 'Failed'),
        })
        .map(pod),
    }),
    { maxLength: 40 },
  );

  it('has one instant more than events, none with two of one Pod', () => {
    fc.assert(
      fc.property(events, (all) => {
        const instants = instantsOf([], all);
        expect(instants).toHaveLength(all.length + 1);
        for (const pods of instants) {
          expect(new Set(pods.map(({ metadata }) => metadata.uid)).size).toBe(pods.length);
        }
      }),
    );
  });

  it('bounds each of its parts: a longer watch never shows fewer dips or lower peaks', () => {
    fc.assert(
      fc.property(events, fc.nat(40), (all, cut) => {
        const whole = instantsOf([], all);
        const part = instantsOf([], all.slice(0, cut));
        expect(fewestAvailable(whole)).toBeLessThanOrEqual(fewestAvailable(part));
        expect(mostActive(whole)).toBeGreaterThanOrEqual(mostActive(part));
      }),
    );
  });
});
