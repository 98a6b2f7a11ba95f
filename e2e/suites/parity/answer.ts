/** Two answers to one question, and whether they are the same. */
import { isDeepStrictEqual } from 'node:util';
import type { ApplyJudgement } from 'kube-verdict';
import { causeFields, fieldSet, type Response } from './api-server';
import { isRecord, type JsonObject } from './json';

export interface Answer {
  /** Null: not judged. */
  readonly accepted: boolean | null;
  /** Of the mistakes; undefined where it names none. */
  readonly fields?: readonly string[] | undefined;
  /** Whether an apply changes anything; undefined for creates and for what is refused. */
  readonly changes?: boolean | undefined;
  /** What was said, for a reader. */
  readonly said: string;
}

export function answerOfVerdict({ accepted, errors, warnings, change }: ApplyJudgement): Answer {
  return {
    accepted,
    fields: accepted === false ? fieldSet(errors.map(({ field }) => field)) : undefined,
    changes: change === undefined ? undefined : change.kind !== 'none',
    said: JSON.stringify({ accepted, errors, warnings, change }, undefined, 2),
  };
}

/** @param live the object before an apply. */
export function answerOfServer(response: Response, live?: JsonObject): Answer {
  const { accepted, code, body } = response;
  return {
    accepted,
    fields: causeFields(response),
    changes:
      accepted && live !== undefined ? !isDeepStrictEqual(content(live), content(body)) : undefined,
    said: `${code} ${accepted ? 'accepted' : JSON.stringify({ message: body.message, details: body.details })}`,
  };
}

/** What differs; undefined when nothing does. */
export function difference(verdict: Answer, server: Answer): string | undefined {
  if (verdict.accepted !== server.accepted) {
    return `accepted: verdict ${String(verdict.accepted)}, the API server ${String(server.accepted)}`;
  }
  if (server.fields !== undefined && !isDeepStrictEqual(verdict.fields, server.fields)) {
    return `fields: verdict ${String(verdict.fields)}, the API server ${String(server.fields)}`;
  }
  if (server.changes !== undefined && verdict.changes !== server.changes) {
    return `changes: verdict ${String(verdict.changes)}, the API server ${String(server.changes)}`;
  }
  return undefined;
}

const BOOKKEEPING = ['managedFields', 'generation', 'resourceVersion', 'uid', 'creationTimestamp'];
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object without what the server and kubectl keep for themselves. */
function content(object: JsonObject): JsonObject {
  const copy = structuredClone(object);
  delete copy.status;
  const { metadata } = copy;
  if (!isRecord(metadata)) return copy;
  for (const name of BOOKKEEPING) Reflect.deleteProperty(metadata, name);
  if (isRecord(metadata.annotations)) {
    Reflect.deleteProperty(metadata.annotations, LAST_APPLIED);
    if (Object.keys(metadata.annotations).length === 0) delete metadata.annotations;
  }
  return copy;
}
