import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IConstruct } from 'constructs';
import { checkArgument, isObject, rule } from '../rule';

// By its shape: the program's constructs may be another copy than the one that is found from here.
export const CONSTRUCT = rule(
  'a construct, such as the App',
  (value) =>
    isObject(value) &&
    'node' in value &&
    isObject(value.node) &&
    ['scopes', 'findAll', 'addValidation'].every((name) => name in (value.node as object)),
);

/**
 * Where a construct was created, as `file:line:column` from the working directory: what its
 * metadata recorded (`node.addMetadata(…, { stackTrace: true })`), else its nearest parent's.
 * @throws TypeError when it is no construct
 */
export function createdAt(construct: IConstruct): string | undefined {
  checkArgument('construct', CONSTRUCT, construct);
  for (const scope of construct.node.scopes.toReversed()) {
    const trace = scope.node.metadata.find((entry) => entry.trace?.length)?.trace;
    const place = trace === undefined ? undefined : callerOf(scope, trace);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The frame that called the constructor: the first that is not in one of its own constructors. */
function callerOf(construct: IConstruct, trace: readonly string[]): string | undefined {
  const classes = new Set<string>();
  for (let p: unknown = construct; p !== null && p !== undefined; p = Object.getPrototypeOf(p)) {
    const { constructor } = p as { constructor?: { name?: string } };
    if (constructor?.name !== undefined) classes.add(constructor.name);
  }
  const frames = trace.filter((frame) => !/\((?:node:|native)|node_modules/.test(frame));
  const caller = frames.find((frame) => {
    const made = /^(?:new |Reflect\.)([\w$.]+)/.exec(frame)?.[1]?.split('.').at(-1);
    return made === undefined || !classes.has(made);
  });
  return placeOf(caller ?? frames[0] ?? '');
}

function placeOf(frame: string): string | undefined {
  const match = /\(?((?:file:\/\/)?[^()]+):(\d+):(\d+)\)?$/.exec(frame);
  if (match === null) return undefined;
  const [, file = '', line = '', column = ''] = match;
  const path = file.startsWith('file://') ? fileURLToPath(file) : file.replace(/^at /, '');
  const near = relative(process.cwd(), path);
  return `${near.startsWith('..') ? path : near}:${line}:${column}`;
}
