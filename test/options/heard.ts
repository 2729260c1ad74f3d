// What a call of the program says, answers and writes.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { commands } from "../../cli/commands/list.ts";
import { createContext } from "../../cli/context.ts";
import { createProgram } from "../../cli/program.ts";

const files = ["new.onnx", "new.safetensors", "new.mjs", "new.html"];
const made = [...files, "new.d.mts", "new", "wrong"];
const hashOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

export interface Heard {
  /** Why it was refused. */
  readonly refusal?: string;
  readonly text: string;
}

/** What a call answers, writes and says, but for what no two calls have in common: times, and the name of what it makes. */
export async function heard(call: string): Promise<Heard> {
  const said: string[] = [];
  let refusal: string | undefined;
  const context = { ...createContext(true, new AbortController().signal), terminal: false };
  const program = createProgram(commands, async (card, values, options) => {
    const answer = await card.run(values, options, { ...context, say: (...lines) => said.push(...lines) });
    const timed = card.name === "bench" || card.name === "lab" || card.name === "train";
    said.push(JSON.stringify(answer.json, (key, value) => (times.has(key) ? undefined : value)));
    if (!timed) said.push(...answer.lines());
  });
  for (const name of made) rmSync(name, { recursive: true, force: true });
  try {
    await program.parseAsync(call.split(" "), { from: "user" });
  } catch (error) {
    assert.ok(error instanceof Error);
    refusal = error.message;
    said.push(refusal);
  }
  const text = [
    ...said.filter((line) => !/images\/s|^foretold|of memory|room in/.test(line)),
    ...made.filter(existsSync),
    ...files.filter(existsSync).map(hashOf),
  ].join("\n");
  return { refusal, text };
}
const times = new Set(["seconds", "secondsTo", "ms", "imagesPerSecond", "gflops", "firstMs", "forecast"]);
