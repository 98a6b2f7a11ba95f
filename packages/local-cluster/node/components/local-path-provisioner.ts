/** Volumes for claims, each a folder of the node where its first Pod is scheduled: https://github.com/rancher/local-path-provisioner. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigOf } from '../credentials';
import { FIRST_NODE, NODES } from '../layout';
import { volumeImage } from '../program-images';
import { bindUser, clusterRole, READ, WRITE } from '../rbac';
import { logFile, type Component } from '../supervision';

const NAME = 'local-path-provisioner';
const PROVISIONER = 'rancher.io/local-path';
const USER = 'system:local-path-provisioner';
const NAMESPACE = 'local-path-storage';
const ACCOUNT = 'local-path-provisioner-service-account';

/** @param binaries folder that holds local-path-provisioner. */
export function localPathProvisioner(binaries: string): Component {
  const config = join(FIRST_NODE.config, 'volumes.json');
  const helperPod = join(FIRST_NODE.config, 'volume-pod.json');
  return {
    name: NAME,
    node: FIRST_NODE,
    command: [
      join(binaries, NAME),
      'start',
      `--kubeconfig=${kubeconfigOf(NAME)}`,
      `--config=${config}`,
      `--helper-pod-file=${helperPod}`,
      `--helper-image=${volumeImage().name}`,
      `--provisioner-name=${PROVISIONER}`,
      `--namespace=${NAMESPACE}`,
      `--service-account-name=${ACCOUNT}`,
    ],
    files: { [config]: JSON.stringify(volumeConfig()), [helperPod]: JSON.stringify(volumePod()) },
    // It serves nothing that could be asked; this line follows the sync of its caches.
    ready: () => {
      const log = existsSync(logFile({ name: NAME, node: FIRST_NODE }))
        ? readFileSync(logFile({ name: NAME, node: FIRST_NODE }), 'utf8')
        : '';
      return Promise.resolve(
        log.includes('Started provisioner controller')
          ? undefined
          : 'its controller has not started',
      );
    },
  };
}

/** What its user may do, where its Pods run, and the default StorageClass. */
export function localPathProvisionerObjects(): object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ACCOUNT, namespace: NAMESPACE },
    },
    clusterRole(
      USER,
      ['', ['nodes', 'persistentvolumeclaims', 'configmaps'], READ],
      ['', ['pods', 'persistentvolumes'], WRITE],
      ['', ['pods/log'], ['get']],
      ['', ['events'], ['create', 'patch']],
      ['storage.k8s.io', ['storageclasses'], READ],
    ),
    bindUser(USER, USER, USER),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: 'standard',
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  ];
}

function volumeConfig(): object {
  return {
    nodePathMap: NODES.map(({ name, volumes }) => ({ node: name, paths: [volumes] })),
    setupCommand: volumeImage().entrypoint,
    teardownCommand: volumeImage().entrypoint,
  };
}

/** The Pod that makes or removes the folder of a volume; the provisioner adds the folder, the command and the node. */
function volumePod(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'volume' },
    spec: {
      priorityClassName: 'system-node-critical',
      automountServiceAccountToken: false,
      containers: [{ name: 'helper-pod', image: volumeImage().name, imagePullPolicy: 'Never' }],
    },
  };
}
