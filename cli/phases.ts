// Where the time of a training goes, told by its events.
import type { Layer, TaskName, TrainingEvent } from "../src/doors/neocog.ts";

export class Phases {
  readonly #seconds: Record<string, number> = {};
  #last = performance.now();
  /** Seconds of training before this epoch, and the share of it that went by in waiting. */
  #before = 0;
  #waiting = 0;

  /** What has passed since the last word was spent on this. */
  spent(what: string): void {
    const now = performance.now();
    this.#put(what, (now - this.#last) / 1000);
    this.#last = now;
  }

  add(event: TrainingEvent<Layer, TaskName>): void {
    if (event.kind === "started") this.spent("compiling");
    if (event.kind === "batch") {
      this.spent("training");
      this.#waiting = event.waiting;
    }
    if (event.kind === "epoch") {
      // The share is of the whole epoch.
      const trained = (this.#seconds.training ?? 0) - this.#before;
      this.#move("training", "waiting for pictures", this.#waiting * trained);
      this.#before = this.#seconds.training ?? 0;
      this.spent("scoring");
    }
    if (event.kind === "checkpoint") this.spent("saving");
  }

  result(): Readonly<Record<string, number>> {
    return { ...this.#seconds };
  }

  #put(what: string, seconds: number): void {
    this.#seconds[what] = (this.#seconds[what] ?? 0) + seconds;
  }

  #move(from: string, to: string, seconds: number): void {
    if (seconds < 0.001) return;
    this.#put(from, -seconds);
    this.#put(to, seconds);
  }
}
