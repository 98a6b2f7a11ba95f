import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Refusal } from './refusal';

/** Objects that share kind, namespace and name with an earlier one: applied, each would overwrite the one before. */
export function duplicateObjects(root: IConstruct): Refusal[] {
  const firsts = new Map<string, ApiObject>();
  return root.node
    .findAll()
    .filter((c) => ApiObject.isApiObject(c))
    .flatMap((object) => {
      const namespace = object.metadata.namespace ?? 'default';
      const identity = `${object.apiGroup}/${object.kind} ${namespace}/${object.name}`;
      const first = firsts.get(identity);
      if (first === undefined) {
        firsts.set(identity, object);
        return [];
      }
      return {
        field: 'metadata.name',
        rule: `must be unique among objects of kind ${object.kind} in namespace ${namespace}, and ${first.node.path} already has it (this one: ${object.node.path})`,
        received: object.name,
        mend: 'give one of them another name or namespace, or remove it',
      };
    });
}
