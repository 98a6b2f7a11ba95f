/** Every process that the node consists of. */
import { COREDNS, KUBERNETES, LOCAL_PATH_PROVISIONER, programsFolder } from '../go-programs';
import { containerd } from './containerd';
import { coredns, corednsObjects } from './coredns';
import { etcd } from './etcd';
import { kubeApiserver, kubeApiserverObjects } from './kube-apiserver';
import { kubeControllerManager } from './kube-controller-manager';
import { kubeProxy } from './kube-proxy';
import { kubeScheduler } from './kube-scheduler';
import { kubelet } from './kubelet';
import { localPathProvisioner, localPathProvisionerObjects } from './local-path-provisioner';

/** Folders that hold the programs built from source. */
export interface ProgramFolders {
  readonly kubernetes: string;
  readonly coredns: string;
  readonly provisioner: string;
}

/** Where the programs are once they are built. */
export function programFolders(): ProgramFolders {
  return {
    kubernetes: programsFolder(KUBERNETES),
    coredns: programsFolder(COREDNS),
    provisioner: programsFolder(LOCAL_PATH_PROVISIONER),
  };
}

export function nodeComponents(folders: ProgramFolders) {
  return {
    etcd: etcd(),
    apiServer: kubeApiserver(folders.kubernetes),
    controllerManager: kubeControllerManager(folders.kubernetes),
    scheduler: kubeScheduler(folders.kubernetes),
    containerd: containerd(),
    kubelet: kubelet(folders.kubernetes),
    kubeProxy: kubeProxy(folders.kubernetes),
    coredns: coredns(folders.coredns),
    provisioner: localPathProvisioner(folders.provisioner),
  };
}

/** The objects that the components and their users need, as one manifest. */
export function componentObjects(): object {
  const items = [...kubeApiserverObjects(), ...corednsObjects(), ...localPathProvisionerObjects()];
  return { apiVersion: 'v1', kind: 'List', items };
}
