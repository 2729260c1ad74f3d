// An engine whose runs hear a signal, for work that is many runs: none of the functions in between needs to know of it.
import type { StopSignal } from "../base/web.ts";
import type { Engine, Executable } from "./engine.ts";

/** The same engine, whose executables throw the signal's reason once it fires: at a write, at a run, and within one. */
export function stoppable(engine: Engine, signal: StopSignal | undefined): Engine {
  if (!signal) return engine;
  return {
    name: engine.name,
    description: engine.description,
    lowering: engine.lowering,
    async compile(plan, like): Promise<Executable> {
      signal.throwIfAborted();
      const inner = await engine.compile(plan, like);
      return {
        memory: inner.memory,
        write(slot, value) {
          signal.throwIfAborted();
          inner.write(slot, value);
        },
        run: () => inner.run(signal),
        read: (slot) => inner.read(slot),
        release: () => inner.release(),
      };
    },
    memoryOf: (plan) => engine.memoryOf(plan),
    close: () => engine.close(),
  };
}
