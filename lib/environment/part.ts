import type { Chart } from 'cdk8s';
import { type Creator, isClaimed, ValidatedConstruct } from '../app/validated';
import { addValidation, ValidationError } from '../app/validation';
import { Environment, type Part } from './environment';

/** What an environment is made of: it makes its objects only where it and the environment are valid. */
export class EnvironmentPart extends ValidatedConstruct {
  readonly environment: Environment;
  readonly creator: Creator;

  constructor(environment: Environment, id: string, creator?: Creator) {
    super(environment, id, creator ?? new.target);
    this.creator = creator ?? new.target;
    // For programs that run without a type check.
    if (!((environment as unknown) instanceof Environment))
      throw new ValidationError([
        `[${this.node.path}] environment: must be an Environment; received ${(environment as object).constructor.name}; create one and pass it`,
      ]);
    this.environment = environment;
  }

  /** A file of the environment, whose objects are made where this was. To be called while that is so. */
  chart(id: string, part?: Part): Chart {
    const chart = this.environment.chart(id, part);
    if (chart.node.metadata.length === 0)
      chart.node.addMetadata('created', id, { stackTrace: true, traceFromFunction: this.creator });
    return chart;
  }

  /** Reports, at synthesis, that the environment has nothing of this name: what is not valid would have had one. */
  expectName(field: string, name: string): void {
    const isKnown = () =>
      isClaimed(this.environment, 'name', name) ||
      this.environment.node.children.some(
        (child) => child instanceof ValidatedConstruct && !child.isValid,
      );
    addValidation(this, () =>
      isKnown()
        ? []
        : [
            {
              field,
              rule: `must be the name of what there is in ${this.environment.node.path}`,
              received: name,
              fix: 'name what is created there',
            },
          ],
    );
  }

  override get isValid(): boolean {
    return super.isValid && this.environment.isValid;
  }
}
