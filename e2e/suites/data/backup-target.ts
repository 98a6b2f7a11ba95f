/** Where backups are kept: a claim of the cluster, or S3. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environments } from '../../../environments';
import { MySql } from '../../../lib';
import type { TestContext } from '../../harness/test-context';
import { inContainerOf } from '../../system/jobs';
import { IMAGES, RESTIC } from '../../system/names';
import { applyAll } from '../../system/production';
import { s3 } from '../../system/s3';
import { synthesized } from '../../system/synthesized';

export interface Target {
  readonly name: string;
  /** Has production's backups kept there, from nothing, unless they are. */
  readonly prepare: (context: TestContext) => Promise<void>;
  /** Changes eight bytes of what is kept, as a bad disk does: in the largest file, before its end. */
  readonly damage: (context: TestContext) => Promise<void>;
}

const OFFSET = 64;
const WRONG = 'damaged!';

/** As dist/production has it. */
export const claim: Target = {
  name: 'a claim',
  prepare: () => Promise.resolve(),
  damage: async (context) => {
    await inContainerOf(
      context,
      { cronJob: 'mysql-restore', container: 'restic', name: `damage-${Date.now()}` },
      `set -eu
file=$(ls -S /backup/data/*/* | head -n 1)
chmod u+w "$file"
printf '%s' '${WRONG}' | dd of="$file" bs=1 seek=${OFFSET} conv=notrunc`,
    );
  },
};

/** Those whose production keeps its backups in S3. */
const inS3 = new WeakMap<TestContext, string>();
const SECRET = 'mysql-backup-s3';

export const bucket: Target = {
  name: 'S3 (versitygw on this machine)',
  prepare: async (context) => {
    if (inS3.has(context)) return;
    const { host, port, credentials } = await s3();
    // Each production has a password of its own for what it keeps.
    const name = `backups-${Date.now()}`;
    await context.kubectl(['apply', '--filename=-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: SECRET },
        stringData: { credentials },
      }),
    });
    const to = {
      kind: 's3',
      host,
      port,
      plaintext: true,
      bucket: `${name}/production`,
      secret: SECRET,
    } as const;
    const drafts = synthesized(
      context,
      (environment) => {
        new MySql(environment, 'mysql', {
          ...environments.production.mysql,
          image: context.image(IMAGES.mysql),
          backup: { image: context.image(RESTIC), to },
        });
      },
      ['mysql-backup'],
    );
    for (const { kind, spec } of drafts) if (kind === 'CronJob' && spec) spec.suspend = true;
    await applyAll(context, drafts);
    inS3.set(context, name);
  },
  damage: async (context) => {
    const { folder } = await s3();
    const root = join(folder, inS3.get(context) ?? '', 'production', 'data');
    const [largest = root] = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((name) => join(root, name))
      .filter((path) => statSync(path).isFile())
      .sort((a, b) => statSync(b).size - statSync(a).size);
    const content = readFileSync(largest);
    content.write(WRONG, OFFSET);
    chmodSync(largest, 0o644);
    writeFileSync(largest, content);
  },
};
