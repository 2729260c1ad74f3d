// A training that is to be killed: into the folder that is named, going on from what lies there. Told so, it kills itself at an
// operation on files, or half-way through it.

import type * as fs from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { checkOutput, fit, openCheckpoint, openEngine } from "../src/doors/neocog.ts";
import { killedData, killedModel, killedOptions, type Life } from "./kills-run.ts";

const life = JSON.parse(process.argv[2]) as Life;
const { out, epochs, threads, steps } = life;
const die = (): boolean => process.kill(process.pid, "SIGKILL");

/** Counts what is done to files from now on; the chosen operation is the last. */
function dieAt(last: number): void {
  let count = 0;
  const isLast = (): boolean => ++count === last;
  const own = createRequire(import.meta.url)("node:fs/promises") as typeof fs;
  const { open, rename, rm } = own;
  const mortal = <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) => {
    return async (...given: Given): Promise<Result> => {
      if (isLast()) die();
      const result = await call(...given);
      if (isLast()) die();
      return result;
    };
  };
  own.rename = mortal(rename);
  own.rm = mortal(rm);
  own.open = async (...given) => {
    const handle: FileHandle = await open(...given);
    const { writeFile, sync, close } = handle;
    handle.writeFile = async (content: string | Uint8Array) => {
      if (isLast()) {
        await writeFile.call(handle, content.slice(0, content.length >> 1));
        die();
      }
      await writeFile.call(handle, content);
      if (isLast()) die();
    };
    handle.sync = mortal(sync.bind(handle));
    handle.close = mortal(close.bind(handle));
    return handle;
  };
  syncBuiltinESMExports();
}

const resume = (await checkOutput(out)) === "model" ? await openCheckpoint(out) : undefined;
const engine = await openEngine("auto", { threads });
const data = await killedData(life);
const options = { ...killedOptions(epochs), engine, out, resume, checkpointEvery: { steps } };
for await (const event of fit(killedModel(), data, options)) {
  if (event.kind === "started") {
    console.log("started");
    if (life.operation !== undefined) dieAt(life.operation);
  }
  if (event.kind === "finished") console.log(event.weightsHash);
}
await engine.close();
