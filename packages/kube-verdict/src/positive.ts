/** @throws RangeError when the value is not a positive, finite number */
export function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${name} must be a positive number; received ${value}`);
}
