import fc from 'fast-check';
import { markdownTable, terminalTable, wrap } from '../../e2e/harness/table';

describe('wrap', () => {
  it('breaks at blanks', () => {
    expect(wrap('three Pods are ready', 10)).toEqual(['three Pods', 'are ready']);
  });

  it('cuts a word that is longer than a line', () => {
    expect(wrap('user-service-75bc545b7c', 10)).toEqual(['user-servi', 'ce-75bc545', 'b7c']);
  });

  it('keeps every line within its width and loses no character but blanks', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every(({ length }) => length <= width)).toBe(true);
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
    );
  });
});

describe('a table in a terminal', () => {
  it('lets a long cell go on in a further line, beside empty ones', () => {
    const columns = [{ title: 'check', width: 10 }, { title: 's' }];
    expect(terminalTable(columns, [['three Pods are ready', '1.2']]).split('\n')).toEqual([
      'check       s',
      '──────────  ───',
      'three Pods  1.2',
      'are ready',
    ]);
  });

  it('has titles and a rule without rows', () => {
    expect(terminalTable([{ title: 'check', width: 10 }], [])).toBe('check\n─────');
  });
});

describe('a table in Markdown', () => {
  it('keeps a cell in its row, whatever it holds', () => {
    const table = markdownTable([{ title: 'check' }], [['a | b\nand <c>']]);
    expect(table).toBe('| check |\n| --- |\n| a \\| b and &lt;c> |');
  });

  it('has as many lines as rows, and a title and a rule', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (rows) => {
        const lines = markdownTable([{ title: 'a' }, { title: 'b' }], rows).split('\n');
        expect(lines).toHaveLength(rows.length + 2);
      }),
    );
  });
});
