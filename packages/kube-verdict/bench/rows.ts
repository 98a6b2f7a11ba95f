/** A figure of the benchmark beside its target. */
export interface Row {
  readonly name: string;
  /** Null where there is nothing to reach: a figure to compare with. */
  readonly target: number | null;
  readonly measured: number;
  readonly unit: 'ms' | 'MB';
  /** Null where there is no target. */
  readonly met: boolean | null;
}

export function row(name: string, measured: number, unit: Row['unit'], target?: number): Row {
  const rounded = Number(measured.toPrecision(3));
  return {
    name,
    target: target ?? null,
    measured: rounded,
    unit,
    met: target === undefined ? null : rounded <= target,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 1 ? middle : middle - 1];
  if (upper === undefined || lower === undefined) throw new Error('no values');
  return (upper + lower) / 2;
}
