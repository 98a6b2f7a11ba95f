/** Kinds of which nothing is stored: where verdict refuses to apply them, `kubectl apply` fails for the same reason. */
import { loadVerdict } from 'kube-verdict';
import { CheckFailure } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { textOf, type JsonObject } from './json';

const user = { user: 'jane' };
const attributes = { resourceAttributes: { verb: 'get', resource: 'pods' } };

/** A valid manifest of each that Kubernetes serves by default. */
const MANIFESTS: readonly JsonObject[] = [
  { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'nowhere' } },
  { apiVersion: 'v1', kind: 'ComponentStatus' },
  { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'none' } },
  ...[
    { kind: 'LocalSubjectAccessReview', spec: { ...attributes, ...user } },
    { kind: 'SelfSubjectAccessReview', spec: attributes },
    { kind: 'SelfSubjectRulesReview', spec: { namespace: 'default' } },
    { kind: 'SubjectAccessReview', spec: { ...attributes, ...user } },
  ].map((one) => ({ apiVersion: 'authorization.k8s.io/v1', ...one })),
];

/** What kubectl says where verdict's first error is of a type. */
const SAID: Readonly<Record<string, string>> = {
  MethodNotAllowed: 'MethodNotAllowed',
  NotFound: 'the server could not find the requested resource',
  FieldValueInvalid: 'must be empty',
};

export async function judgeUnstored(context: TestContext): Promise<string> {
  const verdict = await loadVerdict();
  try {
    const different: string[] = [];
    let refused = 0;
    for (const manifest of MANIFESTS) {
      for (const serverSide of [false, true]) {
        const named = { ...manifest, metadata: { name: 'unstored' } };
        const { accepted, errors } = await verdict.apply(undefined, named, { serverSide });
        if (accepted === null) continue;
        const { code, stderr } = await context.kubectl(
          ['apply', '--filename=-', ...(serverSide ? ['--server-side'] : [])],
          { input: JSON.stringify(context.withFault(named)), allowFailure: true },
        );
        const said = SAID[errors[0]?.type ?? ''];
        if (!accepted && code !== 0 && said !== undefined && stderr.includes(said)) refused += 1;
        else
          different.push(
            `${textOf(manifest.kind)}, server side ${serverSide}: verdict ${JSON.stringify({ accepted, errors })}, kubectl ends with ${code}: ${stderr}`,
          );
      }
    }
    if (different.length > 0) throw new CheckFailure(different.join('\n'));
    return `${refused} of ${2 * MANIFESTS.length} applies of ${MANIFESTS.length} kinds are refused by both, the others not judged`;
  } finally {
    await verdict.close();
  }
}
