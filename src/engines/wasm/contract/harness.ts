// Runs one strategy on one kernel without the engine: for tests and benchmarks. Threads are played one after the other,
// each with its own ranges of items and its own scratch, which is all that can change the bits.
import type { NdArray } from "../../../base/array.ts";
import { sizeOf } from "../../../base/shape.ts";
import { contractShape } from "../../../kernel/interpret.ts";
import type { ContractKernel } from "../../../kernel/kernel.ts";
import type { Callable, ValueType } from "../code/assembler.ts";
import type { Features } from "../code/features.ts";
import { ModuleBuilder } from "../code/module.ts";
import { hostMath, importMath } from "../scalar/host.ts";
import { buffer, type Emission, type Place, placeName } from "../strategy.ts";

export interface Prepared {
  readonly emission: Emission;
  readonly moduleBytes: number;
  /** Runs all phases; those marked `once` only in the first run, unless the factors count as changed. */
  run(threads?: number, changed?: boolean): void;
  /** Milliseconds of each phase, run once each on one thread. */
  profile(): { readonly name: string; readonly milliseconds: number }[];
  result(): Float32Array;
  /** Whether the 64 bytes before and behind the output are as they were: what lies there may be another's. */
  keptInside(): boolean;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** `emission`: of a way to carry out the kernel. */
export function prepare(
  emission: Emission,
  kernel: ContractKernel,
  inputs: readonly NdArray[],
  features: Features,
  mostThreads = 1,
): Prepared {
  const size = sizeOf(contractShape(kernel.form));
  let bytes = 1024;
  const take = (count: number): number => {
    const at = bytes;
    bytes += align(count) + 64;
    return at;
  };
  const inputAddresses = inputs.map(({ data }) => take(data.length * 4));
  const outputAddress = take(size * 4 + 64);
  const bufferAddresses = new Map(
    emission.buffers.map((b) => [
      b.name,
      Array.from({ length: b.scope === "thread" ? mostThreads : 1 }, () => take(b.bytes)),
    ]),
  );
  const addressOf = (place: Place, thread: number): number => {
    if (place.kind === "output") return outputAddress;
    if (place.kind === "input") return inputAddresses[place.index];
    const list = bufferAddresses.get(place.name) ?? [];
    return list[Math.min(thread, list.length - 1)];
  };
  const pages = Math.ceil(bytes / 65536) + 1;
  const module = new ModuleBuilder();
  module.importMemory({ shared: false, minimumPages: pages, maximumPages: pages });
  const math = importMath(module);
  const helpers = new Map<string, Callable>();
  emission.phases.forEach((phase, index) => {
    const places = [...new Set([...phase.reads, ...phase.writes])];
    const f = module.function(`phase${index}`, ["i32", "i32", ...places.map((): ValueType => "i32")]);
    module.export(f);
    phase.emit({
      f,
      features,
      math,
      from: f.parameters[0],
      to: f.parameters[1],
      address(place) {
        const at = places.indexOf(place);
        if (at < 0) throw new Error(`The phase ${phase.name} does not name ${placeName(place)}.`);
        return f.parameters[at + 2];
      },
      refuse() {
        throw new Error(`The phase ${phase.name} takes no places from data.`);
      },
      helper(key, parameters, result, write) {
        let callee = helpers.get(key);
        if (!callee) {
          const inner = module.function(key, parameters, result);
          write({ f: inner, features, math });
          helpers.set(key, inner);
          callee = inner;
        }
        return callee;
      },
    });
  });
  const code = module.build();
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { host: { memory }, math: { ...hostMath } });
  new Float32Array(memory.buffer).fill(Number.NaN);
  inputs.forEach(({ data }, i) => {
    new Float32Array(memory.buffer, inputAddresses[i], data.length).set(data);
  });
  for (const { name, data } of emission.buffers) {
    if (data) new Uint8Array(memory.buffer).set(data, addressOf(buffer(name), 0));
  }
  const call = (index: number, from: number, to: number, thread: number): void => {
    const phase = emission.phases[index];
    const places = [...new Set([...phase.reads, ...phase.writes])];
    const callee = instance.exports[`phase${index}`] as (...numbers: number[]) => void;
    callee(from, to, ...places.map((place) => addressOf(place, thread)));
  };
  let first = true;
  return {
    emission,
    moduleBytes: code.length,
    run(threads = 1, changed = false) {
      emission.phases.forEach(({ items, once }, index) => {
        if (once && !first && !changed) return;
        for (let t = 0; t < threads; t++) {
          const from = Math.floor((items * t) / threads);
          const to = Math.floor((items * (t + 1)) / threads);
          if (from < to) call(index, from, to, t);
        }
      });
      first = false;
    },
    profile() {
      return emission.phases.map(({ name, items }, index) => {
        const start = performance.now();
        if (items > 0) call(index, 0, items, 0);
        return { name, milliseconds: performance.now() - start };
      });
    },
    result: () => new Float32Array(memory.buffer, outputAddress, size).slice(),
    keptInside: () =>
      [outputAddress - 64, outputAddress + size * 4].every((at) =>
        new Float32Array(memory.buffer, at, 16).every(Number.isNaN),
      ),
  };
}
