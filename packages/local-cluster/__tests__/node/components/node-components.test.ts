import { nodeComponents } from '../../../node/components/cluster-components';
import { FIRST_NODE, type Node, NODES, PKI, RUN, SECOND_NODE, STATE } from '../../../node/layout';
import { logFile, titleOf } from '../../../node/supervision';

const components = (node: Node) => Object.values(nodeComponents(node));

/** Every path that a node's components are told of, below the cluster's folders. */
const pathsOf = (node: Node): string[] => {
  const told = components(node).flatMap((component) => [
    logFile(component),
    ...component.command,
    ...Object.entries(component.files ?? {}).flat(),
  ]);
  const path = new RegExp(`(?:${STATE}|${RUN})[^\\s"',;]*`, 'g');
  return told.flatMap((text) => text.match(path) ?? []);
};
/** Credentials are the cluster's, and are read by all. */
const isCredential = (path: string): boolean =>
  path.startsWith(`${PKI}/`) || path.endsWith('.kubeconfig');

describe('the components of a node', () => {
  it('keep everything where no other node keeps anything', () => {
    const paths = pathsOf(SECOND_NODE).filter((path) => !isCredential(path));
    expect(paths.length).toBeGreaterThan(20);
    const strangers = paths.filter(
      (path) =>
        ![SECOND_NODE.state, SECOND_NODE.run].some((folder) => path.startsWith(`${folder}/`)),
    );
    expect(strangers).toEqual([]);
    const others = pathsOf(FIRST_NODE).filter((path) =>
      [SECOND_NODE.state, SECOND_NODE.run].some((folder) => path.startsWith(folder)),
    );
    expect(others).toEqual([]);
  });

  it('listen at the address of their node alone', () => {
    for (const node of NODES) {
      const others = NODES.filter((other) => other !== node).map(({ address }) => address);
      // The API server's address is in the kubeconfigs, which are files of credentials.
      const text = JSON.stringify(
        components(node).map(({ command, files = {} }) => [command, files]),
      );
      for (const address of others) expect(text).not.toContain(address);
    }
  });

  it('are told apart by title and log', () => {
    const all = NODES.flatMap(components);
    expect(new Set(all.map(titleOf)).size).toBe(all.length);
    expect(new Set(all.map(logFile)).size).toBe(all.length);
  });
});
