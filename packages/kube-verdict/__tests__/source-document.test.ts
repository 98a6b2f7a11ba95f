import fc from 'fast-check';
import { DocumentTree } from '../src/reading/document-tree';
import { SourceDocument } from '../src/reading/source-document';

describe('the place of a whole document', () => {
  const line = fc.constantFrom(
    ...[
      '',
      '  ',
      '# of whom',
      '  # what',
      '---',
      '--- ',
      '--- # text',
      '%YAML 1.1',
      '...',
      '"kind": Pod',
    ],
  );
  const begin = fc.constantFrom(
    'kind: Pod',
    '{kind: Pod}',
    '- kind: Pod',
    '? kind',
    'kind:',
    '  kind: Pod',
  );
  const end = fc.constantFrom('\n', '\r\n');

  it('is that of its first node, with a tree or without', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), begin, end, (before, first, newline) => {
        const text = [...before, first, ''].join(newline);
        const document = new SourceDocument('web.yaml', text, {
          start: 0,
          end: text.length,
          line: 1,
        });
        expect(document.placeOf('').line).toBe(new DocumentTree(text).placeOf('').line);
      }),
      { numRuns: 300 },
    );
  });
});
