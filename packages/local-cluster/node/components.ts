/** Every process that the node consists of. */
import { coredns, volumeProvisioner } from './addons';
import { apiServer, controllerManager, etcd, scheduler } from './control-plane';
import { COREDNS, KUBERNETES, LOCAL_PATH_PROVISIONER, programsFolder } from './go-modules';
import { containerd, kubelet, kubeProxy } from './worker';

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
    apiServer: apiServer(folders.kubernetes),
    controllerManager: controllerManager(folders.kubernetes),
    scheduler: scheduler(folders.kubernetes),
    containerd: containerd(),
    kubelet: kubelet(folders.kubernetes),
    kubeProxy: kubeProxy(folders.kubernetes),
    coredns: coredns(folders.coredns),
    volumeProvisioner: volumeProvisioner(folders.provisioner),
  };
}
