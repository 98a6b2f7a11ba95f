import { addValidation, synthesize } from '../../lib';

const error = { field: 'name', rule: 'must be given', received: undefined, fix: 'give it' };

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(console, 'error').mockImplementation((line: string) => printed.push(line));
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

it('prints what is not valid, without a stack, and ends with 1', () => {
  synthesize((app) => {
    addValidation(app, () => [error]);
  });
  expect(printed.join('\n')).toContain('name: must be given; received undefined; give it');
  expect(printed.join('\n')).not.toContain('    at ');
  expect(process.exitCode).toBe(1);
});

it('leaves a mistake of the app as it was thrown', () => {
  expect(() => {
    synthesize(() => {
      throw new Error('by intent');
    });
  }).toThrow('by intent');
});
