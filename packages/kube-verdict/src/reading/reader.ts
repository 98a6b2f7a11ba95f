import type { Answer } from '../workers/give-up';

/** One document of a text, or what cannot be one. Offsets are those of the text's characters. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  /** Whether kubectl reads it as JSON rather than as YAML. */
  readonly json?: boolean;
  /** Why nothing can be read from it, with the line in the text. */
  readonly mistake?: string;
  readonly mistakeLine?: number;
}

/** Something about a document, at a line of it counted from 1. */
export interface Note {
  readonly line: number;
  /** The field that it is about, where that tells the place better. */
  readonly field?: string;
  readonly message: string;
}

/** A manifest, and what a cluster knows it by. */
export interface ReadObject {
  /** Where it stands in the document: empty, or `items[3]`. @default '' */
  readonly path?: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  /** The Pod Security Standard that a Namespace enforces. */
  readonly enforces?: string;
  /** The same for the same manifest. */
  readonly digest: string;
  /** JSON with sorted keys: what kubectl sends. As text, since JavaScript rounds its numbers. */
  readonly manifest: string;
}

/** What kubectl makes of a document. */
export interface ReadDocument {
  /** Its object, or the items of a list; none of a document that is empty. */
  readonly objects: readonly ReadObject[];
  /** Why there are no more. */
  readonly mistake?: Note;
  /** Whether it can be read, and was never meant for a cluster. */
  readonly noManifest?: boolean;
  /** JSON of what is no manifest. */
  readonly value?: string;
  /** Of what kubectl passes over in silence. */
  readonly warnings?: readonly Note[];
}

/** Asks Kubernetes' own reader, which is in the module. */
export class Reader {
  constructor(private readonly ask: (request: string) => Promise<Answer>) {}

  /** Cuts a text where kubectl does. */
  async split(text: string): Promise<readonly Part[]> {
    if (isOneDocument(text)) return [{ start: 0, end: text.length, line: 1 }];
    const answer = await this.ask(`{"op":"split"}\n${text}`);
    return 'json' in answer
      ? (JSON.parse(answer.json) as { parts: readonly Part[] }).parts
      : [{ start: 0, end: text.length, line: 1, mistake: answer.gaveUp, mistakeLine: 1 }];
  }

  /**
   * Reads one document.
   * @param json whether it is read as JSON
   */
  async read(text: string, json = false): Promise<ReadDocument> {
    return readDocumentOf(await this.ask(`{"op":"read","textIsJson":${json}}\n${text}`));
  }

  /**
   * The value of a document, whether or not it is a manifest.
   * @throws Error where it cannot be read
   */
  async value(text: string): Promise<unknown> {
    const { value, objects, mistake, noManifest } = await this.read(text);
    if (mistake !== undefined && noManifest !== true) throw new Error(mistake.message);
    return JSON.parse(objects[0]?.manifest ?? value ?? 'null') as unknown;
  }
}

/** Of most files it is plain that there is nothing to cut, and no need to ask. */
function isOneDocument(text: string): boolean {
  return text !== '' && !text.includes('\n---') && !/^(?:---[^\n]|\s*\{)/.test(text);
}

/** The document that an answer holds; a mistake where the module gave up. */
export function readDocumentOf(answer: Answer): ReadDocument {
  return 'json' in answer
    ? (JSON.parse(answer.json) as ReadDocument)
    : { objects: [], mistake: { line: 1, message: answer.gaveUp } };
}
