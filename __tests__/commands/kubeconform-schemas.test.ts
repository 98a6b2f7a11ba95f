import { schemasOf, schemasOfDefinition } from '../../commands/audit/kubeconform-schemas';

const DEFINITIONS = {
  'io.k8s.Tree': {
    type: 'object',
    properties: {
      spec: { $ref: '#/definitions/io.k8s.Branch' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
    'x-kubernetes-group-version-kind': [{ group: 'forest.k8s.io', version: 'v1', kind: 'Tree' }],
  },
  // A branch has branches.
  'io.k8s.Branch': {
    type: 'object',
    properties: {
      width: { $ref: '#/definitions/io.k8s.IntOrString' },
      branches: { type: 'array', items: { $ref: '#/definitions/io.k8s.Branch' } },
    },
  },
  'io.k8s.IntOrString': { type: 'string', format: 'int-or-string' },
  'io.k8s.Stone': {
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Stone' }],
  },
};

describe('schemas for kubeconform', () => {
  const schemas = schemasOf({ definitions: DEFINITIONS });

  it('have its names: kind, first part of the group, version', () => {
    expect(Object.keys(schemas)).toEqual(['tree-forest-v1', 'stone-v1']);
  });

  it('hold what they refer to, and nothing else', () => {
    expect(Object.keys(schemas['tree-forest-v1']?.definitions ?? {})).toEqual([
      'io.k8s.Tree',
      'io.k8s.Branch',
      'io.k8s.IntOrString',
    ]);
  });

  it('know no other fields than those named, unless a name is the author’s choice', () => {
    expect(schemas['tree-forest-v1']).toMatchObject({
      $ref: '#/definitions/io.k8s.Tree',
      definitions: {
        'io.k8s.Tree': {
          additionalProperties: false,
          properties: { labels: { additionalProperties: { type: 'string' } } },
        },
        'io.k8s.Branch': { additionalProperties: false },
      },
    });
  });

  it('take a number where OpenAPI 2 can only say string', () => {
    expect(schemas['tree-forest-v1']).toMatchObject({
      definitions: {
        'io.k8s.IntOrString': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      },
    });
  });
});

it('are made of a definition for each of its versions, strict in lists and maps too', () => {
  const strict = { type: 'object', properties: { a: { type: 'string' } } };
  const open = { ...strict, 'x-kubernetes-preserve-unknown-fields': true };
  const spec = {
    group: 'forest.example.com',
    names: { kind: 'Shrub' },
    versions: [
      {
        name: 'v1beta1',
        schema: {
          openAPIV3Schema: {
            properties: {
              list: { type: 'array', items: strict },
              map: { type: 'object', additionalProperties: strict },
              open,
            },
          },
        },
      },
    ],
  };
  expect(schemasOfDefinition({ spec })).toEqual({
    'shrub-forest-v1beta1': {
      additionalProperties: false,
      properties: {
        list: { type: 'array', items: { ...strict, additionalProperties: false } },
        map: { type: 'object', additionalProperties: { ...strict, additionalProperties: false } },
        open,
      },
    },
  });
});
