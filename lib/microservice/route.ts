import { ApiObject, type Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { KubeIngress } from '../../imports/k8s';
import type { EnvironmentPart } from '../environment/part';
import type { Route } from './props';

/** Leads a host name to a Service, by TLS. */
export function route(
  part: EnvironmentPart,
  chart: Chart,
  service: string,
  port: number,
  host: string,
  by: Route = { kind: 'gateway' },
): void {
  if (by.kind === 'gateway') gatewayRoutes(part, service, port, host);
  else {
    new KubeIngress(chart, 'ingress', {
      metadata: { name: service },
      spec: {
        ingressClassName: by.className,
        tls: [{ hosts: [host], secretName: by.tlsSecret ?? `${service}-tls` }],
        rules: [
          {
            host,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: service, port: { number: port } } },
                },
              ],
            },
          },
        ],
      },
    });
  }
}

/** Name of the route that leads from HTTP to HTTPS. */
export function redirectName(service: string): string {
  return `${service}-redirect`;
}

function gatewayRoutes(part: EnvironmentPart, name: string, port: number, host: string): void {
  const { gateway } = part.environment;
  const chart = part.chart(name, 'gateway');
  const httpRoute = (id: string, listener: string, rules: readonly unknown[]) =>
    new ApiObject(new Construct(chart, id), 'http-route', {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: id },
      spec: {
        parentRefs: [{ name: gateway.name, namespace: gateway.namespace, sectionName: listener }],
        hostnames: [host],
        rules,
      },
    });
  httpRoute(name, gateway.secureListener, [{ backendRefs: [{ name, port }] }]);
  httpRoute(redirectName(name), gateway.plainListener, [
    {
      filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }],
    },
  ]);
}
