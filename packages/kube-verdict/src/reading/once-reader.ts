import { createHash } from 'node:crypto';
import { type ReadDocument, Reader } from './reader';

/** Reads each text once, and has the same answer for it when it comes again. */
export class OnceReader extends Reader {
  private readonly known = new Map<string, Promise<ReadDocument>>();

  override read(text: string, json = false): Promise<ReadDocument> {
    const key = createHash('sha256').update(`${json}\n${text}`).digest('base64');
    const known = this.known.get(key) ?? super.read(text, json);
    this.known.set(key, known);
    return known;
  }
}
