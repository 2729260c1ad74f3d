import assert from "node:assert/strict";
import { test } from "node:test";
import { f32x4, load } from "./assembler.ts";
import { ModuleBuilder } from "./module.ts";
import { formatModule } from "./wat.ts";

test("a module is printed as text", () => {
  const module = new ModuleBuilder();
  module.importMemory({ shared: true, minimumPages: 1, maximumPages: 2 });
  const f = module.function("scale", ["i32", "i32"]);
  const [from, to] = f.parameters;
  const i = f.local("i32");
  f.forRange(i, from, to, 16, () => {
    f.store("v128.store", i, f32x4.mul(load("v128.load", i, 64), 0.5), 64);
  });
  module.tabulate(f);
  module.export(f);
  assert.equal(
    formatModule(module.build()),
    `(module
  (import "host" "memory" (memory 1 2 shared))
  (table 1 funcref) (elem (i32.const 0) $scale)
  (export "scale" (func $scale))
  (func $scale (param i32 i32)
    (local i32)
    local.get 0
    local.set 2
    block
      local.get 2
      local.get 1
      i32.ge_s
      br_if 0
      loop
        local.get 2
        local.get 2
        v128.load offset=64
        v128.const f32x4 0.5 0.5 0.5 0.5
        f32x4.mul
        v128.store offset=64
        local.get 2
        i32.const 16
        i32.add
        local.set 2
        local.get 2
        local.get 1
        i32.lt_s
        br_if 0
      end
    end
  )
)`,
  );
});
