// 256-bit arithmetic: V8's experimental option `--experimental-wasm-revectorize` joins two neighbouring 128-bit operations to
// one, so a tile of sums 16 columns wide runs at almost twice the rate of one with 8 (measured: 110 against 55 GFLOP/s of
// a core whose 128-bit peak is 59). The option is experimental, so it is off unless asked for, and what it makes of the
// multiplication is checked at the start, after the optimising compiler has had its turn.
import { constF32x4, i32, load } from "../code/assembler.ts";
import type { Features } from "../code/features.ts";
import { ModuleBuilder } from "../code/module.ts";
import { multiplyAdd } from "../scalar/math.ts";

const depth = 48;
const rows = 4;
const columns = 16;

/** Whether products of small whole numbers come out exact, again and again. */
export function wideWorks(features: Features): boolean {
  const module = new ModuleBuilder();
  module.importMemory({ shared: false, minimumPages: 1, maximumPages: 1 });
  const f = module.function("multiply", ["i32", "i32", "i32"]);
  const [a, b, out] = f.parameters;
  const sums = f.locals("v128", (rows * columns) / 4);
  for (const sum of sums) f.set(sum, constF32x4(0));
  const i = f.local("i32");
  const right = f.locals("v128", columns / 4);
  const left = f.local("v128");
  f.forRange(i, 0, depth, 1, () => {
    right.forEach((vector, j) => {
      f.set(vector, load("v128.load", b, j * 16));
    });
    for (let row = 0; row < rows; row++) {
      f.set(left, load("v128.load32_splat", a, row * 4));
      right.forEach((vector, j) => {
        const sum = sums[(row * columns) / 4 + j];
        f.set(sum, multiplyAdd({ features }, left, vector, sum));
      });
    }
    f.set(a, i32.add(a, rows * 4));
    f.set(b, i32.add(b, columns * 4));
  });
  sums.forEach((sum, place) => {
    f.store("v128.store", out, sum, place * 16);
  });
  module.export(f);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build(false)), { host: { memory } });
  const multiply = instance.exports.multiply as (a: number, b: number, out: number) => void;
  const numbers = new Float32Array(memory.buffer);
  const right0 = depth * rows;
  const out0 = right0 + depth * columns;
  for (let n = 0; n < out0; n++) numbers[n] = ((n * 7) % 11) - 5;
  for (let round = 0; round < 3000; round++) {
    multiply(0, right0 * 4, out0 * 4);
    if (round % 500 !== 499) continue;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += numbers[k * rows + row] * numbers[right0 + k * columns + column];
        if (numbers[out0 + row * columns + column] !== sum) return false;
      }
  }
  return true;
}
