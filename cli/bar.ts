// A bar that moves on a terminal. Elsewhere there is none: callers print plain lines instead.
import { SingleBar } from "cli-progress";
import type { Context } from "./context.ts";
import { printable } from "./door.ts";

export interface Bar {
  /** Draws `line(share)`, at most ten times a second. */
  update(share: number): void;
  /** Takes the bar away. */
  stop(): void;
}

/** A bar whose whole line is written by `line`, which is given the share that is done. */
export function openBar({ stream, terminal }: Context, line: (share: number) => string): Bar {
  if (!terminal) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar({
    stream,
    format: (_options, { progress }) => printable(line(progress)),
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
    barsize: 1,
    fps: 10,
  });
  const restore = (): void => {
    bar.stop();
  };
  process.once("exit", restore);
  bar.start(1, 0);
  return {
    update: (share) => bar.update(share),
    stop() {
      process.removeListener("exit", restore);
      bar.stop();
    },
  };
}

/** ━━━━━━╸──── of a width. */
export function drawBar(share: number, width: number, { paint }: Pick<Context, "paint">): string {
  const halves = Math.round(Math.min(1, Math.max(0, share)) * width * 2);
  const full = "━".repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? "╸" : "");
  return paint.key(full) + paint.faint("─".repeat(width - full.length));
}
