// Loops that take places from data, with indices that name nothing: whatever strategy carries them out, on any number of
// threads, only the output is written, and the refusal is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../../base/array.ts";
import { Random } from "../../base/random.ts";
import type { Kernel, WindowKernel } from "../../kernel/kernel.ts";
import { PlaceError, placesOf } from "../../kernel/places.ts";
import { wasmEngine } from "./run/engine.ts";
import { normals, planOf } from "./run/testing.ts";
import { strategiesFor } from "./strategies.ts";

const strategies = await strategiesFor();

const random = new Random(7);
const rows = { kind: "index", outer: 3, inner: 70, size: 8, count: 9000 } as const;
const pooling: Omit<WindowKernel, "input" | "output" | "window" | "stride"> = {
  kind: "window",
  combine: "maximum",
  role: "gradient",
  withIndices: false,
  countIncludePad: false,
  planes: 500,
  dilation: [1, 1],
  padBefore: [0, 0],
  padAfter: [0, 0],
} as const;
const loops: readonly (readonly [string, Kernel, readonly number[], readonly number[], readonly number[]])[] = [
  ["gather", { ...rows, form: "gather" }, [3, 8, 70], [9000], [3, 9000, 70]],
  ["scatterAdd", { ...rows, form: "scatterAdd" }, [3, 9000, 70], [9000], [3, 8, 70]],
  ["the gradient of a maximum, windows side by side", { ...pooling, ...grid(8, 2, 2) }, ...pooled(8, 4)],
  ["the gradient of a maximum, windows that overlap", { ...pooling, ...grid(8, 3, 1) }, ...pooled(8, 6)],
];

function grid(
  size: number,
  window: number,
  stride: number,
): Pick<WindowKernel, "input" | "output" | "window" | "stride"> {
  const output = Math.floor((size - window) / stride) + 1;
  return {
    input: [size, size],
    output: [output, output],
    window: [window, window],
    stride: [stride, stride],
  };
}

function pooled(size: number, output: number): [number[], number[], number[]] {
  return [
    [500, output, output],
    [500, output, output],
    [500, size, size],
  ];
}

for (const [name, kernel, from, places, to] of loops) {
  const { low, high } = placesOf(kernel)!;
  for (const strategy of strategies[kernel.kind]) {
    test(`${name} touches nothing but its output [${strategy.name}]`, async (t) => {
      for (const threads of [1, 2, 4]) {
        const engine = await wasmEngine({ threads, choose: (ways) => ways.find(({ name }) => name === strategy.name) });
        const x = normals(random, from);
        const good = Int32Array.from({ length: places.reduce((a, b) => a * b, 1) }, (_, i) => i % (high + 1));
        const inputs = [x, ndarray(places, good, "int32")];
        const plan = planOf(kernel, inputs, [{ shape: to, dtype: "float32" }]);
        const guard = ndarray([16], new Float32Array(16).fill(12345.5));
        let executable: Awaited<ReturnType<typeof engine.compile>>;
        try {
          executable = await engine.compile(plan);
        } catch (error) {
          assert.match(String(error), /none was chosen/);
          t.skip(`${strategy.name} does not fit`);
          await engine.close();
          return;
        }
        executable.write(0, x);
        executable.write(3, guard);
        const checks = executable.program.records.some((record) => record.places);
        for (const wrong of [high + 1, low - 1, 1e9, -1e9, 2 ** 31 - 1, -(2 ** 31)]) {
          const indices = Int32Array.from(good);
          for (const at of [8000, 4321, 7777]) indices[at] = wrong;
          executable.write(1, ndarray(places, indices, "int32"));
          const run = executable.run();
          if (checks) {
            await assert.rejects(run, (error) => {
              assert.ok(error instanceof PlaceError);
              const bounds = `it must be a whole number from ${low} to ${high}.`;
              assert.equal(error.message, `test: the index ${wrong} at place 4321 names nothing: ${bounds}`);
              return true;
            });
          } else await run;
          assert.deepEqual(executable.read(3).data, guard.data, "what lies behind the output");
          assert.deepEqual(executable.read(0).data, x.data, "the operand");
          assert.deepEqual(executable.read(1).data, indices, "the indices");
        }
        executable.write(1, inputs[1]);
        await executable.run();
        executable.release();
        await engine.close();
      }
    });
  }
}
