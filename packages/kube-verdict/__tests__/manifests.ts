/** Manifests that the tests judge. */

export function pod(name: string, container: object = {}): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image: 'nginx:1.29', ...container }] },
  };
}

export function deployment(name: string, spec: object = {}, container: object = {}) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx:1.29', ...container }] },
      },
      ...spec,
    },
  };
}

export function service(name: string, spec: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

/** A Pod with so many environment variables. Merging thousands of them takes Kubernetes seconds. */
export function podWithVariables(count: number, value: string): Record<string, unknown> {
  const env = Array.from({ length: count }, (_, i) => ({ name: `V${i}`, value }));
  return pod('many-variables', { env });
}
