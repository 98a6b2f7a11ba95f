import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from './input-error';

/** The names that kustomize looks for (RecognizedKustomizationFileNames of sigs.k8s.io/kustomize). */
export const KUSTOMIZATION_FILES: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/** What a kustomization lists, by absolute path. */
export interface Kustomization {
  /** Its file, as found. */
  readonly file: string;
  readonly folder: string;
  /** Whether it can only be part of another. */
  readonly component: boolean;
  /** Folders and files that it is made of. */
  readonly resources: readonly string[];
  /** Files that say what to change in objects, and are none. */
  readonly patches: readonly string[];
  /** Files that become the content of ConfigMaps and Secrets, or configure kustomize. */
  readonly contents: readonly string[];
}

/** @param value of the file's document */
export function kustomizationOf(file: string, folder: string, value: unknown): Kustomization {
  const at = (key: string): unknown[] => {
    const list = isRecord(value) ? value[key] : undefined;
    return Array.isArray(list) ? (list as unknown[]) : [];
  };
  const paths = (entries: readonly unknown[]): string[] =>
    entries.flatMap((entry) => {
      const path = isRecord(entry) ? entry.path : entry;
      // A patch may be written where it is listed.
      return typeof path === 'string' && !path.includes('\n') ? [resolve(folder, path)] : [];
    });
  const charts = at('helmCharts').flatMap((chart) =>
    isRecord(chart) ? [chart.valuesFile, chart.additionalValuesFiles].flat() : [],
  );
  const generated = [...at('configMapGenerator'), ...at('secretGenerator')].flatMap((generator) =>
    isRecord(generator) ? [generator.files, generator.envs, [generator.env]].flat() : [],
  );
  return {
    file,
    folder: resolve(folder),
    component: isRecord(value) && value.kind === 'Component',
    resources: paths([...at('resources'), ...at('bases'), ...at('components')]),
    patches: paths([...at('patches'), ...at('patchesStrategicMerge'), ...at('patchesJson6902')]),
    contents: paths([
      // KEY=PATH names the key, else the file does.
      ...generated.map((entry) =>
        typeof entry === 'string' ? entry.replace(/^[^=]*=/, '') : entry,
      ),
      ...charts,
      ...at('transformers'),
      ...at('generators'),
      ...at('validators'),
      ...at('replacements'),
      ...at('configurations'),
      ...at('crds'),
      ...(isRecord(value) ? [value.openapi] : []),
    ]),
  };
}

/**
 * The kustomizations that no other is made of, and one of each circle, which kustomize is to refuse.
 */
export function outermostOf(all: readonly Kustomization[]): Kustomization[] {
  const outermost: Kustomization[] = [];
  const reached = new Set<Kustomization>();
  const reach = (one: Kustomization): void => {
    if (reached.has(one)) return;
    reached.add(one);
    for (const other of all) if (one.resources.includes(other.folder)) reach(other);
  };
  const isListed = (one: Kustomization): boolean =>
    all.some(({ resources }) => resources.includes(one.folder));
  const whole = all.filter(({ component }) => !component);
  for (const one of [...whole.filter((k) => !isListed(k)), ...whole]) {
    if (reached.has(one)) continue;
    outermost.push(one);
    reach(one);
  }
  return outermost;
}

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
];

/**
 * What kustomize makes of it.
 * @throws InputError where it is not installed, or refuses
 */
export async function buildKustomization({ file, folder }: Kustomization): Promise<string> {
  for (const [command, ...args] of COMMANDS) {
    try {
      const { stdout } = await promisify(execFile)(command, [...args, folder], {
        maxBuffer: 256 * 1024 * 1024,
      });
      return stdout;
    } catch (error) {
      const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
      if (code === 'ENOENT') continue;
      const said = (stderr ?? '').trim();
      throw new InputError(file, `${command} cannot build it: ${said === '' ? message : said}`);
    }
  }
  throw new InputError(
    file,
    '--kustomize needs kubectl or kustomize, and finds neither; or pipe it: kubectl kustomize … | kube-verdict check -',
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
