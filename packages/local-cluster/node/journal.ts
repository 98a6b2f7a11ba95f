/** The recorded state of a node that is being brought up: every change is on disk when the call returns. */
import { type NodeCount, STATE_FILE } from './layout';
import { bootId } from '../process-identity';
import {
  readState,
  writeState,
  type RecordedState,
  type RecordedProcess,
  type RecordedSetting,
} from './state';

export class Journal {
  private state: RecordedState;

  /** @throws {ClusterError} when an earlier record cannot be understood. */
  constructor(private readonly file: string = STATE_FILE) {
    const earlier = readState(file) ?? {
      bootId: bootId(),
      nodes: 1,
      addons: [],
      processes: {},
      settings: {},
      folders: [],
    };
    // A reboot has ended the processes and turned the settings back; the folders are still there.
    this.state =
      earlier.bootId === bootId()
        ? earlier
        : { ...earlier, bootId: bootId(), processes: {}, settings: {} };
    writeState(file, this.state);
  }

  get nodes(): NodeCount {
    return this.state.nodes;
  }

  recordNodes(nodes: NodeCount): void {
    this.write({ nodes });
  }

  get addons(): readonly string[] {
    return this.state.addons;
  }

  recordAddon(addon: string): void {
    if (!this.state.addons.includes(addon)) this.write({ addons: [...this.state.addons, addon] });
  }

  process(component: string): RecordedProcess | undefined {
    return this.state.processes[component];
  }

  recordProcess(component: string, process: RecordedProcess): void {
    this.write({ processes: { ...this.state.processes, [component]: process } });
  }

  forgetProcess(component: string): void {
    this.write({
      processes: Object.fromEntries(
        Object.entries(this.state.processes).filter(([name]) => name !== component),
      ),
    });
  }

  setting(path: string): RecordedSetting | undefined {
    return this.state.settings[path];
  }

  recordSetting(path: string, setting: RecordedSetting): void {
    this.write({ settings: { ...this.state.settings, [path]: setting } });
  }

  recordFolder(folder: string): void {
    if (!this.state.folders.includes(folder))
      this.write({ folders: [...this.state.folders, folder] });
  }

  private write(change: Partial<RecordedState>): void {
    this.state = { ...this.state, ...change };
    writeState(this.file, this.state);
  }
}
