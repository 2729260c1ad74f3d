// Runs that are abandoned: heard within a run that takes long, never half a state that looks whole, and a run in slices gives
// the bits of a run in one piece.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { sizeOf } from "../base/shape.ts";
import { gradients } from "../compile/grad.ts";
import type { Program } from "../compile/program.ts";
import type { Engine } from "../engines/engine.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { stoppable } from "../engines/stoppable.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import { slicesOf } from "../engines/wasm/run/slices.ts";
import { input, variable } from "../graph/graph.ts";
import { mul, square, sub } from "../ops/arithmetic.ts";
import { conv2d } from "../ops/convolution.ts";
import { sum } from "../ops/sum.ts";
import { openEngine } from "./engines.ts";
import { openSession } from "./session.ts";

const random = new Random(3);
const normals = (shape: readonly number[]): NdArray =>
  ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );

/** Convolutions one after the other, each with an update; its steps take `batch` times long. */
function training(batch: number, depth = 6): { readonly program: Program; readonly x: NdArray } {
  const weights = Array.from({ length: depth }, (_, i) =>
    variable(`w${i}`, [32, 32, 3, 3], () => normals([32, 32, 3, 3])),
  );
  let y = input("x", [batch, 32, 64, 64]);
  for (const w of weights) y = mul(conv2d(y, w, { padding: 1 }), 0.05);
  const loss = sum(square(y));
  const slopes = gradients([loss], weights);
  const updates = weights.map((w, i) => ({ variable: w, value: sub(w, mul(slopes[i], 1e-9)) }));
  return { program: { outputs: { loss }, updates }, x: normals([batch, 32, 64, 64]) };
}

const state = (session: Awaited<ReturnType<typeof openSession>>): unknown[] =>
  session.variables.map((name) => [...session.readVariable(name).data.subarray(0, 50)]);

for (const threads of [1, 2]) {
  test(`a signal is heard within a run, with ${threads} threads; variables are whole or refused`, async (t) => {
    const engine = await wasmEngine({ threads });
    const { program, x } = training(32);
    const session = await openSession(program, engine);
    await session.run({ x });
    const before = performance.now();
    await session.run({ x });
    const whole = performance.now() - before;
    const held = new Map(session.variables.map((name) => [name, session.readVariable(name)]));
    const seen = { kept: 0, refused: 0 };
    for (const share of [0.05, 0.15, 0.3, 0.5, 0.8]) {
      const stop = new AbortController();
      const old = state(session);
      let sent = 0;
      setTimeout(() => {
        sent = performance.now();
        stop.abort();
      }, whole * share);
      const ended = await session.run({ x }, { signal: stop.signal }).then(
        () => "whole",
        (error: Error) => error.name,
      );
      const waited = performance.now() - sent;
      if (ended === "whole") continue;
      assert.equal(ended, "AbortError");
      t.diagnostic(`run of ${whole.toFixed(0)} ms, heard after ${waited.toFixed(0)} ms`);
      assert.ok(waited < Math.max(1500, whole / 4), `${waited} ms`);
      try {
        assert.deepEqual(state(session), old);
        seen.kept++;
      } catch (error) {
        if (!/was abandoned while it wrote variables/.test(String(error))) throw error;
        seen.refused++;
        await assert.rejects(
          session.run({ x }),
          /The last run was abandoned while it wrote variables, "w\d" among them/,
        );
        for (const [name, value] of held) session.writeVariable(name, value);
        await session.run({ x });
      }
    }
    // A busy machine may be faster than it was a moment before, and end a run first.
    assert.ok(seen.kept + seen.refused >= 1, JSON.stringify(seen));
    session.release();
    await engine.close();
  });
}

test("an abandoned run on the reference engine changes nothing", async () => {
  const { program, x } = training(1, 3);
  const session = await openSession(program, referenceEngine());
  const old = state(session);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("enough")), 50);
  await assert.rejects(session.run({ x }, { signal: stop.signal }), /enough/);
  assert.deepEqual(state(session), old);
});

test("a run in slices gives the bits of a run in one piece", async () => {
  const w = variable("w", [96, 96, 5, 5], () => normals([96, 96, 5, 5]));
  const loss = sum(square(conv2d(input("x", [32, 96, 32, 32]), w, { padding: 2 })));
  const [slope] = gradients([loss], [w]);
  const program: Program = { outputs: { loss }, updates: [{ variable: w, value: sub(w, mul(slope, 1e-9)) }] };
  const x = normals([32, 96, 32, 32]);
  const start = new Map([["w", normals([96, 96, 5, 5])]]);
  const answers: unknown[] = [];
  for (const threads of [1, 2]) {
    const engine = await wasmEngine({ threads });
    let cut = 0;
    const watched: Engine = {
      name: engine.name,
      description: engine.description,
      lowering: engine.lowering,
      memoryOf: (plan) => engine.memoryOf(plan),
      close: () => engine.close(),
      async compile(plan) {
        const executable = await engine.compile(plan);
        for (const segment of executable.program.segments)
          cut += slicesOf(executable.program.records, segment, threads).filter(({ part }) => part).length;
        // The whole at once, on one thread.
        return threads === 1
          ? Object.assign(Object.create(executable), {
              memory: executable.memory,
              ...{ write: executable.write.bind(executable), read: executable.read.bind(executable) },
              ...{ release: executable.release.bind(executable), run: async () => void executable.measure() },
            })
          : executable;
      },
    };
    const session = await openSession(program, watched, { state: start });
    const answer = await session.run({ x });
    answers.push([...answer.loss.data], state(session));
    assert.ok(cut > 4, `${cut} pieces of long phases`);
    session.release();
    await engine.close();
  }
  assert.deepEqual(answers.slice(2), answers.slice(0, 2));
});

test("slices hold every item of every record once, in order", () => {
  const record = { name: "", label: "", grain: 3, flags: 0 };
  const records = [10, 400e6, 5e6, 24e6, 1, 2e9].map((work, i) => ({
    ...record,
    work,
    items: [1, 37, 9, 4, 1, 1000][i],
  }));
  for (const [parallel, threads] of [
    [false, 1],
    [true, 2],
    [true, 3],
  ] as const) {
    const slices = slicesOf(records, { start: 0, end: records.length, parallel }, threads);
    const done = slices.flatMap(({ start, end, part }) =>
      part
        ? Array.from({ length: part.to - part.from }, (_, i) => `${start} ${part.from + i}`)
        : Array.from({ length: end - start }, (_, i) => i + start).flatMap((at) =>
            Array.from({ length: records[at].items }, (_, i) => `${at} ${i}`),
          ),
    );
    const all = records.flatMap(({ items }, at) => Array.from({ length: items }, (_, i) => `${at} ${i}`));
    assert.deepEqual(done, all);
    assert.ok(slices.length > 20);
  }
  assert.equal(slicesOf(records.slice(2, 4), { start: 0, end: 1, parallel: false }, 1).length, 1);
});

test("an engine that was opened with a signal, and many short runs, let the signal come", async () => {
  const stop = new AbortController();
  const engine = await openEngine("wasm", { threads: 1, signal: stop.signal });
  const x = input("x", [16]);
  const session = await openSession({ outputs: { y: mul(x, 2) }, updates: [] }, engine);
  setTimeout(() => stop.abort(), 40);
  const runs = async (): Promise<void> => {
    for (let i = 0; i < 5_000_000; i++) await session.run({ x: ndarray([16], new Float32Array(16)) });
  };
  await assert.rejects(runs(), { name: "AbortError" });
  await engine.close();
});

test("an engine without a signal is itself", () => {
  const engine = referenceEngine();
  assert.equal(stoppable(engine, undefined), engine);
});
