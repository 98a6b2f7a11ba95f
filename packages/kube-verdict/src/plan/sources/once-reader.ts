import { type ReadDocument, Reader } from '../../reading/reader';

/** Reads the same text once: most of a set is the same text on both sides. */
export class OnceReader extends Reader {
  private readonly known = new Map<string, Promise<ReadDocument>>();

  override read(text: string, json = false): Promise<ReadDocument> {
    const key = `${json}${text}`;
    const read = this.known.get(key) ?? super.read(text, json);
    this.known.set(key, read);
    return read;
  }
}
