import { documentsOf, type UnreadDocument } from '../reading/documents';
import { InputError } from '../reading/input-error';
import { givenPath, type GivenPath, inputsOf, type InputOptions } from '../reading/inputs';
import { noObject } from '../reading/manifest-set';
import { readDocumentOf, type Reader } from '../reading/reader';
import type { SourceDocument } from '../reading/source-document';
import type { About, PodSecurityLevel } from '../verdict/judgement';
import { createTextRequest } from '../verdict/request';
import type { Answer } from '../workers/give-up';
import type { CheckCommand } from './arguments';
import { CheckedObjects, type JudgedDocument } from './checked-objects';
import { InOrder } from '../reading/in-order';
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
  ): Promise<JudgedDocument> =>
    readDocumentOf(await ask(requestFor(command, document, podSecurity))) as JudgedDocument;
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

function requestFor(
  { cluster, serverSide, apply }: CheckCommand,
  { text, json }: SourceDocument,
  podSecurity: PodSecurityLevel | undefined,
): string {
  const options = { ...cluster, podSecurity };
  return createTextRequest(text, json, options, apply ? { serverSide } : undefined);
}
