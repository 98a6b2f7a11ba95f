/** Roles and their bindings, for the components that call the API server under a name of their own. */

const GROUP = 'rbac.authorization.k8s.io';

/** Verbs of a controller that reads, and of one that also writes. */
export const READ = ['get', 'list', 'watch'];
export const WRITE = [...READ, 'create', 'patch', 'update', 'delete'];

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export type Rule = readonly [group: string, resources: readonly string[], verbs: readonly string[]];

export function clusterRole(name: string, ...rules: readonly Rule[]): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: rules.map(([group, resources, verbs]) => ({ apiGroups: [group], resources, verbs })),
  };
}

/** Gives a user a role in the whole cluster. */
export function bindUser(name: string, role: string, user: string): object {
  return clusterRoleBinding(name, role, { apiGroup: GROUP, kind: 'User', name: user });
}

/** Gives a ServiceAccount a role in the whole cluster. */
export function bindAccount(name: string, role: string, account: Account): object {
  return clusterRoleBinding(name, role, { kind: 'ServiceAccount', ...account });
}

/** Gives a user a namespace's own role there. */
export function bindUserInNamespace(
  namespace: string,
  name: string,
  role: string,
  user: string,
): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: GROUP, kind: 'Role', name: role },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: user }],
  };
}

function clusterRoleBinding(name: string, role: string, subject: object): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}
