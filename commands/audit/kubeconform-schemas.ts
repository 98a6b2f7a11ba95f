/**
 * Schemas as kubeconform reads them, which has none of its own: of Kubernetes' kinds from the OpenAPI document in
 * Kubernetes' own module, of other kinds from their definitions.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

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

/**
 * Writes a schema for each kind, in which a field that the kind does not have is an error.
 *
 * @param definitions files with a CustomResourceDefinition each
 */
export function writeSchemas(
  openApi: string,
  folder: string,
  definitions: readonly string[] = [],
): void {
  mkdirSync(folder, { recursive: true });
  const document = JSON.parse(readFileSync(openApi, 'utf8')) as OpenApi;
  const schemas = [
    schemasOf(document),
    ...definitions.map((file) =>
      schemasOfDefinition(parse(readFileSync(file, 'utf8')) as Definition),
    ),
  ];
  for (const [name, schema] of schemas.flatMap((some) => Object.entries(some)))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(schema));
}

/** What is read of a CustomResourceDefinition. */
export interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** The schemas of a kind's versions, by kubeconform's names for them. */
export function schemasOfDefinition({ spec }: Definition): Record<string, Schema> {
  const { group, names, versions } = spec;
  return Object.fromEntries(
    versions.map(({ name, schema }) => [
      nameOf({ group, version: name, kind: names.kind }),
      strictly(schema.openAPIV3Schema),
    ]),
  );
}

/** The schemas by kubeconform's names for them, such as `deployment-apps-v1`. */
export function schemasOf({ definitions }: OpenApi): Record<string, Schema> {
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, strictly(definition)]),
  );
  return Object.fromEntries(
    Object.entries(strict).flatMap(([name, schema]) =>
      kindsOf(schema).map((kind) => {
        const file = { $ref: reference(name), definitions: closure(name, strict) };
        return [nameOf(kind), file] as const;
      }),
    ),
  );
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `deployment-apps-v1`: of a group's name the first part, networking for networking.k8s.io. */
function nameOf({ group, version, kind }: Kind): string {
  return [kind.toLowerCase(), group.split('.')[0] ?? '', version].filter(Boolean).join('-');
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
  const { properties, items, additionalProperties } = value;
  const isOpen = value['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...(properties !== undefined && !isOpen && { additionalProperties: false }),
    ...value,
    ...(isSchema(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, strictly(property as Schema)]),
      ),
    }),
    ...(isSchema(items) && { items: strictly(items) }),
    ...(isSchema(additionalProperties) && { additionalProperties: strictly(additionalProperties) }),
  };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
