// The engine as it is asked for on the command line; it hears Ctrl-C within a run, and is closed whatever happens.
import { type Engine, type EngineName, type EngineOptions, openEngine } from "../src/doors/neocog.ts";
import { UsageError } from "./command.ts";
import type { Context } from "./context.ts";

export interface GivenEngine {
  readonly engine?: EngineName;
  readonly threads?: number;
  readonly wide?: boolean;
}

/** What a command line says of the engine, for the library; refuses what the engine that it names has not. */
export function optionsOf({ engine, threads, wide }: GivenEngine): EngineOptions {
  if (engine === "reference") {
    if (threads !== undefined)
      throw new UsageError("--threads has no effect on the reference engine, which has one; leave it out.");
    if (wide)
      throw new UsageError("--wide has no effect on the reference engine, which is plain JavaScript; leave it out.");
  }
  return { ...(threads === undefined ? {} : { threads }), ...(wide ? { wide } : {}) };
}

export async function withEngine<T>(
  given: GivenEngine,
  { signal }: Context,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const opened = await openEngine(given.engine, { ...optionsOf(given), signal });
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}
