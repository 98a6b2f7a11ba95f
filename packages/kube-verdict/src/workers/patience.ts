/** A thread is looked at this often within a timeout. */
export const POLLS = 4;
/** What a poll counts at least, however little of a processor the process had since the last. */
const LEAST = 1 / 12;

/** How much of the time that passes counts for a timeout. */
export class Patience {
  private usage = process.cpuUsage();

  /**
   * What counts of the time since the last time it was asked, 0 to 1: what hangs takes a whole
   * processor; what has less waits for the machine, and is no slower.
   * @param interval milliseconds that have passed
   */
  counted(interval: number): number {
    const { user, system } = process.cpuUsage(this.usage);
    this.usage = process.cpuUsage();
    return Math.max(Math.min((2 * (user + system)) / 1000 / interval, 1), LEAST);
  }
}
