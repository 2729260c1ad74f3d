// `neocog doctor` without a model: what this machine offers, and for what is off one sentence on why and how to turn it on.

import { arch, cpus, freemem, platform, totalmem } from "node:os";
import { files, threads as hostThreads } from "#host";
import { bytes, count } from "../src/base/amounts.ts";
import { type WasmEngine, wasmEngine } from "../src/doors/graph.ts";
import { locateMnist } from "../src/doors/neocog.ts";
import type { Answer } from "./command.ts";
import type { Context } from "./context.ts";
import { invocation } from "./invocation.ts";
import { wrap } from "./lines.ts";
import { version } from "./version.ts";

interface Finding {
  readonly name: string;
  /** off: it works, but slower or with less; bad: something needed is missing. */
  readonly state: "good" | "off" | "bad";
  readonly found: string;
  /** How to turn it on. */
  readonly mend?: string;
}

const oldestNode = [20, 19] as const;

/** Everything that makes Neocog fast here, a line each. */
export async function machine(context: Context): Promise<Answer> {
  const findings = [node(), ...(await engine()), memory(), await pictures(), ...(await data())];
  const healthy = findings.every(({ state }) => state !== "bad");
  return {
    json: { version, healthy, findings },
    lines: () => report(findings, healthy, context),
    code: healthy ? 0 : 1,
  };
}

function node(): Finding {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const fits = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return {
    name: "Node",
    state: fits ? "good" : "bad",
    found: `${process.version} on ${platform()} ${arch()}`,
    ...(fits ? {} : { mend: `Neocog needs Node ${oldestNode.join(".")} or newer: install it from nodejs.org.` }),
  };
}

async function engine(): Promise<Finding[]> {
  const cores = hostThreads.cores();
  const model = cpus()[0]?.model.trim().replace(/\s+/g, " ");
  const machine: Finding = {
    name: "Processor",
    state: "good",
    found: [count(cores, "core"), model].filter(Boolean).join(", "),
  };
  let wasm: WasmEngine;
  try {
    wasm = await wasmEngine();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [
      machine,
      {
        name: "Vectors",
        state: "bad",
        found,
        mend: "Use Node 20.19 or newer on a processor with SSE4.1 or NEON; until then --engine reference runs, slowly.",
      },
    ];
  }
  try {
    return [machine, vectors(), multiplyAdd(wasm), several(wasm, cores)];
  } finally {
    await wasm.close();
  }
}

const vectors = (): Finding => ({
  name: "Vectors",
  state: "good",
  found: "WebAssembly works on four float32 numbers at once (SIMD)",
});

function multiplyAdd({ features }: WasmEngine): Finding {
  return features.relaxedSimd
    ? { name: "Multiply-add", state: "good", found: "a · b + c is one instruction (relaxed SIMD)" }
    : {
        name: "Multiply-add",
        state: "off",
        found: "a · b + c takes two instructions (no relaxed SIMD)",
        mend: "A newer Node turns it on, on a processor that has it; convolutions get faster.",
      };
}

function several({ threads, features }: WasmEngine, cores: number): Finding {
  if (threads > 1) return { name: "Threads", state: "good", found: `${threads} share the work` };
  if (features.threads) {
    return {
      name: "Threads",
      state: "off",
      found: "one, because this program may use one core only",
      mend: cores === 1 ? "Give the machine or the container more cores." : `Ask for more with --threads ${cores}.`,
    };
  }
  return {
    name: "Threads",
    state: "off",
    found: hostThreads.missing() ?? "one, because WebAssembly has no shared memory here",
    mend: "Use Node 20.19 or newer, without flags that turn WebAssembly threads off.",
  };
}

function memory(): Finding {
  const limit = process.constrainedMemory();
  const whole = limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = Math.min(freeMemory(), whole);
  const low = whole < 2 ** 30;
  return {
    name: "Memory",
    state: low ? "off" : "good",
    found: `${bytes(whole)}, ${bytes(free)} of it free; one network can use up to 4 GiB`,
    ...(low ? { mend: "Large networks will not fit; make batches smaller with --batch." } : {}),
  };
}

const freeMemory = (): number => process.availableMemory?.() ?? freemem();

/** Digits come with the package; a picture is decoded only where sharp can be loaded. */
async function pictures(): Promise<Finding> {
  try {
    const { default: sharp } = await import("sharp");
    return {
      name: "Pictures",
      state: "good",
      found: `PNG, JPEG, WebP, GIF, TIFF, AVIF (sharp ${sharp.versions.sharp})`,
    };
  } catch {
    return {
      name: "Pictures",
      state: "off",
      found: "sharp, which decodes them, cannot be loaded",
      mend: "Install again on this machine, without --omit=optional; digits and IDX files work all the same.",
    };
  }
}

async function data(): Promise<Finding[]> {
  const sets = await Promise.all(
    (["fashion-mnist", "mnist"] as const).map(async (name): Promise<Finding> => {
      const folder = await locateMnist(name);
      return folder === undefined
        ? {
            name,
            state: "off",
            found: "not on this machine",
            mend: `It is downloaded when it is first used, into ${files.join(files.dataFolder(), name)}.`,
          }
        : { name, state: "good", found: folder };
    }),
  );
  return [{ name: "digits", state: "good", found: "comes with Neocog" }, ...sets];
}

function report(findings: readonly Finding[], healthy: boolean, { paint, width: columns }: Context): string[] {
  const signs = { good: paint.good("✓"), off: paint.warn("–"), bad: paint.bad("✗") };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  const lines = findings.flatMap(({ name, state, found, mend }) => [
    `${signs[state]} ${name.padEnd(width)}  ${found}`,
    ...(mend ? wrap(mend, columns - indent.length).map((line) => indent + paint.faint(line)) : []),
  ]);
  const verdict = healthy
    ? `Ready: ${invocation()} train digits`
    : paint.bad("Something that is needed is missing; see above.");
  return [paint.title(`Neocog ${version} on this machine`), "", ...lines, "", verdict];
}
