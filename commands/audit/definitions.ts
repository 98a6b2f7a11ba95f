/** The kinds of other projects in dist and gitops, and where each project keeps their definition: a Go module, and a file in it. */
export const DEFINITIONS = {
  Application: ['github.com/argoproj/argo-cd/v3@v3.3.6', 'manifests/crds/application-crd.yaml'],
  ExternalSecret: [
    'github.com/external-secrets/external-secrets@v1.3.2',
    'config/crds/bases/external-secrets.io_externalsecrets.yaml',
  ],
  GitRepository: [
    'github.com/fluxcd/source-controller@v1.9.6',
    'config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml',
  ],
  HTTPRoute: [
    'sigs.k8s.io/gateway-api@v1.4.0',
    'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
  ],
  Kustomization: [
    'github.com/fluxcd/kustomize-controller@v1.9.6',
    'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml',
  ],
  PodMonitor: [
    'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    'example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml',
  ],
  PrometheusRule: [
    'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
  ],
} as const;
