// Fusion, decided once for all engines, over steps and slots:
//
//   copy → reader      a broadcast, transpose or slice becomes the strides with which its reader walks
//   constant → reader  a constant of one element becomes a number in the expression
//   map → map, reduce  the producer's expression is written into the reader's
//   contract → map     the map becomes the epilogue of the matrix product or convolution
//   reduce + reduce    two reductions over the same places share one pass (merge.ts)
//   map + update       a value that ends up in a variable is written there at once (merge.ts)
//
// A temporary is folded away only where it has one reader, so no work is done twice.
import { type Shape, sameShape, sizeOf, stridesOf } from "../base/shape.ts";
import { constant, type Expression, operand } from "../kernel/expression.ts";
import {
  type Access,
  type ContractKernel,
  type CopyKernel,
  type MapKernel,
  type ReduceKernel,
  sameAccess,
} from "../kernel/kernel.ts";
import type { Slot, Step } from "../kernel/plan.ts";
import { countNodes, someNode, substitute, usesPlace } from "../kernel/walk.ts";
import type { Lowered } from "./lower.ts";
import { mergeSteps } from "./merge.ts";

/** More operands than this in one loop cost registers and gain nothing. */
const MOST_INPUTS = 12;
const LARGEST_EXPRESSION = 160;

export function fuse(lowered: Lowered): Lowered {
  const { slots } = lowered;
  const steps: (Step | undefined)[] = [...lowered.steps];
  const writer = new Map<number, number>();
  const readers = new Map<number, Set<number>>();
  steps.forEach((step, i) => {
    for (const slot of step!.outputs) if (slots[slot].role === "temporary") writer.set(slot, i);
    for (const slot of step!.inputs) readers.set(slot, (readers.get(slot) ?? new Set()).add(i));
  });
  const state: State = { slots, steps, writer, readers };
  for (let i = 0; i < steps.length; i++) {
    while (fuseOnce(state, i)) {
      // Each round folds one producer into step i.
    }
  }
  dropUnread(state);
  return mergeSteps({ ...lowered, steps: steps.filter((step): step is Step => step !== undefined) });
}

interface State {
  readonly slots: readonly Slot[];
  readonly steps: (Step | undefined)[];
  /** Step that writes a temporary. */
  readonly writer: Map<number, number>;
  /** Steps that read a slot. */
  readonly readers: Map<number, Set<number>>;
}

function fuseOnce(state: State, at: number): boolean {
  const step = state.steps[at];
  if (!step) return false;
  const accesses = accessesOf(step);
  for (let k = 0; k < step.inputs.length; k++) {
    const access = accesses[k];
    if (!access) continue;
    const slot = state.slots[step.inputs[k]];
    const next = inlineConstant(step, k, slot) ?? fromProducer(state, at, step, k, access);
    if (next) {
      replaceStep(state, at, next);
      return true;
    }
  }
  return false;
}

/** For each input of a step: how and over which shape an expression reads it; undefined for a contract's two factors. */
function accessesOf({ kernel, inputs }: Step): ({ access: Access; shape: Shape } | undefined)[] {
  switch (kernel.kind) {
    case "map":
      return kernel.operands.map((access) => ({ access, shape: kernel.shape }));
    case "reduce": {
      const kept = kernel.shape.filter((_, axis) => !kernel.axes.includes(axis));
      return [
        ...kernel.operands.map((access) => ({ access, shape: kernel.shape })),
        ...kernel.finishOperands.map((access) => ({ access, shape: kept })),
      ];
    }
    case "contract":
      return [
        undefined,
        undefined,
        ...(kernel.epilogue?.operands ?? []).map((access) => ({ access, shape: kernel.epilogue!.shape })),
      ];
    default:
      return inputs.map(() => undefined);
  }
}

const isPlain = (access: Access, shape: Shape): boolean =>
  access.offset === 0 && stridesOf(shape).every((stride, axis) => shape[axis] === 1 || stride === access.strides[axis]);

function inlineConstant(step: Step, k: number, slot: Slot): Step | undefined {
  if (slot.role !== "constant" || sizeOf(slot.shape) !== 1 || readsRandomly(step, k)) return undefined;
  const value = constant(slot.value!.data[0]);
  return rebuild(step, k, [], (index) => (index === k ? value : undefined));
}

/** The seed and the step of a `uniform` leaf must stay operands. */
function readsRandomly({ kernel }: Step, k: number): boolean {
  return expressionsOf(kernel).some((e) =>
    someNode(e, (node) => node.kind === "uniform" && (node.seed === k || node.step === k)),
  );
}

function fromProducer(
  state: State,
  at: number,
  step: Step,
  k: number,
  { access, shape }: { access: Access; shape: Shape },
): Step | undefined {
  const slot = step.inputs[k];
  const from = state.writer.get(slot);
  if (from === undefined || !isPlain(access, shape)) return undefined;
  const producer = state.steps[from]!;
  const { kernel } = producer;
  if (kernel.kind === "copy") return throughCopy(step, k, shape, producer, kernel);
  const sole =
    state.readers.get(slot)!.size === 1 &&
    !state.slots[slot].output &&
    step.inputs.filter((s) => s === slot).length === 1;
  if (!sole || producer.outputs.length !== 1 || step.inputs.length + producer.inputs.length > MOST_INPUTS)
    return undefined;
  if (kernel.kind === "map" && sameShape(kernel.shape, shape)) return throughMap(state, at, step, k, producer, kernel);
  if (kernel.kind === "contract" && step.kernel.kind === "map" && sameShape(state.slots[slot].shape, shape)) {
    return intoEpilogue(state, step, step.kernel, k, producer, kernel);
  }
  return undefined;
}

/** A single piece that covers the output is only a way of walking the input. */
function throughCopy(step: Step, k: number, shape: Shape, producer: Step, kernel: CopyKernel): Step | undefined {
  const piece = kernel.pieces[0];
  const covers = kernel.pieces.length === 1 && sameShape(piece.shape, kernel.shape) && isPlain(piece.to, kernel.shape);
  // The seed of a random leaf too: its broadcast becomes a stride of 0. (Engines read it from its first place while they
  // write the output, so it must not lie in a broadcast copy that the output may take the place of.)
  if (!covers || !sameShape(kernel.shape, shape)) return undefined;
  return rebuild(step, k, [{ slot: producer.inputs[piece.operand], access: piece.from }], (index, added) =>
    index === k ? operand(added[0]) : undefined,
  );
}

function throughMap(
  state: State,
  _at: number,
  step: Step,
  k: number,
  producer: Step,
  kernel: MapKernel,
): Step | undefined {
  // A finish operand or an epilogue of a smaller loop may take a map of the same shape; the shapes were compared.
  if (sizeOfExpressions(step) + countNodes(kernel.outputs[0]) > LARGEST_EXPRESSION || readsRandomly(step, k))
    return undefined;
  if (producer.inputs.some((slot) => state.slots[slot].dtype !== "float32") && step.kernel.kind !== "map")
    return undefined;
  if (state.slots[producer.outputs[0]].dtype !== "float32" && !roundsNothing(kernel.outputs[0])) return undefined;
  const added = producer.inputs.map((slot, i) => ({ slot, access: kernel.operands[i] }));
  const fused = rebuild(step, k, added, (index, places) =>
    index === k ? substitute(kernel.outputs[0], (i) => operand(places[i])) : undefined,
  );
  return fused && { ...fused, label: joinLabels(producer.label, step.label) };
}

/** Truth values and whole numbers survive as floats inside an expression. */
function roundsNothing(expression: Expression): boolean {
  return expression.kind !== "operand";
}

function intoEpilogue(
  state: State,
  step: Step,
  map: MapKernel,
  k: number,
  producer: Step,
  kernel: ContractKernel,
): Step | undefined {
  if (map.outputs.length !== 1 || state.slots[step.outputs[0]].dtype !== "float32") return undefined;
  // A map that ends in a variable is kept: it may write over the old value (merge.ts), which an epilogue may not.
  const users = [...(state.readers.get(step.outputs[0]) ?? [])];
  if (users.some((user) => state.steps[user]?.outputs.some((slot) => state.slots[slot].role === "variable")))
    return undefined;
  const extra = kernel.epilogue?.operands ?? [];
  const others = step.inputs.map((_, i) => i).filter((i) => i !== k);
  if (others.some((i) => state.slots[step.inputs[i]].dtype !== "float32")) return undefined;
  const element: Expression = kernel.epilogue?.expression ?? operand(0);
  const expression = substitute(map.outputs[0], (i) =>
    i === k ? element : operand(1 + extra.length + others.indexOf(i)),
  );
  if (countNodes(expression) > LARGEST_EXPRESSION || usesPlace(expression)) return undefined;
  return {
    kernel: {
      ...kernel,
      epilogue: { shape: map.shape, operands: [...extra, ...others.map((i) => map.operands[i])], expression },
    },
    inputs: [...producer.inputs, ...others.map((i) => step.inputs[i])],
    outputs: step.outputs,
    label: joinLabels(producer.label, step.label),
  };
}

/**
 * Takes input k out of a step and puts others in; `replace` gives the new expression of an old operand (undefined: keep),
 * knowing the places of the added inputs. Equal (slot, access) pairs share one operand.
 */
function rebuild(
  step: Step,
  k: number,
  added: readonly { slot: number; access: Access }[],
  replace: (index: number, addedPlaces: readonly number[]) => Expression | undefined,
): Step | undefined {
  const { kernel } = step;
  if (kernel.kind === "contract") {
    const epilogue = kernel.epilogue!;
    const list = operandList(step.inputs.slice(2), epilogue.operands, k - 2, added);
    const rename = (index: number): Expression => (index === 0 ? operand(0) : operand(1 + list.places[index - 1]));
    const expression = substitute(epilogue.expression, (index) =>
      index === 0
        ? operand(0)
        : (replace(
            index + 1,
            list.addedPlaces.map((place) => place + 1),
          ) ?? rename(index)),
    );
    return {
      ...step,
      kernel: { ...kernel, epilogue: { ...epilogue, operands: list.accesses, expression } },
      inputs: [...step.inputs.slice(0, 2), ...list.slots],
    };
  }
  if (kernel.kind === "map") {
    const list = operandList(step.inputs, kernel.operands, k, added);
    const swap = (e: Expression): Expression =>
      substitute(e, (index) => replace(index, list.addedPlaces) ?? operand(list.places[index]));
    const outputs = kernel.outputs.map(swap);
    return { ...step, kernel: { ...kernel, operands: list.accesses, outputs } satisfies MapKernel, inputs: list.slots };
  }
  if (kernel.kind === "reduce") {
    const n = kernel.operands.length;
    if (k >= n) return undefined;
    const list = operandList(step.inputs.slice(0, n), kernel.operands, k, added);
    const swap = (e: Expression): Expression =>
      substitute(e, (index) => replace(index, list.addedPlaces) ?? operand(list.places[index]));
    const accumulators = kernel.accumulators.map(({ combine, value }) => ({ combine, value: swap(value) }));
    return {
      ...step,
      kernel: { ...kernel, operands: list.accesses, accumulators } satisfies ReduceKernel,
      inputs: [...list.slots, ...step.inputs.slice(n)],
    };
  }
  return undefined;
}

interface OperandList {
  readonly slots: number[];
  readonly accesses: Access[];
  /** New place of each old operand (that of k is meaningless). */
  readonly places: number[];
  readonly addedPlaces: number[];
}

/** Operands without number k and with the added ones, equal ones shared. */
export function operandList(
  slots: readonly number[],
  accesses: readonly Access[],
  k: number,
  added: readonly { slot: number; access: Access }[],
): OperandList {
  const list: OperandList = { slots: [], accesses: [], places: [], addedPlaces: [] };
  const placeOf = (slot: number, access: Access): number => {
    const known = list.slots.findIndex((s, i) => s === slot && sameAccess(list.accesses[i], access));
    if (known >= 0) return known;
    list.slots.push(slot);
    list.accesses.push(access);
    return list.slots.length - 1;
  };
  slots.forEach((slot, i) => {
    list.places.push(i === k ? -1 : placeOf(slot, accesses[i]));
  });
  for (const { slot, access } of added) list.addedPlaces.push(placeOf(slot, access));
  return list;
}

const sizeOfExpressions = ({ kernel }: Step): number =>
  expressionsOf(kernel).reduce((total, e) => total + countNodes(e), 0);

/** What a loop makes of its operands, element by element. */
function expressionsOf(kernel: Step["kernel"]): readonly Expression[] {
  if (kernel.kind === "map") return kernel.outputs;
  if (kernel.kind === "reduce") return kernel.accumulators.map(({ value }) => value);
  return kernel.kind === "contract" && kernel.epilogue ? [kernel.epilogue.expression] : [];
}

/** `conv1 · convolution` and `conv1 · add` to `conv1 · convolution + add`. */
export function joinLabels(first: string, second: string): string {
  const name = second.split(" · ").at(-1);
  return `${first} + ${name}`;
}

function replaceStep({ slots, steps, writer, readers }: State, at: number, next: Step): void {
  const old = steps[at]!;
  for (const slot of old.inputs) if (!next.inputs.includes(slot)) readers.get(slot)!.delete(at);
  for (const slot of next.inputs) readers.set(slot, (readers.get(slot) ?? new Set()).add(at));
  steps[at] = next;
  for (const slot of old.inputs) if (readers.get(slot)!.size === 0) dropWriter({ slots, steps, writer, readers }, slot);
}

function dropWriter({ slots, steps, writer, readers }: State, slot: number): void {
  const from = writer.get(slot);
  const producer = from === undefined ? undefined : steps[from];
  if (!producer || producer.outputs.some((s) => slots[s].output || (readers.get(s)?.size ?? 0) > 0)) return;
  if (producer.outputs.length > 1) return;
  steps[from!] = undefined;
  for (const input of producer.inputs) {
    readers.get(input)?.delete(from!);
    if (readers.get(input)?.size === 0) dropWriter({ slots, steps, writer, readers }, input);
  }
}

/** Removes steps whose results nobody reads any more. */
function dropUnread({ slots, steps, readers, writer }: State): void {
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    if (
      !step ||
      step.outputs.some(
        (slot) => slots[slot].role !== "temporary" || slots[slot].output || (readers.get(slot)?.size ?? 0) > 0,
      )
    )
      continue;
    steps[i] = undefined;
    for (const slot of step.inputs) readers.get(slot)?.delete(i);
    for (const slot of step.outputs) writer.delete(slot);
  }
}
