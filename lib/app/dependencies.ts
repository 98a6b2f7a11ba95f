import { ApiObject, Chart, DependencyGraph } from 'cdk8s';
import type { IConstruct } from 'constructs';

/**
 * Carries the dependencies between constructs over to their charts and to their API objects, as `cdk8s.App` does.
 *
 * @returns the charts that depend on another, each with that other
 */
export function resolveDependencies(root: IConstruct): (readonly [from: Chart, to: Chart])[] {
  const constructs = root.node.findAll();
  const dependencies: (readonly [Chart, Chart])[] = [];
  const chartDependsOn = (source: Chart, target: Chart) => {
    source.node.addDependency(target);
    dependencies.push([source, target]);
  };

  for (const chart of constructs.filter((c) => Chart.isChart(c))) {
    for (const nested of chart.node.children.filter((c) => Chart.isChart(c)))
      chartDependsOn(chart, nested);
  }
  for (const [source, target] of dependenciesOf(constructs)) {
    const [from, to] = [Chart.of(source), Chart.of(target)];
    if (from !== to) chartDependsOn(from, to);
  }
  // Listed again: the charts' own dependencies have been added by now, and hold for their objects too.
  for (const [source, target] of dependenciesOf(constructs)) {
    const targets = objectsBelow(target);
    for (const from of objectsBelow(source)) {
      for (const to of targets) if (from !== to) from.node.addDependency(to);
    }
  }
  return dependencies;
}

/** The objects that are rendered with this chart, in the order to apply: not those of charts nested in it. */
export function objectsOf(chart: Chart): ApiObject[] {
  return new DependencyGraph(chart.node)
    .topology()
    .filter((c) => ApiObject.isApiObject(c))
    .filter((object) => object.chart === chart);
}

function dependenciesOf(
  constructs: readonly IConstruct[],
): [source: IConstruct, target: IConstruct][] {
  return constructs.flatMap((source) =>
    source.node.dependencies.map((target): [IConstruct, IConstruct] => [source, target]),
  );
}

function objectsBelow(construct: IConstruct): ApiObject[] {
  const chart = Chart.of(construct);
  return construct.node
    .findAll()
    .filter((c) => ApiObject.isApiObject(c))
    .filter((object) => object.chart === chart);
}
