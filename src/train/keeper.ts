// The model folder of a run: held from before the first step to the end, and written after every epoch. An epoch that cannot
// be written is no reason to lose the ones to come: it is tried again with the next.
import { NeocogError } from "../base/errors.ts";
import { type Held, hold, type OutputOptions } from "../use/output.ts";
import { type ModelTarget, zipPathOf } from "../use/storage/locate.ts";
import type { TaskName } from "../use/tasks/list.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkpointContents, progressOf } from "./contents.ts";

interface KeeperOptions extends OutputOptions {
  /** The checkpoint that the run goes on from. */
  readonly resume?: Checkpoint<TaskName>;
}

export class Keeper {
  readonly #held: Held;
  /** Epochs that the folder holds. */
  epoch: number;
  #unwritten: Checkpoint<TaskName> | undefined;

  private constructor(held: Held, epoch: number) {
    this.#held = held;
    this.epoch = epoch;
  }

  /** Throws one sentence where nothing can or must be written. */
  static async open(target: ModelTarget, options: KeeperOptions): Promise<Keeper> {
    const zip = zipPathOf(target);
    if (zip !== undefined) {
      throw new NeocogError(
        `${zip} is a zip, but a run is kept in a folder; write the zip with saveModel when it has ended.`,
      );
    }
    return new Keeper(await hold(target, options), options.resume?.epoch ?? 0);
  }

  get title(): string {
    return this.#held.title;
  }

  /** Gives the failure, in one sentence, where it could not be written. */
  async save(checkpoint: Checkpoint<TaskName>): Promise<Error | undefined> {
    try {
      await this.#held.write(checkpointContents(checkpoint), progressOf(checkpoint));
      this.epoch = checkpoint.epoch;
      this.#unwritten = undefined;
      return undefined;
    } catch (error) {
      this.#unwritten = checkpoint;
      return error as Error;
    }
  }

  /** Tries once more to write what could not be written. */
  async retry(): Promise<Error | undefined> {
    return this.#unwritten && this.save(this.#unwritten);
  }

  async close(): Promise<void> {
    await this.#held.release();
  }
}
