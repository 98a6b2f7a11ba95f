import { documented } from '../../e2e/suites/data/restore-commands';

it('finds the commands of docs/restore.md that the drill types', () => {
  expect(documented('Restore').map((command) => command.split(' ')[3])).toEqual([
    'create',
    'wait',
    'logs',
    'exec',
  ]);
  expect(documented('Restore').at(-1)).toMatch(/adopt user_restored_\d+$/);
  expect(documented('A lost volume').join('\n')).toContain(
    'delete persistentvolumeclaim data-mysql-0',
  );
});

it('says so where there is none', () => {
  expect(() => documented('Backups')).toThrow('docs/restore.md has no command below "Backups"');
});
