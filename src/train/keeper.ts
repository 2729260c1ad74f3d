// The model folder of a run: held from before the first step to the end, written after every epoch and within one. A
// checkpoint that cannot be written is no reason to lose the epochs to come: it is tried again with the next.
import { NeocogError } from "../base/errors.ts";
import { type Held, hold, type OutputOptions } from "../use/output.ts";
import type { Contents } from "../use/storage/generations.ts";
import { type ModelTarget, zipPathOf } from "../use/storage/locate.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { type Checkpoint, type Kept, keptOf } from "./checkpoint.ts";
import { checkpointContents, progressOf } from "./contents.ts";

interface KeeperOptions extends OutputOptions {
  /** The checkpoint that the run goes on from. */
  readonly resume?: Checkpoint<TaskName>;
}

export class Keeper {
  readonly #held: Held;
  /** What the folder holds. */
  kept: Kept;
  #unwritten: Checkpoint<TaskName> | undefined;

  private constructor(held: Held, kept: Kept) {
    this.#held = held;
    this.kept = kept;
  }

  /** Throws one sentence where nothing can or must be written. */
  static async open(target: ModelTarget, options: KeeperOptions): Promise<Keeper> {
    const zip = zipPathOf(target);
    if (zip !== undefined) {
      throw new NeocogError(
        `${zip} is a zip, but a run is kept in a folder; write the zip with saveModel when it has ended.`,
      );
    }
    return new Keeper(await hold(target, options), keptOf(options.resume));
  }

  get title(): string {
    return this.#held.title;
  }

  /** Gives the failure, in one sentence, where it could not be written. */
  async save(checkpoint: Checkpoint<TaskName>): Promise<Error | undefined> {
    try {
      await this.#held.write(checkpointContents(checkpoint), progressOf(checkpoint));
      this.kept = keptOf(checkpoint);
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

  /** Writes a checkpoint's files and takes them away again. Throws where there is no room. */
  rehearse(contents: Contents): Promise<void> {
    return this.#held.rehearse(contents);
  }

  freeSpace(): Promise<number | undefined> {
    return this.#held.freeSpace();
  }

  async close(): Promise<void> {
    await this.#held.release();
  }
}
