import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../../compile/compile.ts";
import { gradients } from "../../../compile/grad.ts";
import { input } from "../../../graph/graph.ts";
import { build } from "../../../nn/build.ts";
import { createModel } from "../../../nn/models/list.ts";
import { variableOf } from "../../../nn/state.ts";
import { crossEntropy } from "../../../ops/loss.ts";
import { wasmEngine } from "../run/engine.ts";
import { constF32, constI32, f32, f32x4, i32 } from "./assembler.ts";
import { disassemble } from "./disassemble.ts";
import { ModuleBuilder } from "./module.ts";

test("a small module reads back as it was written", () => {
  const module = new ModuleBuilder();
  module.importMemory({ shared: true, minimumPages: 1, maximumPages: 2 });
  const half = module.function("half", ["f32"], "f32");
  half.return(f32.mul(half.parameters[0], constF32(0.5)));
  const madd = module.function("madd", ["v128"], "v128");
  madd.return(f32x4.relaxed_madd(madd.parameters[0], madd.parameters[0], madd.parameters[0]));
  module.export(half, "main");
  module.tabulate(madd);
  module.data(16, Uint8Array.of(1, 255));
  const text = disassemble(module.build());
  assert.equal(
    text,
    `(module
  (type (;0;) (func (param f32) (result f32)))
  (type (;1;) (func (param v128) (result v128)))
  (import "host" "memory" (memory 1 2 shared))
  (table 1 funcref)
  (func (;0 half;) (type 0) (param f32) (result f32)
    local.get 0
    f32.const 0.5
    f32.mul
    return
    unreachable
  )
  (func (;1 madd;) (type 1) (param v128) (result v128)
    local.get 0
    local.get 0
    local.get 0
    f32x4.relaxed_madd
    return
    unreachable
  )
  (export "main" (func 0))
  (elem (i32.const 0) func 1)
  (data (i32.const 16) "\\01\\ff")
)`,
  );
});

test("negative and large constants keep their values", () => {
  const module = new ModuleBuilder();
  const f = module.function("constants", [], "i32");
  f.return(i32.add(constI32(-123456789), i32.add(constI32(64), constI32(2147483647))));
  assert.match(disassemble(module.build()), /i32\.const -123456789\n +i32\.const 64\n +i32\.const 2147483647/);
});

test("every instruction of whole training steps is known, and blocks close", async () => {
  const engine = await wasmEngine({ threads: 2 });
  try {
    for (const name of ["digits", "lenet", "squeezenet1_1"]) {
      const { layer, inputShape } = createModel(name);
      const built = build(layer, [2, ...inputShape], { training: true });
      const loss = crossEntropy(built.output, input("labels", [2], "int32"));
      const slopes = gradients(
        [loss],
        built.variables.filter((tensor) => variableOf(tensor).trainable),
      );
      const outputs = { loss, ...Object.fromEntries(slopes.map((slope, i) => [`slope ${i}`, slope])) };
      const executable = await engine.compile(
        compile({ outputs, updates: built.updates }, { lowering: "loops" }).memory.plan,
      );
      const text = disassemble(executable.program.module);
      executable.release();
      const count = (word: RegExp): number => text.match(word)?.length ?? 0;
      assert.equal(count(/^ +(block|loop|if)( \(result \w+\))?$/gm), count(/^ +end$/gm));
      assert.ok(count(/\(func \(;/g) > 10);
    }
  } finally {
    await engine.close();
  }
});

test("a module that is cut short is refused", () => {
  const module = new ModuleBuilder();
  const f = module.function("one", [], "i32");
  f.return(constI32(1));
  assert.throws(() => disassemble(module.build().subarray(0, 30)), /the module ends in the middle/);
});
