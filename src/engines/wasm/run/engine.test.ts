import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { randomTraining } from "../../../../test/random-network.ts";
import { ndarray } from "../../../base/array.ts";
import { Random } from "../../../base/random.ts";
import { compile } from "../../../compile/compile.ts";
import { multiply, operand, unary } from "../../../kernel/expression.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Plan } from "../../../kernel/plan.ts";
import { openSession } from "../../../run/session.ts";
import { constI32 } from "../code/assembler.ts";
import { input, output, type Way } from "../strategy.ts";
import { type WasmExecutable, wasmEngine } from "./engine.ts";
import { largestDifference, normals, planOf, runKernel } from "./testing.ts";

const size = 200_000;
const tanh: Kernel = {
  kind: "map",
  shape: [size],
  operands: [{ strides: [1], offset: 0 }],
  outputs: [unary("tanh", operand(0))],
};
const large = { shape: [size], dtype: "float32" as const };

/** A phase that stores where no memory is. */
const faulty: Way = {
  name: "map.faulty",
  exact: true,
  time: 1,
  emit: () => ({
    buffers: [],
    phases: [
      {
        name: "faulty",
        items: 64,
        work: 1e6,
        reads: [input(0)],
        writes: [output(0)],
        emit: ({ f }) => f.store("i32.store", constI32(-16), constI32(1)),
      },
    ],
  }),
};

test("unknown and impossible options are refused", async () => {
  await assert.rejects(wasmEngine({ thread: 2 } as object), /no option "thread"; did you mean "threads"/);
  await assert.rejects(wasmEngine({ threads: 0 }), /wasmEngine: threads must be a whole number from 1 to 64; it is 0/);
});

test("an engine says what it is", async () => {
  const engine = await wasmEngine({ threads: 2, relaxedSimd: false });
  assert.equal(engine.description, "WebAssembly with 128-bit vectors, without fused multiply-add, 2 threads.");
  await engine.close();
});

test("a plan over 4 GiB is refused before anything runs, with the batch size that would fit", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const plan = planOf(
    { ...tanh, shape: [1000, 1000, 1000] } as Kernel,
    [{ shape: [1000, 1000, 1000], dtype: "float32", data: new Float32Array(0) }],
    [{ shape: [1000, 1000, 1000], dtype: "float32" }],
  );
  await assert.rejects(engine.compile(plan), {
    name: "NeocogError",
    message:
      "This plan needs 7.45 GiB of memory, but WebAssembly ends at 4.00 GiB; a batch of 526 instead of 1000 would fit.",
  });
  await engine.close();
});

test("a fault in a run is an error for this run and the next, whichever thread met it", async () => {
  for (const threads of [1, 2]) {
    const engine = await wasmEngine({ threads, choose: () => faulty });
    const executable = await engine.compile(planOf(tanh, [normals(new Random(1), [size])], [large]));
    const expected = /(A run ended halfway \(memory access out of bounds\)|A thread of the WASM engine ended)/;
    await assert.rejects(executable.run(), expected);
    await assert.rejects(executable.run(), expected);
    await engine.close();
  }
});

test("a caller who chooses none of the ways is told so", async () => {
  const engine = await wasmEngine({ threads: 1, choose: () => undefined });
  await assert.rejects(engine.compile(planOf(tanh, [normals(new Random(1), [size])], [large])), {
    name: "NeocogError",
    message: "Of the strategies for the map of test (map.rows) none was chosen.",
  });
  await engine.close();
});

test("a thread that dies ends the run with an error", { timeout: 20_000 }, async () => {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => {
    workers.push(worker);
  };
  process.on("worker", note);
  const engine = await wasmEngine({ threads: 2 });
  const executable = await engine.compile(planOf(tanh, [normals(new Random(1), [size])], [large]));
  await executable.run();
  process.off("worker", note);
  assert.equal(workers.length, 1);
  const ended = workers[0].terminate();
  await assert.rejects(executable.run(), /A thread of the WASM engine ended: it ended with code 1/);
  await ended;
  await engine.close();
});

test("a program that forgets to close an engine still ends", () => {
  const script = `
    import { wasmEngine } from ${JSON.stringify(new URL("./engine.js", import.meta.url).href)};
    import { runKernel, normals } from ${JSON.stringify(new URL("./testing.js", import.meta.url).href)};
    import { Random } from ${JSON.stringify(new URL("../../../base/random.js", import.meta.url).href)};
    const engine = await wasmEngine({ threads: 3 });
    const { actual } = await runKernel(engine, ${JSON.stringify(tanh)}, [normals(new Random(1), [${size}])], []);
    console.log(actual[0].data.length);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    timeout: 20_000,
    encoding: "utf8",
  });
  assert.deepEqual({ stdout, stderr, status }, { stdout: `${size}\n`, stderr: "", status: 0 });
});

test("engines that nobody closed end their threads once nobody can reach them; those in use stay", {
  timeout: 60_000,
}, async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let alive = 0;
  const count = (worker: Worker): void => {
    alive++;
    worker.once("exit", () => alive--);
  };
  process.on("worker", count);
  const x = normals(new Random(1), [size]);
  const open = async (): Promise<WasmExecutable> => {
    const executable = await (await wasmEngine({ threads: 3 })).compile(planOf(tanh, [x], [large]));
    executable.write(0, x);
    await executable.run();
    return executable;
  };
  const kept = await open();
  for (let i = 0; i < 4; i++) await open();
  assert.equal(alive, 10);
  process.off("worker", count);
  for (let turns = 0; alive > 2 && turns < 400; turns++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.equal(alive, 2, "the threads of the engine that is still used");
  await kept.run();
  assert.ok(largestDifference(kept.read(1), { ...x, data: x.data.map(Math.tanh) }) < 1e-6);
});

test("steps of the host run between those of the module; runs follow each other", async () => {
  for (const threads of [1, 2]) {
    const engine = await wasmEngine({ threads });
    const half = { ...tanh, outputs: [multiply(operand(0), operand(0))] } as Kernel;
    const slot = { shape: [size], dtype: "float32" as const, role: "temporary" as const };
    const bytes = size * 4;
    const plan: Plan = {
      slots: [
        { ...slot, id: 0, role: "input", name: "x", offset: 0, output: false },
        { ...slot, id: 1, name: "squares", offset: bytes, output: false },
        { ...slot, id: 2, name: "host", offset: 2 * bytes, output: false },
        { ...slot, id: 3, name: "y", offset: bytes, output: true },
      ],
      steps: [
        { kernel: half, inputs: [0], outputs: [1], label: "square" },
        {
          kernel: {
            kind: "host",
            name: "plusOne",
            run: ([x]) => [{ ...x, data: (x.data as Float64Array).map((value) => value + 1) }],
          },
          inputs: [1],
          outputs: [2],
          label: "host",
        },
        { kernel: half, inputs: [2], outputs: [3], label: "square" },
      ],
      arenaBytes: 3 * bytes,
    };
    const executable = await engine.compile(plan);
    assert.equal(executable.program.segments.length, 2);
    for (const value of [2, 3]) {
      executable.write(0, ndarray([size], new Float32Array(size).fill(value)));
      await executable.run();
      assert.ok(executable.read(3).data.every((y) => y === (value * value + 1) ** 2));
    }
    assert.equal(executable.measure().length, 2);
    const first = executable.run();
    await assert.rejects(executable.run(), /is running: await one run/);
    await first;
    await executable.run();
    assert.throws(() => executable.write(0, ndarray([2], [1, 2])), /x has the shape \[200000\], 200000 numbers, but 2/);
    executable.release();
    await assert.rejects(executable.run(), /was released/);
    await engine.close();
  }
});

test("equal kernels share one function, and equal plans one module", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const x = normals(new Random(3), [size]);
  const one = await engine.compile(planOf(tanh, [x], [large]));
  const two = await engine.compile(planOf(tanh, [x], [large]));
  assert.deepEqual(one.program.module, two.program.module);
  const { actual, expected } = await runKernel(engine, tanh, [x], []);
  assert.ok(largestDifference(actual[0], expected[0]) < 2e-7);
  await engine.close();
});

test("released memory is used again: opening and releasing many plans does not grow the program", async () => {
  const engine = await wasmEngine({ threads: 2 });
  const length = 4_000_000;
  const access = { strides: [1], offset: 0 };
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 40; i++) {
    const shape = [length + i * 1000];
    const kernel: Kernel = { kind: "map", shape, operands: [access], outputs: [unary("negate", operand(0))] };
    const x = { shape, dtype: "float32" as const, data: new Float32Array(shape[0]).fill(i) };
    const executable = await engine.compile(planOf(kernel, [x], [{ shape, dtype: "float32" }]));
    executable.write(0, x);
    await executable.run();
    assert.equal(executable.read(1).data[shape[0] - 1], -i);
    executable.release();
  }
  // 40 plans of 32 MB would be 1.28 GB.
  assert.ok(process.memoryUsage().rss - before < 500e6);
  await engine.close();
});

test("a trace gives for every thread when it came to, began and ended each record", async () => {
  const engine = await wasmEngine({ threads: 2, trace: true });
  const value = normals(new Random(1), [size]);
  const executable = await engine.compile(planOf(tanh, [value], [large]));
  executable.write(0, value);
  const before = performance.timeOrigin + performance.now();
  await executable.run();
  const after = performance.timeOrigin + performance.now();
  const trace = executable.trace();
  assert.equal(trace.length, 2);
  for (const thread of trace) {
    assert.equal(thread.length, executable.program.records.length);
    for (const { came, began, ended } of thread) {
      assert.ok(came <= began && began <= ended, `${came} ${began} ${ended}`);
      assert.ok(came >= before - 5 && ended <= after + 5);
    }
  }
  await engine.close();
});

test("the report of memory says what is reserved, before and after the compilation", async () => {
  const { program, inputs } = randomTraining(1);
  const { plan } = compile(program, { lowering: "loops" }).memory;
  for (const threads of [1, 2]) {
    const engine = await wasmEngine({ threads });
    const report = await engine.memoryOf(plan);
    const session = await openSession(program, engine);
    assert.deepEqual(session.memory, report);
    await session.run(inputs);
    const { arenaBytes, weightBytes, packedBytes, scratchBytes } = report;
    const weights = session.variables.map((name) => session.readVariable(name).data.length * 4);
    assert.equal(arenaBytes, plan.arenaBytes);
    assert.ok(weightBytes >= weights.reduce((a, b) => a + b) && weightBytes < arenaBytes);
    const { memoryBytes } = (await engine.compile(plan)).program;
    const told = arenaBytes + packedBytes + scratchBytes;
    assert.ok(told <= memoryBytes && memoryBytes < told + 2 ** 17, `${told} of ${memoryBytes}`);
    session.release();
    await engine.close();
  }
});
