/** Every process that the cluster consists of, and the objects that they need. */
import {
  KUBE_ROUTER,
  KUBERNETES,
  LOCAL_PATH_PROVISIONER,
  METRICS_SERVER,
  programsFolder,
} from '../../go-programs';
import type { Node, NodeCount } from '../layout';
import { NODES } from '../layout';
import type { Component } from '../supervision';
import { containerd } from './containerd';
import { corednsObjects } from './coredns';
import { etcd } from './etcd';
import { kubeApiserver, kubeApiserverObjects } from './kube-apiserver';
import { kubeControllerManager } from './kube-controller-manager';
import { kubeProxy } from './kube-proxy';
import { kubeRouter, kubeRouterObjects } from './kube-router';
import { kubeScheduler } from './kube-scheduler';
import { kubelet } from './kubelet';
import { localPathProvisioner, localPathProvisionerObjects } from './local-path-provisioner';
import { metricsServer, metricsServerObjects } from './metrics-server';

/** Once in a cluster, on its first node. */
export function controlPlane() {
  const kubernetes = programsFolder(KUBERNETES);
  return {
    etcd: etcd(),
    apiServer: kubeApiserver(kubernetes),
    controllerManager: kubeControllerManager(kubernetes),
    scheduler: kubeScheduler(kubernetes),
    provisioner: localPathProvisioner(programsFolder(LOCAL_PATH_PROVISIONER)),
    metricsServer: metricsServer(programsFolder(METRICS_SERVER)),
  };
}

/** On every node. */
export function nodeComponents(node: Node) {
  const kubernetes = programsFolder(KUBERNETES);
  return {
    containerd: containerd(node),
    kubelet: kubelet(kubernetes, node),
    kubeProxy: kubeProxy(kubernetes, node),
    kubeRouter: kubeRouter(programsFolder(KUBE_ROUTER), node),
  };
}

export function allComponents(nodes: NodeCount): Component[] {
  return [controlPlane(), ...NODES.slice(0, nodes).map(nodeComponents)].flatMap<Component>(
    (components) => Object.values(components),
  );
}

/** What the components and their users need in the API. */
export function componentObjects(nodes: NodeCount): object[] {
  return [
    ...kubeApiserverObjects(),
    ...corednsObjects(nodes),
    ...kubeRouterObjects(),
    ...localPathProvisionerObjects(),
    ...metricsServerObjects(),
  ];
}
