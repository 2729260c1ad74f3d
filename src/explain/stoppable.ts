// An engine that can be stopped between runs: every method is many short runs, so that none of them needs to know of signals.
// Now and then it lets the host have its turn, or no signal would ever arrive.
import { clock } from "#host";
import type { Engine, Executable } from "../engines/engine.ts";

/** Milliseconds of work after which the host has its turn. */
const turn = 30;

/** The same engine, whose executables throw the signal's reason once it fires. */
export function stoppable(engine: Engine, signal: AbortSignal | undefined): Engine {
  if (!signal) return engine;
  let rested = clock.now();
  return {
    name: engine.name,
    description: engine.description,
    lowering: engine.lowering,
    async compile(plan): Promise<Executable> {
      signal.throwIfAborted();
      const inner = await engine.compile(plan);
      return {
        memory: inner.memory,
        write: (slot, value) => inner.write(slot, value),
        async run() {
          if (clock.now() - rested > turn) {
            await clock.breathe();
            rested = clock.now();
          }
          signal.throwIfAborted();
          await inner.run();
        },
        read: (slot) => inner.read(slot),
        release: () => inner.release(),
      };
    },
    memoryOf: (plan) => engine.memoryOf(plan),
    close: () => engine.close(),
  };
}
