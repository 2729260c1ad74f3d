import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, extractLane, f32x4, i32, load, shuffle32 } from "./assembler.ts";
import { ModuleBuilder } from "./module.ts";
import { instructions } from "./opcodes.ts";

function instantiate(module: ModuleBuilder): {
  memory: Float32Array;
  call: (name: string, ...values: number[]) => number;
} {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()), { host: { memory } });
  return {
    memory: new Float32Array(memory.buffer),
    call: (name, ...values) => (instance.exports[name] as (...values: number[]) => number)(...values),
  };
}

function newModule(): ModuleBuilder {
  const module = new ModuleBuilder();
  module.importMemory({ shared: false, minimumPages: 1, maximumPages: 1 });
  return module;
}

test("every instruction of the table validates where it is known at all", () => {
  const relaxed = (name: string): boolean => name.includes("relaxed");
  for (const { name, parameters, result, align, lanes } of instructions.values()) {
    if (relaxed(name) || lanes !== undefined || align !== undefined) continue;
    const module = newModule();
    const f = module.function("f", parameters, result);
    const value = { type: result!, arguments: [...f.parameters], code: [] };
    assert.equal(value.arguments.length, parameters.length);
    const { op } = { op: instructions.get(name)! };
    const head = op.prefix ? [op.prefix, ...leb(op.code)] : [op.code];
    f.return({ ...value, code: head });
    assert.ok(WebAssembly.validate(module.build()), name);
  }
});

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, value >> 7];
}

test("a loop over memory doubles vectors", () => {
  const module = newModule();
  const f = module.function("double", ["i32", "i32"]);
  const [address, count] = f.parameters;
  const i = f.local("i32");
  f.forRange(i, 0, count, 4, () => {
    const place = f.define(i32.add(address, i32.shl(i, 2)));
    f.store("v128.store", place, f32x4.mul(load("v128.load", place), 2));
  });
  module.export(f);
  const { memory, call } = instantiate(module);
  memory.set([1, 2, 3, 4, 5, 6, 7, 8, 9], 4);
  call("double", 16, 8);
  assert.deepEqual([...memory.slice(4, 13)], [2, 4, 6, 8, 10, 12, 14, 16, 9]);
});

test("shuffles, lanes, branches and calls", () => {
  const module = newModule();
  const larger = module.function("larger", ["i32", "i32"], "i32");
  larger.return(
    choose(i32.gt_s(larger.parameters[0], larger.parameters[1]), larger.parameters[0], larger.parameters[1]),
  );
  const f = module.function("sum", ["i32"], "i32");
  const total = f.local("i32");
  const i = f.local("i32");
  f.block((leave) => {
    f.loop((again) => {
      f.branchIf(leave, i32.ge_s(i, f.parameters[0]));
      f.increase(i, 1);
      f.if(i32.and(i, 1), () => f.branch(again));
      f.increase(total, i);
      f.branch(again);
    });
  });
  f.return(total);
  const third = module.function("third", [], "f32");
  third.return(extractLane("f32x4", shuffle32(load("v128.load", 0), load("v128.load", 16), [0, 7, 5, 1]), 1));
  for (const callee of [larger, f, third]) module.export(callee);
  const { memory, call } = instantiate(module);
  memory.set([1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(call("larger", -3, 4), 4);
  assert.equal(call("sum", 10), 30);
  assert.equal(call("third"), 8);
});

test("malformed code is refused when it is built", () => {
  const module = newModule();
  const f = module.function("f", ["i32", "f32"]);
  const other = module.function("g", ["i32"]);
  assert.throws(() => i32.add(f.parameters[0], f.parameters[1]), /operand 1 is f32, but i32 is wanted/);
  assert.throws(() => i32.add(f.parameters[0]), /takes 2 operands/);
  assert.throws(() => f.drop(i32.eqz(other.parameters[0])), /local of g/);
  assert.throws(() => load("v128.lode", 0), /knows no instruction/);
  assert.throws(() => f.store("i32.load", 0, 1), /takes 1 operands/);
});
