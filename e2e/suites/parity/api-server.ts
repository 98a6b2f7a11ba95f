/** The API server spoken to directly: kubectl takes a process for each word. */
import { Agent, request } from 'node:https';
import type { Cluster } from 'local-cluster';
import { isRecord, textOf, type Json, type JsonObject } from './json';

/** Connections at once: the API server has its two cores to itself and its clients. */
const CONNECTIONS = 8;
/** Milliseconds for one answer. */
const TIMEOUT = 30_000;

export interface Response {
  readonly accepted: boolean;
  readonly code: number;
  /** What came back: the object, or a Status that says why not. */
  readonly body: JsonObject;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Record<string, string> }[];
  readonly users: readonly { readonly user: Record<string, string> }[];
}

export class ApiServer {
  private readonly paths = new Map<string, string>();

  private constructor(
    private readonly server: string,
    private readonly token: string,
    private readonly agent: Agent,
    private readonly withFault: (manifest: JsonObject) => JsonObject,
  ) {}

  /**
   * Reads the cluster's kubeconfig, which has a token.
   *
   * @param withFault what a fault makes of each manifest that is created or applied.
   */
  static async open(
    cluster: Cluster,
    withFault: (manifest: JsonObject) => JsonObject,
  ): Promise<ApiServer> {
    const view = ['config', 'view', '--raw', '--flatten', '--minify', '--output=json'];
    const { stdout } = await cluster.kubectl(view);
    const { clusters, users } = JSON.parse(stdout) as Kubeconfig;
    const { server, 'certificate-authority-data': authority } = clusters[0]?.cluster ?? {};
    const { token } = users[0]?.user ?? {};
    if (server === undefined || authority === undefined || token === undefined)
      throw new Error(`${cluster.kubeconfig} must hold a server, its authority and a token`);
    const agent = new Agent({
      keepAlive: true,
      maxSockets: CONNECTIONS,
      ca: Buffer.from(authority, 'base64'),
    });
    return new ApiServer(server, token, agent, withFault);
  }

  close(): void {
    this.agent.destroy();
  }

  /** Learns under which path objects of these types live. */
  async discover(types: Iterable<string>): Promise<void> {
    const wanted = [...types];
    for (const version of new Set(wanted.map((type) => type.split(' ')[0] ?? ''))) {
      const root = version === 'v1' ? '/api/v1' : `/apis/${version}`;
      const { body } = await this.ask('GET', root);
      for (const resource of (body.resources ?? []) as JsonObject[]) {
        const name = textOf(resource.name);
        if (!name.includes('/'))
          this.paths.set(`${version} ${textOf(resource.kind)}`, `${root}|${name}`);
      }
    }
    const missing = wanted.filter((type) => !this.paths.has(type));
    if (missing.length > 0) throw new Error(`the API server does not have ${missing.join(', ')}`);
  }

  async create(
    manifest: JsonObject,
    namespace: string | undefined,
    dryRun: boolean,
  ): Promise<Response> {
    const path = `${this.path(manifest, namespace)}?fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
    return this.ask('POST', path, this.withFault(manifest), 'application/json');
  }

  /** As kubectl applies with --server-side --force-conflicts. */
  async apply(
    manifest: JsonObject,
    name: string,
    namespace: string | undefined,
    dryRun: boolean,
  ): Promise<Response> {
    const query = `?fieldManager=kubectl&force=true&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
    const path = `${this.path(manifest, namespace)}/${encodeURIComponent(name)}${query}`;
    return this.ask('PATCH', path, this.withFault(manifest), 'application/apply-patch+yaml');
  }

  get(manifest: JsonObject, name: string, namespace: string | undefined): Promise<Response> {
    return this.ask('GET', `${this.path(manifest, namespace)}/${encodeURIComponent(name)}`);
  }

  async list(apiVersion: string, kind: string, namespace: string): Promise<JsonObject[]> {
    const { body } = await this.ask('GET', this.path({ apiVersion, kind }, namespace));
    return (body.items ?? []) as JsonObject[];
  }

  delete(manifest: JsonObject, name: string, namespace: string | undefined): Promise<Response> {
    return this.ask('DELETE', `${this.path(manifest, namespace)}/${encodeURIComponent(name)}`);
  }

  private path({ apiVersion, kind }: JsonObject, namespace: string | undefined): string {
    const [root, resource] = (this.paths.get(`${textOf(apiVersion)} ${textOf(kind)}`) ?? '').split(
      '|',
    );
    if (root === undefined || resource === undefined)
      throw new Error(`${textOf(kind)} was not discovered`);
    return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`;
  }

  /** Asks once more where the connection was closed: what closes it twice is the question, not the connection. */
  private async ask(method: string, path: string, body?: Json, type?: string): Promise<Response> {
    const closed = (error: unknown): undefined => {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    };
    return (
      (await this.askOnce(method, path, body, type).catch(closed)) ??
      (await this.askOnce(method, path, body, type).catch(closed)) ?? {
        accepted: false,
        code: 0,
        body: { message: 'the API server closed the connection, twice' },
      }
    );
  }

  private askOnce(method: string, path: string, body?: Json, type?: string): Promise<Response> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.server}${path}`,
        {
          method,
          agent: this.agent,
          timeout: TIMEOUT,
          headers: {
            Authorization: `Bearer ${this.token}`,
            Accept: 'application/json',
            ...(type !== undefined && { 'Content-Type': type }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const code = response.statusCode ?? 0;
            const text = Buffer.concat(chunks).toString('utf8');
            try {
              const parsed = JSON.parse(text) as Json;
              resolve({ accepted: code < 300, code, body: isRecord(parsed) ? parsed : {} });
            } catch {
              // A panic is answered in plain text.
              resolve({ accepted: false, code, body: { message: text } });
            }
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer`)));
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** The fields of the causes of a 422; undefined for any other answer, which names none. */
export function causeFields({ code, body }: Response): string[] | undefined {
  const details = body.details;
  if (code !== 422 || !isRecord(details) || !Array.isArray(details.causes)) return undefined;
  return fieldSet(
    details.causes.map((cause) => (isRecord(cause) ? textOf(cause.field ?? '') : '')),
  );
}

export function fieldSet(fields: readonly string[]): string[] {
  return [...new Set(fields)].sort();
}
