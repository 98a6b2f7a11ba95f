import fc from 'fast-check';
import { parseJson, toJson } from '../src/verdict/to-json';

describe('JSON of 64-bit integers', () => {
  const scalar = fc.oneof(
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.integer(),
    // What JavaScript writes as a long integer is one.
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => !Object.is(n, -0) && Number.isInteger(n) === Number.isSafeInteger(n)),
    fc.string({
      unit: fc.constantFrom('"', '\\', '9007199254740993', ':', ',', ' ', '[', 'a', '\n'),
    }),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    ),
  })).value;

  it('is read as what was written', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (written, indent) => {
        expect(parseJson(toJson(written, indent))).toEqual(written);
      }),
    );
  });

  it('keeps the numbers that JavaScript has', () => {
    expect(
      parseJson('[9007199254740991, 9007199254740993, 1e30, 0.12345678901234568, 12]'),
    ).toEqual([9007199254740991, 9007199254740993n, 1e30, 0.12345678901234568, 12]);
  });
});
