import { pathOf } from '../../node/api';

describe('pathOf', () => {
  it.each([
    ['v1', 'Namespace', undefined, '/api/v1/namespaces/x'],
    ['v1', 'Service', 'ns', '/api/v1/namespaces/ns/services/x'],
    ['apps/v1', 'Deployment', 'ns', '/apis/apps/v1/namespaces/ns/deployments/x'],
    ['storage.k8s.io/v1', 'StorageClass', undefined, '/apis/storage.k8s.io/v1/storageclasses/x'],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      'ns',
      '/apis/networking.k8s.io/v1/namespaces/ns/networkpolicies/x',
    ],
    [
      'networking.k8s.io/v1',
      'Ingress',
      'ns',
      '/apis/networking.k8s.io/v1/namespaces/ns/ingresses/x',
    ],
  ])('of %s %s in %s is %s', (apiVersion, kind, namespace, path) => {
    const metadata = { name: 'x', ...(namespace !== undefined && { namespace }) };
    expect(pathOf({ apiVersion, kind, metadata })).toBe(path);
  });
});
