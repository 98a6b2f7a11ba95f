/** What NetworkPolicies come to let through, and no longer let through. */
import { type Change, tellsOnce } from './changes';
import { daemonSet, deployment, policy, statefulSet } from './manifests';

const web = [deployment(), statefulSet({ name: 'db' })];
const from = { from: [{ podSelector: { matchLabels: { app: 'shop' } } }] };
const dns = { ports: [{ protocol: 'UDP', port: 53 }] };
const db = { to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ port: 3306 }] };
const closed = policy('deny-all', {}, { policyTypes: ['Ingress', 'Egress'] });
const open = policy('web', { app: 'web' }, { ingress: [from], egress: [dns, db] });

const CHANGES: Change[] = [
  [
    'a policy that isolates Pods which were open, once for each direction',
    [],
    [policy('deny-all', {}, { policyTypes: ['Ingress', 'Egress'] })],
    web,
    [
      'traffic NetworkPolicy deny-all: Deployment default/web and StatefulSet default/db could be reached from everywhere, and from now on only as policies allow',
      'traffic NetworkPolicy deny-all: Deployment default/web and StatefulSet default/db could reach everything, and from now on only what policies allow',
    ],
  ],
  [
    'Pods that are opened as their last policy goes',
    [policy('web', { app: 'web' }, { ingress: [from] })],
    [],
    web,
    [
      'traffic NetworkPolicy web: Deployment default/web may be reached from everywhere from now on: no NetworkPolicy is about it any more',
    ],
  ],
  [
    'Pods that are cut off, as what let traffic through goes and what isolates them stays',
    [open],
    [],
    [...web, closed],
    [
      'traffic NetworkPolicy web: nothing reaches Deployment default/web any more: it is isolated, and no rule is left',
      'traffic NetworkPolicy web: Deployment default/web reaches nothing any more: it is isolated, and no rule is left',
    ],
  ],
  [
    'Pods that are cut off by rules that go',
    [policy('web', { app: 'web' }, { ingress: [from] })],
    [policy('web', { app: 'web' }, { ingress: [] })],
    web,
    [
      'traffic NetworkPolicy web: nothing reaches Deployment default/web any more: it is isolated, and no rule is left',
    ],
  ],
  [
    'what one of two policies let through',
    [policy('shop', { app: 'web' }, { ingress: [from] })],
    [],
    [...web, policy('web', { app: 'web' }, { ingress: [{ ports: [{ port: 80 }] }] })],
    [
      'traffic NetworkPolicy shop: what it let reach Deployment default/web is no longer let through: it is isolated by NetworkPolicy default/web',
    ],
  ],
  [
    'Pods that can no longer ask for names',
    [open],
    [policy('web', { app: 'web' }, { ingress: [from], egress: [db] })],
    web,
    [
      'traffic NetworkPolicy web: Deployment default/web can no longer ask DNS for names: no rule lets traffic go to port 53',
    ],
  ],
  [
    'DNS within a range of ports',
    [open],
    [
      policy(
        'web',
        { app: 'web' },
        { ingress: [from], egress: [{ ports: [{ protocol: 'UDP', port: 50, endPort: 60 }] }, db] },
      ),
    ],
    web,
    [],
  ],
  [
    'a port by name, which may be that of DNS',
    [open],
    [
      policy(
        'web',
        { app: 'web' },
        { ingress: [from], egress: [{ ports: [{ protocol: 'UDP', port: 'dns' }] }, db] },
      ),
    ],
    web,
    [],
  ],
  [
    'another peer in a rule',
    [open],
    [policy('web', { app: 'web' }, { ingress: [from, from], egress: [dns] })],
    web,
    [],
  ],
  ['Pods that come with their policies', [], [daemonSet(), closed], [], []],
];

describe('a change of network policies', () => {
  tellsOnce(CHANGES);
});
