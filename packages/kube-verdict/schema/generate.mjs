// Writes the JSON Schema of a plan from the types that it has in TypeScript.
import { writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';

process.chdir(import.meta.dirname);
const generator = createGenerator({
  path: '../src/plan/plan-types.ts',
  tsconfig: '../tsconfig.json',
  type: 'Plan',
  topRef: false,
  // Types of other files may have the same names.
  expose: 'none',
  // tsc checks them.
  skipTypeCheck: true,
  // What reads a plan of this version goes on reading one to which something is added.
  additionalProperties: true,
});
const { $schema, ...schema } = generator.createSchema('Plan');
const identified = { $schema, $id: 'kube-verdict/plan/v1', title: 'Plan', ...schema };
writeFileSync(process.argv[2] ?? 'plan.v1.json', `${JSON.stringify(identified, null, 2)}\n`);
