/** Volumes for claims, each a folder of the node: https://github.com/rancher/local-path-provisioner. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigOf } from './credentials';
import { CONFIG, VOLUMES } from './layout';
import { VOLUME_IMAGE, VOLUME_PROGRAM } from './node-images';
import { bindUser, clusterRole, READ, WRITE } from './rbac';
import { logFile, type Component } from './supervision';

const NAME = 'local-path-provisioner';
const PROVISIONER = 'rancher.io/local-path';
const USER = 'system:local-path-provisioner';
const NAMESPACE = 'local-path-storage';
const ACCOUNT = 'local-path-provisioner-service-account';

/** @param binaries folder that holds local-path-provisioner. */
export function localPathProvisioner(binaries: string): Component {
  const config = join(CONFIG, 'volumes.json');
  const helperPod = join(CONFIG, 'volume-pod.json');
  return {
    name: NAME,
    command: [
      join(binaries, NAME),
      'start',
      `--kubeconfig=${kubeconfigOf(NAME)}`,
      `--config=${config}`,
      `--helper-pod-file=${helperPod}`,
      `--helper-image=${VOLUME_IMAGE}`,
      `--provisioner-name=${PROVISIONER}`,
      `--namespace=${NAMESPACE}`,
      `--service-account-name=${ACCOUNT}`,
    ],
    files: { [config]: JSON.stringify(volumeConfig()), [helperPod]: JSON.stringify(volumePod()) },
    // It serves nothing that could be asked; this line follows the sync of its caches.
    ready: () => {
      const log = existsSync(logFile(NAME)) ? readFileSync(logFile(NAME), 'utf8') : '';
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
    nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [VOLUMES] }],
    setupCommand: VOLUME_PROGRAM,
    teardownCommand: VOLUME_PROGRAM,
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
      containers: [{ name: 'helper-pod', image: VOLUME_IMAGE, imagePullPolicy: 'Never' }],
    },
  };
}
