/** Schemas of Kubernetes' kinds as kubeconform reads them, from the OpenAPI document in its own module. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Schema = Readonly<Record<string, unknown>>;

export interface OpenApi {
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** The folder of Go's module cache with the OpenAPI documents of a version of Kubernetes, such as v1.34.10. */
export function openApiFolder(version: string): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`], {
    encoding: 'utf8',
  });
  return join((JSON.parse(answer) as { Dir: string }).Dir, 'api', 'openapi-spec');
}

/** Where kubeconform finds what {@link writeSchemas} wrote: a template of its own. */
export function schemaLocation(folder: string): string {
  return join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json');
}

/** Writes a schema for each kind, in which a field that Kubernetes does not have is an error. */
export function writeSchemas(openApi: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const document = JSON.parse(readFileSync(openApi, 'utf8')) as OpenApi;
  for (const [name, schema] of Object.entries(schemasOf(document)))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(schema));
}

/** The schemas by kubeconform's names for them, such as `deployment-apps-v1`. */
export function schemasOf({ definitions }: OpenApi): Record<string, Schema> {
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, strictly(definition)]),
  );
  return Object.fromEntries(
    Object.entries(strict).flatMap(([name, schema]) =>
      kindsOf(schema).map(({ group, version, kind }) => {
        // Of a group's name the first part: networking for networking.k8s.io.
        const parts = [kind.toLowerCase(), group.split('.')[0] ?? '', version].filter(Boolean);
        const file = { $ref: reference(name), definitions: closure(name, strict) };
        return [parts.join('-'), file] as const;
      }),
    ),
  );
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function kindsOf(schema: Schema): readonly Kind[] {
  return (schema['x-kubernetes-group-version-kind'] ?? []) as readonly Kind[];
}

const REFERENCE = '#/definitions/';
const reference = (name: string) => `${REFERENCE}${name}`;

/** The definitions that a definition refers to, itself among them. */
function closure(name: string, definitions: Readonly<Record<string, Schema>>) {
  const found = new Map<string, Schema>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && value.startsWith(REFERENCE))
      add(value.slice(REFERENCE.length));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  const add = (name: string): void => {
    const definition = definitions[name];
    if (definition === undefined || found.has(name)) return;
    found.set(name, definition);
    visit(definition);
  };
  add(name);
  return Object.fromEntries(found);
}

/** Without fields that it does not name; and a choice where OpenAPI 2, which knows none, says string. */
function strictly(value: Schema): Schema {
  if (value.format === 'int-or-string') return { oneOf: [{ type: 'string' }, { type: 'integer' }] };
  const { properties } = value;
  if (properties === undefined) return value;
  const strictProperties = Object.entries(properties as Readonly<Record<string, Schema>>).map(
    ([name, property]) => [name, strictly(property)],
  );
  return {
    additionalProperties: false,
    ...value,
    properties: Object.fromEntries(strictProperties) as Schema,
  };
}
