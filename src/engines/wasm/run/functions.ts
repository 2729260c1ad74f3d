// The module of a program: the runtime, and a function for every phase, shared by those of the same key.
import type { Step } from "../../../kernel/plan.ts";
import { constI32, FunctionBuilder, i32, type Local, load, type ValueType } from "../code/assembler.ts";
import type { Features } from "../code/features.ts";
import { ModuleBuilder } from "../code/module.ts";
import { importMath } from "../scalar/host.ts";
import { buffer, type Emission, type Phase, type Place, placeName } from "../strategy.ts";
import type { Spot } from "./buffers.ts";
import { addRuntime, control, phaseParameters } from "./runtime.ts";

/** A phase of a step, with what it is called with. */
export interface PlacedPhase {
  readonly phase: Phase;
  readonly functionKey: string;
  readonly label: string;
  readonly step: Step;
  readonly places: readonly Place[];
  readonly emission: Emission;
  /** Where each place lies: in a slot, in the kept region, in scratch; thread buffers in thread scratch. */
  readonly addressOf: (place: Place) => Spot;
}

interface FunctionOptions {
  readonly features: Features;
  readonly shared: boolean;
  readonly spins: number;
  readonly trace?: boolean;
  readonly checks?: boolean;
  readonly recordsAddress: number;
  readonly threadAddress: number;
  readonly threadBytes: number;
  readonly traceAddress: number;
}

/** Writes the module; `places` are those of the functions in its table, by key. */
export function emitFunctions(
  all: readonly PlacedPhase[],
  options: FunctionOptions,
): { module: Uint8Array<ArrayBuffer>; places: Map<string, number> } {
  const { features, shared, spins } = options;
  const module = new ModuleBuilder();
  module.importMemory({ shared, minimumPages: 1, maximumPages: 65536 });
  const math = importMath(module);
  const trace = options.trace
    ? {
        address: options.traceAddress,
        records: all.length,
        now: module.importFunction("clock", "now", [], "f64"),
      }
    : undefined;
  addRuntime(module, {
    ...(trace ? { trace } : {}),
    shared,
    refuses: all.some(({ phase }) => phase.places),
    recordsAddress: options.recordsAddress,
    threadScratchAddress: options.threadAddress,
    threadScratchBytes: options.threadBytes,
    spins,
  });
  const places = new Map<string, number>();
  const helpers = new Map<string, FunctionBuilder>();
  for (const { phase, functionKey, places: operands, emission, addressOf } of all) {
    if (places.has(functionKey)) continue;
    const f = module.function(`${phase.name}_${places.size}`, phaseParameters);
    const [from, to, list, threadScratch] = f.parameters;
    const known = new Map<Place, Local>();
    for (const [i, place] of operands.entries()) known.set(place, f.define(load("i32.load", list, i * 4)));
    for (const { name, scope } of emission.buffers) {
      const place = buffer(name);
      if (scope === "thread") known.set(place, f.define(i32.add(threadScratch, addressOf(place).offset)));
    }
    phase.emit({
      f,
      from,
      to,
      features,
      math,
      address: (place) => {
        const local = known.get(place);
        if (!local) throw new Error(`${f.name} neither reads nor writes ${placeName(place)}.`);
        return local;
      },
      refuse(index, at) {
        if (!phase.places) throw new Error(`${f.name} refuses an index, but does not say that it takes places.`);
        f.if(i32.eqz(load("i32.load", threadScratch)), () => {
          f.store("i32.store", threadScratch, list);
          f.store("i32.store", threadScratch, at, 4);
          f.store("i32.store", threadScratch, index, 8);
          f.store(shared ? "i32.atomic.store" : "i32.store", constI32(0), constI32(1), control.refused);
        });
      },
      helper(key, parameters, result, write) {
        const known = helpers.get(key);
        if (known) {
          if (options.checks) sameCode(known, parameters, result, (again) => write({ f: again, features, math }));
          return known;
        }
        const inner = module.function(key, parameters, result);
        helpers.set(key, inner);
        write({ f: inner, features, math });
        return inner;
      },
    });
    places.set(functionKey, module.tabulate(f));
  }
  return { module: module.build(), places };
}

/** A key names all that its function's code depends on: written anew, it is the same. */
function sameCode(
  known: FunctionBuilder,
  parameters: readonly ValueType[],
  result: ValueType | undefined,
  write: (again: FunctionBuilder) => void,
): void {
  const again = new FunctionBuilder(known.name, known.index, parameters, result);
  write(again);
  const [before, after] = [known, again].map((one) => one.finish().view());
  if (before.length !== after.length || before.some((byte, i) => byte !== after[i]))
    throw new Error(
      `Two helpers of the key "${known.name}" are not the same code: the key must name all that it depends on.`,
    );
}
