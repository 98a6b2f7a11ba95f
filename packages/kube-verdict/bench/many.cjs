// Prints the milliseconds from the start of this process to the judgements of all the manifests in a file.
const { readFileSync } = require('node:fs');
const { loadVerdict } = require('kube-verdict');

const loading = loadVerdict();
const manifests = JSON.parse(readFileSync(process.argv[2], 'utf8'));
void loading.then(async (verdict) => {
  const judgements = await Promise.all(manifests.map((manifest) => verdict.create(manifest)));
  if (judgements.some(({ accepted }) => accepted !== true)) throw new Error('one is not accepted');
  process.stdout.write(`${performance.now()}\n`);
});
