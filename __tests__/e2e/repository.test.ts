import { parseAllDocuments } from 'yaml';
import { textOf } from '../../e2e/suites/gitops/repository';

describe('a file of the repository that Flux reads', () => {
  const draft = (name: string) => ({
    kind: 'ConfigMap',
    metadata: { name },
    data: { key: '0o17' },
  });

  it.each([[['one']], [['one', 'two', 'three']]])(
    'has each manifest as a document: %j',
    (names) => {
      const drafts = names.map(draft);
      const documents = parseAllDocuments(textOf(drafts), { version: '1.1' });
      expect(documents.map((document) => document.toJS() as unknown)).toEqual(drafts);
    },
  );
});
