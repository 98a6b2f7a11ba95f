import { documentsOf, type UnreadDocument } from '../reading/documents';
import { InOrder } from '../reading/in-order';
import { InputError } from '../reading/input-error';
import { givenPath, type GivenPath, inputsOf, type InputOptions } from '../reading/inputs';
import { noObject } from '../reading/manifest-set';
import { readDocumentOf, type Reader, type ReadObject } from '../reading/reader';
import type { SourceDocument } from '../reading/source-document';
import type { About, PodSecurityLevel } from '../verdict/judgement';
import { judgementOf } from '../verdict/judgement-of';
import {
  applyRequest,
  createRequest,
  createTextRequest,
  ManifestJson,
  requestOf,
} from '../verdict/request';
import type { Answer } from '../workers/give-up';
import type { CheckCommand } from './arguments';
import {
  CheckedObjects,
  type Judged,
  type JudgedDocument,
  type JudgedObject,
} from './checked-objects';
import type { Report } from './report';

/** What answers the requests of a command. */
export interface Asked {
  readonly about: About;
  readonly reader: Reader;
  readonly ask: (request: string) => Promise<Answer>;
}

/** Judges every object of the files, folders and streams, each of which is read once. */
export async function check(
  command: CheckCommand,
  { about, reader, ask }: Asked,
  inputs: InputOptions,
  report: Report,
): Promise<void> {
  const judge = async (
    { document }: UnreadDocument,
    podSecurity = command.podSecurity,
  ): Promise<JudgedDocument> => {
    const request = documentRequest(command, document, podSecurity);
    const read = readDocumentOf(await ask(request)) as JudgedDocument<Partial<Judged>>;
    const judged = async (object: ReadObject & Partial<Judged>): Promise<JudgedObject> => ({
      ...object,
      manifest: '',
      judgement:
        object.judgement ?? judgementOf(await ask(objectRequest(command, object, podSecurity))),
    });
    return { ...read, objects: await Promise.all(read.objects.map(judged)) };
  };
  const objects = new CheckedObjects(command, about, judge, report);
  const output = new InOrder();
  for (const path of command.paths) {
    let given: GivenPath;
    try {
      given = await givenPath(path);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      await output.add(Promise.resolve(), () => {
        objects.remark({ kind: 'unreadable', error });
      });
      continue;
    }
    let before = 0;
    await output.add(Promise.resolve(), () => {
      before = objects.count;
    });
    for await (const one of documentsOf(inputsOf(given, inputs), reader)) {
      await (one.kind === 'document'
        ? output.add(judge(one), (read) => {
            objects.document(one, read);
          })
        : output.add(Promise.resolve(one), (remark) => {
            objects.remark(remark);
          }));
    }
    await output.add(Promise.resolve(), () => {
      // What writes to a pipe may have failed and left it empty, whatever else was given.
      if (given.kind !== 'stream' || objects.count > before) return;
      objects.remark({ kind: 'unreadable', error: noObject(given) });
    });
  }
  await output.done();
  await objects.done();
  if (report.isEmpty) {
    const path = command.paths.join(' ');
    report.remark({ kind: 'unreadable', error: noObject({ path, kind: 'folder' }) });
  }
}

/** Objects of a document that are judged in one answer, which must not take too long. */
const MOST = 100;

function documentRequest(
  { cluster, serverSide, apply }: CheckCommand,
  { text, json }: SourceDocument,
  podSecurity: PodSecurityLevel | undefined,
): string {
  const options = { ...cluster, podSecurity };
  return createTextRequest(text, json, options, apply ? { serverSide } : undefined, MOST);
}

function objectRequest(
  { cluster, serverSide, apply }: CheckCommand,
  { manifest }: ReadObject,
  podSecurity: PodSecurityLevel | undefined,
): string {
  const options = { ...cluster, podSecurity };
  const json = new ManifestJson(manifest);
  return requestOf(
    apply
      ? applyRequest(undefined, json, { ...options, serverSide })
      : createRequest(json, options),
  );
}
