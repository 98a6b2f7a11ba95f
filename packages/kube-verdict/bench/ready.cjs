// Prints the milliseconds from the start of this process to the first judgement it has.
const { loadVerdict } = require('kube-verdict');

void loadVerdict().then(async (verdict) => {
  process.stdout.write(`${performance.now()}\n`);
  await verdict.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
  process.stdout.write(`${performance.now()}\n`);
});
