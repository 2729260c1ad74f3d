// The engine as it is asked for on the command line; closed whatever happens.
import { type Engine, engineNames, openEngine } from "../src/index.ts";
import { choice, type OptionCard, whole } from "./command.ts";

export const engineOptions = {
  engine: choice("--engine <name>", "where to compute, auto unless told", engineNames),
  threads: whole("--threads <n>", "threads that share the work, all cores unless told"),
} satisfies Record<string, OptionCard>;

export interface GivenEngine {
  readonly engine?: (typeof engineNames)[number];
  readonly threads?: number;
}

export async function withEngine<T>({ engine, threads }: GivenEngine, use: (engine: Engine) => Promise<T>): Promise<T> {
  const opened = await openEngine(engine, threads === undefined ? {} : { threads });
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}
