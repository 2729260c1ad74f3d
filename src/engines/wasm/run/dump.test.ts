import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../base/random.ts";
import { operand, unary } from "../../../kernel/expression.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import { formatProgram } from "./dump.ts";
import { wasmEngine } from "./engine.ts";
import { normals, planOf } from "./testing.ts";

test("a program is printed: memory, records, module", async () => {
  const shape = [100_000];
  const map: Kernel = {
    kind: "map",
    shape,
    operands: [{ strides: [1], offset: 0 }],
    outputs: [unary("tanh", operand(0))],
  };
  const engine = await wasmEngine({ threads: 2 });
  const { program } = await engine.compile(planOf(map, [normals(new Random(1), shape)], [{ shape, dtype: "float32" }]));
  const text = formatProgram(program);
  assert.match(text, /^memory 0\.81 MiB, of it packed weights and tables 0\.00 MiB, scratch 0\.00 MiB\n/);
  assert.match(text, /\nevery run:\n {3}0 +\d+\.\d µs {2}map: test \[map\.rows\] \(25 items, \d+ at a time\)\n/);
  assert.match(text, /\(func \$map_0 \(param i32 i32 i32 i32\)\n/);
  assert.match(text, /f32x4\.lt/);
  await engine.close();
});
